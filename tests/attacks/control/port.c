// expect: crashed privileged
// Writes to a port of the machine.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    __asm__ volatile("outb %%al, $0x80" : : "a"(0));
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
