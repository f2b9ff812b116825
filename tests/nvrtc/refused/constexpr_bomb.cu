// expect: compile_failed
constexpr long turn(long n) { long s = 0; for (long i = 0; i < n; i++) s += i * s; return s; }
__constant__ long value = turn(1000000000000);
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
