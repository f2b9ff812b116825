void oracle(const float *x, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = (double)x[i] * x[i] + 1;
}
