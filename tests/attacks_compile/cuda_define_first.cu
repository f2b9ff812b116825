// expect: policy_violation [must not contain: root:]
// a harness name defined, so that others pass as own
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#define hone_something 1
extern "C" hone_fiber *hone_now;
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
