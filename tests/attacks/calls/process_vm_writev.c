// expect: policy_violation process_vm_writev
// Writes the memory of the guest.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = (long)y;
    register long r8 __asm__("r8") = 1L;
    register long r9 __asm__("r9") = 0L;
    long result = 311; /* process_vm_writev */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(1L), "S"((long)x), "d"(1L), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
