// honest: two steps that do the same, each for its half; task: algebra/axpby
//@hone call part args=(x, y, a, b, out, 0, n / 2)
//@hone call part args=(x, y, a, b, out, n / 2, n)
void part(const float *x, const float *y, float a, float b, float *out, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
        out[i] = a * x[i] + b * y[i];
}
