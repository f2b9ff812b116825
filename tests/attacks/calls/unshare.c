// expect: policy_violation unshare
// Makes a namespace to be privileged in.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 272; /* unshare */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0x10000000L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
