// expect: policy_violation|crashed
// Reads the time through the kernel's fixed page; kernels differ in whether they have it.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = (long)out;
    ((long (*)(long, long))0xffffffffff600000)(result, 0);
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
