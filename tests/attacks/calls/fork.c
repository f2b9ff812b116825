// expect: policy_violation fork
// Leaves a process behind that goes on computing.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 57; /* fork */
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
