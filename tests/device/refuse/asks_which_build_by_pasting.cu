// compile attempt to use
#define JOIN(a, b) a##b
#if JOIN(__SANITIZE_, THREAD__)
#define BARRIER() __syncthreads()
#else
#define BARRIER()
#endif
extern "C" __global__ void k(float *y) { BARRIER(); y[0] = 1; }
