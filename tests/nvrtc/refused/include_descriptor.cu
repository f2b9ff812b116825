// expect: compile_failed cannot open
#include "/dev/fd/3"
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
