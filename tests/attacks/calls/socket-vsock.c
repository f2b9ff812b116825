// expect: policy_violation socket
// Calls out of the virtual machine.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 41; /* socket-vsock */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(40L), "S"(1L), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
