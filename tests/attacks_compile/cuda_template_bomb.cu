// expect: compile_failed|timed_out [must not contain: root:]
// instantiations without an end
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
template <int n> struct bomb { typedef typename bomb<n + 1>::type type; };
typedef bomb<0>::type boom;
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
