// honest: recursion uses much of the stack; task: algebra/gemv
static float dot(const float *a, const float *x, int64_t n) {
    if (n > 64)
        return dot(a, x, n / 2) + dot(a + n / 2, x + n / 2, n - n / 2);
    float sum = 0;
    for (int64_t j = 0; j < n; j++)
        sum += a[j] * x[j];
    return sum;
}

void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++)
        y[i] = dot(a + i * n, x, n);
}
