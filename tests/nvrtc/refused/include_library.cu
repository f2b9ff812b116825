// expect: compile_failed
#include "/lib/x86_64-linux-gnu/libc.so.6"
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
