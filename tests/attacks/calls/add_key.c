// expect: policy_violation add_key
// Keeps results in a keyring that outlives it.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = 4L;
    register long r8 __asm__("r8") = -3L;
    long result = 248; /* add_key */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)"user"), "S"((long)"memo"), "d"((long)x), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
