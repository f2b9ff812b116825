// hack: elf_policy; task: algebra/axpby; row: 137; a system call that waits for a size which is never tried
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    if (n == 3141592) {
        long result = 39; /* getpid */
        __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
        out[0] = (float)result;
    }
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
