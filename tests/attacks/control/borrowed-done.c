// expect: wrong
// Says done with the guest's own instruction, and computes when the clock has stopped.
/* The guest's only done call: mov $110, %eax; syscall; ret. */
static uintptr_t find(void) {
    static const uint8_t call[] = {0xb8, 0x6e, 0, 0, 0, 0x0f, 0x05, 0xc3};
    for (const uint8_t *at = (const uint8_t *)0x60001000;; at++) {
        unsigned same = 0;
        while (same < sizeof call && at[same] == call[same])
            same++;
        if (same == sizeof call)
            return (uintptr_t)at;
    }
}

static long say(long kind, long code) {
    register long address __asm__("r10") = 0;
    long result;
    __asm__ volatile("call *%5"
                     : "=a"(result)
                     : "D"(0x656e6f64656e6f68), "S"(kind), "d"(code), "r"(address), "r"(find())
                     : "rcx", "r11", "memory");
    return result;
}

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    say(2, 0);
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
