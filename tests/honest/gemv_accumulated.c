// honest: scratch memory that begins as zeros, and a copy as the last step; task: algebra/gemv
//@hone workspace sums f64[m] zero
//@hone call add args=(a, x, sums, m, n)
//@hone call to_float args=(sums, y, m)
void add(const float *a, const float *x, double *sums, int64_t m, int64_t n) {
    for (int64_t first = 0; first < n; first += 512)
        for (int64_t i = 0; i < m; i++) {
            float sum = 0;
            for (int64_t j = first; j < n && j < first + 512; j++)
                sum += a[i * n + j] * x[j];
            sums[i] += sum;
        }
}

void to_float(const double *sums, float *y, int64_t m) {
    for (int64_t i = 0; i < m; i++)
        y[i] = (float)sums[i];
}
