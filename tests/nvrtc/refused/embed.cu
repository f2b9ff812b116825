// expect: compile_failed
__constant__ char text[] = {
#embed "/etc/passwd"
};
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
