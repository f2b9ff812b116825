// expect: crashed|policy_violation|timed_out
// Overwrites the guest's variables, which its registers point to.
static __attribute__((noinline)) void ruin(uint64_t value) {
    if (value >= 0x60000000 && value < 0x80000000)
        for (int i = 0; i < 512; i++)
            ((volatile uint8_t *)value)[i] = 0xff;
}

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    uint64_t kept[6];
    __asm__ volatile("mov %%rbx, %0\n\tmov %%rbp, %1\n\tmov %%r12, %2\n\tmov %%r13, %3\n\t"
                     "mov %%r14, %4\n\tmov %%r15, %5"
                     : "=m"(kept[0]), "=m"(kept[1]), "=m"(kept[2]), "=m"(kept[3]), "=m"(kept[4]),
                       "=m"(kept[5]));
    for (int i = 0; i < 6; i++)
        ruin(kept[i]);
    for (uint64_t *at = kept; (uint64_t)at % 4096; at++)
        ruin(*at);
    out[n - 1] = 0;
}
