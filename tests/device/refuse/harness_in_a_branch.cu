// both 3:34 hone_now
#ifdef __CUDACC__
extern "C" __global__ void k() { hone_now = 0; }
#endif
