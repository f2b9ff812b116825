// expect: compile_failed|timed_out [must not contain: root:]
// a computation without an end while compiling
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
constexpr long spin() { long s = 0; for (long i = 0; i < (1l << 60); i++) s ^= i; return s; }
static_assert(spin() >= 0, "");
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
