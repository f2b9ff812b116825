// compile attempt to use
#ifdef HONE_CHECKING
#define BARRIER() __syncthreads()
#else
#define BARRIER()
#endif
extern "C" __global__ void k(float *y) { BARRIER(); y[0] = 1; }
