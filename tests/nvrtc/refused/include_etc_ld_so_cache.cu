// expect: compile_failed cannot open
#include "/etc/ld.so.cache"
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
