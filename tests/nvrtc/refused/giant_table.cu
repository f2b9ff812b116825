// expect: compile_failed
__constant__ char table[1 << 30] = {1};
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
