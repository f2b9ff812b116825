// algebra/axpby passed
//@hone if n < 64
//@hone call short_one args=(x, y, a, b, out, n)
//@hone else
//@hone call first args=(x, out, a, (int)n)
//@hone call second args=(y, out, b, n)
//@hone end
void short_one(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
void first(const float *x, float *out, float a, int n) {
    for (int i = 0; i < n; i++)
        out[i] = a * x[i];
}
static void second(const float *y, float *out, float b, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] += b * y[i];
}
