// expect: compile_failed|timed_out [must not contain: root:]
// instantiations twice as many at every level
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
template <int n, int i> struct tree { static constexpr long value = tree<n - 1, 2 * i>::value + tree<n - 1, 2 * i + 1>::value; };
template <int i> struct tree<0, i> { static constexpr long value = i; };
static_assert(tree<28, 1>::value, "");
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
