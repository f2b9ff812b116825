/* The tail after the last whole vector is never written. */
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i + 8 <= n; i += 8)
        for (int64_t j = i; j < i + 8; j++)
            out[j] = a * x[j] + b * y[j];
}
