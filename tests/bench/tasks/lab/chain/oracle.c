void oracle(const float *x, double *out, int64_t n) {
    double value = x[0];
    for (int i = 0; i < 130000; i++)
        value *= 1.0000000001;
    out[0] = value;
    for (int64_t i = 1; i < n; i++)
        out[i] = x[i];
}
