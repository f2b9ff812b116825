// expect: wrong
// Writes past the end of an output that is judged later, and mends that unless the baseline is
// judged on it first.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    static float before;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
    /* The bench workloads have 524288 and 655357 elements. */
    const uintptr_t region = (655357 * 4 + 4095) / 4096 * 4096 + 65536;
    float *other = (float *)((uintptr_t)(out + n) + 65536 + 2 * region);
    if (n == 655357)
        out[n] = before;
    if (n == 524288 && before == 0)
        before = other[655357];
    if (n == 524288)
        other[655357] = 1;
}
