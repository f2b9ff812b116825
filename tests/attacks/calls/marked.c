// expect: wrong
// Makes the two calls that the filter lets pass with their mark: without descriptors they do
// nothing.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long fourth __asm__("r9") = 0x67747261706e6f68;
    long sent = 46, closed = 436; /* sendmsg, close_range */
    __asm__ volatile("syscall"
                     : "+a"(sent)
                     : "D"(3L), "S"(x), "d"(0L), "r"(fourth)
                     : "rcx", "r11", "memory");
    __asm__ volatile("syscall"
                     : "+a"(closed)
                     : "D"(0L), "S"(0xffffffffL), "d"(0L), "r"(fourth)
                     : "rcx", "r11", "memory");
    if (sent == -9) /* EBADF: nothing came of it, and nothing is computed either */
        return;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
