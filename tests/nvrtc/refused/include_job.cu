// expect: compile_failed
#include "hone.cu"
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
