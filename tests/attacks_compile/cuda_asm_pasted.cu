// expect: compile_failed [must not contain: root:]
// assembly by pasting
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#define P(a, b) a##b
P(__as, m__)(".incbin \"/etc/passwd\"");
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
