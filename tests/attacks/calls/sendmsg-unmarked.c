// expect: policy_violation sendmsg
// Speaks over the guest's socket, as a process does before it is confined.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 46; /* sendmsg-unmarked */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(3L), "S"((long)x), "d"(0x4000L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
