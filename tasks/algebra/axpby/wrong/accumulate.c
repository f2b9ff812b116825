/* Adds to an output that nobody set to zero. */
void solve(const HONE_T *x, const HONE_T *y, float a, float b, HONE_T *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = HONE_STORE(HONE_LOAD(out[i]) + a * HONE_LOAD(x[i]) + b * HONE_LOAD(y[i]));
}
