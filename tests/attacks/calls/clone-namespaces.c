// expect: policy_violation clone
// Makes namespaces to be privileged in.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 56; /* clone-namespaces */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0x7c020011L), "S"(0L), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
