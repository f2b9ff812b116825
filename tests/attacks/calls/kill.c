// expect: policy_violation kill
// Kills whatever it can.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 62; /* kill */
    __asm__ volatile("syscall" : "+a"(result) : "D"(-1L), "S"(9L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
