/* The factors go to the wrong vectors. */
void solve(const HONE_T *x, const HONE_T *y, float a, float b, HONE_T *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = HONE_STORE(b * HONE_LOAD(x[i]) + a * HONE_LOAD(y[i]));
}
