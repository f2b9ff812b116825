// expect: policy_violation clone3
// Starts a process the new way.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 435; /* clone3 */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)out), "S"(88L), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
