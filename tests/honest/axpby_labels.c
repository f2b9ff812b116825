// honest: jumps into its loop by a table of labels; task: algebra/axpby
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    static const void *const where[] = {&&z0, &&z1, &&z2, &&z3};
    int64_t i = 0;
    goto *where[n & 3];
z3:
    out[i] = a * x[i] + b * y[i];
    i++;
z2:
    out[i] = a * x[i] + b * y[i];
    i++;
z1:
    out[i] = a * x[i] + b * y[i];
    i++;
z0:
    for (; i < n; i += 4) {
        out[i] = a * x[i] + b * y[i];
        out[i + 1] = a * x[i + 1] + b * y[i + 1];
        out[i + 2] = a * x[i + 2] + b * y[i + 2];
        out[i + 3] = a * x[i + 3] + b * y[i + 3];
    }
}
