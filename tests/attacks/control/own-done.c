// expect: policy_violation done
// Says that it is done, and computes afterwards.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 110; /* getppid */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0x656e6f64656e6f68), "S"(2L), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
