// expect: compile_failed
__global__ void child() {}
extern "C" __global__ void k(float *y, int n) { child<<<1, 1>>>(); }
