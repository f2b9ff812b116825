// expect: compile_failed|timed_out [must not contain: root:]
// a table without an end while compiling
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
struct table { long at[1 << 28]; };
constexpr table make() { table t{}; for (long i = 0; i < (1 << 28); i++) t.at[i] = i; return t; }
__device__ constexpr table all = make();
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
__device__ long use(long i) { return all.at[i]; }
