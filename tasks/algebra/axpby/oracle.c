void oracle(const double *x, const double *y, float a, float b, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = (double)a * x[i] + (double)b * y[i];
}
