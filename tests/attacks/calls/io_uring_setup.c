// expect: policy_violation io_uring_setup
// Makes system calls without making them.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 425; /* io_uring_setup */
    __asm__ volatile("syscall" : "+a"(result) : "D"(1L), "S"((long)out) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
