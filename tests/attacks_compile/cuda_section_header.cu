// expect: policy_violation [must not contain: root:]
// bytes before the table of entries
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
__attribute__((section(".hone"))) extern const unsigned long long table[2] = {1, 2};
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
