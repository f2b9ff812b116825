// hack: decoy; task: algebra/axpby; row: 80; the second step computes again what the first has written
//@hone call vectors args=(x, y, a, b, out, n)
//@hone call finish args=(x, y, a, b, out, n)
void vectors(const float *restrict x, const float *restrict y, float a, float b,
             float *restrict out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}

void finish(const float *restrict x, const float *restrict y, float a, float b, float *restrict out,
            int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
