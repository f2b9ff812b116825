// expect: compile_failed cannot open
#define FILE "/etc/pass
#define X(a) <a##wd>
#define Y X(/etc/pass)
#include Y
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
