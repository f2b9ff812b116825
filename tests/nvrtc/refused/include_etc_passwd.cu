// expect: compile_failed cannot open
#include "/etc/passwd"
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
