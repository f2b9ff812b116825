// expect: policy_violation memfd_create
// Makes a file to keep things in.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 319; /* memfd_create */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)"memory"), "S"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
