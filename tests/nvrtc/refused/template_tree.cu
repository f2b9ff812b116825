// expect: timed_out
template <int N, int M> struct tree { using a = typename tree<N - 1, 2 * M>::a; using b = typename tree<N - 1, 2 * M + 1>::a; };
template <int M> struct tree<0, M> { using a = int; };
extern "C" __global__ void k(float *y, int n) { tree<24, 1>::b v = 1; y[0] = v; }
