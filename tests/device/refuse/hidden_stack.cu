// compile poisoned
#ifdef __CUDACC__
extern "C" __global__ void k(float *y, int n) { y[0] = *(float *)__builtin_alloca(n); }
#endif
