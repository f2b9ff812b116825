/* The tail after the last whole vector is never written. */
void solve(const HONE_T *x, const HONE_T *y, float a, float b, HONE_T *out, int64_t n) {
    for (int64_t i = 0; i + 8 <= n; i += 8)
        for (int64_t j = i; j < i + 8; j++)
            out[j] = HONE_STORE(a * HONE_LOAD(x[j]) + b * HONE_LOAD(y[j]));
}
