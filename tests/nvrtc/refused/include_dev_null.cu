// expect: compile_failed
#include "/dev/null"
#error end
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
