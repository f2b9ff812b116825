// expect: policy_violation sched_setscheduler
// Asks for real-time priority.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 144; /* sched_setscheduler */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"(1L), "d"((long)x)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
