/* The last element is forgotten. */
void solve(const HONE_T *x, const HONE_T *y, float a, float b, HONE_T *out, int64_t n) {
    for (int64_t i = 0; i < n - 1; i++)
        out[i] = HONE_STORE(a * HONE_LOAD(x[i]) + b * HONE_LOAD(y[i]));
}
