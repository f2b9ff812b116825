// compile poisoned
#ifdef __CUDACC__
extern "C" __global__ void k(float *y) { thread_local float s[32]; y[0] = s[0]; }
#endif
