// expect: policy_violation shmget
// Keeps results in memory that outlives it.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 29; /* shmget */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0x68L), "S"(4096L), "d"(0x3b6L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
