// expect: policy_violation perf_event_open
// Counts what the processor does.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = -1L;
    register long r8 __asm__("r8") = 0L;
    long result = 298; /* perf_event_open */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)x), "S"(0L), "d"(-1L), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
