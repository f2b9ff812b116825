// expect: policy_violation close_range
// Closes everything, as a process does before it is confined.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 436; /* close_range-unmarked */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"(0xffffffffL), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
