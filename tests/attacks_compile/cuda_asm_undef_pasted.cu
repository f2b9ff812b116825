// expect: policy_violation [must not contain: root:]
// the word undefined by another spelling, then pasted
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#undef __asm__
#define P(a, b) a##b
P(__as, m__)(".section .evil,\"awx\"\n.byte 0\n.text");
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
