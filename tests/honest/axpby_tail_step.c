// honest: a step that has nothing to do for even sizes, and much to do for odd ones; task: algebra/axpby
//@hone call eights args=(x, y, a, b, out, n / 8)
//@hone call rest args=(x, y, a, b, out, n)
void eights(const float *x, const float *y, float a, float b, float *out, int64_t count) {
    for (int64_t i = 0; i < 8 * count; i++)
        out[i] = a * x[i] + b * y[i];
}

void rest(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = n / 8 * 8; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
