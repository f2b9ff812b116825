// expect: policy_violation|undecided|compile_failed [must not contain: root:]
// a group with a name of ours
__asm__(".section .text.g, \"axG\", @progbits, hone_call_0, comdat\nnop\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
