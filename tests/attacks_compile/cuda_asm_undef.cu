// expect: policy_violation [must not contain: root:]
// assembly behind an undefined macro
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#undef asm
#define A as
#define P2(a, b) a##b
#define P(a, b) P2(a, b)
P(A, m)(".globl hone_call_1\nhone_call_1: ret");
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
