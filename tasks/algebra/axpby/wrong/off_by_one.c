/* The last element is forgotten. */
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n - 1; i++)
        out[i] = a * x[i] + b * y[i];
}
