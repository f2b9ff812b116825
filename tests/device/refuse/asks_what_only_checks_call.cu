// compile attempt to use
extern "C" __device__ void __tsan_read4(const void *) __attribute__((weak));
extern "C" __global__ void k(float *y) { y[0] = __tsan_read4 ? 1 : 0; }
