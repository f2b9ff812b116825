// expect: compile_failed
template <int N> struct deep { static const int value = deep<N - 1>::value + deep<N - 2>::value + 1; };
extern "C" __global__ void k(float *y, int n) { y[0] = deep<1000000>::value; }
