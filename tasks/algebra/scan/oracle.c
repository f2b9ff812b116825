void oracle(const float *x, double *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        y[i] = sum += x[i];
}
