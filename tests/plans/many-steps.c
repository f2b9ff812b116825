// algebra/axpby passed
// More words in one call than any signature has.
//@hone repeat 4095
//@hone call nothing args=(x, 1, (float)0.5, (double)0.25)
//@hone end
//@hone call scale_and_add args=(x, y, a, b, out, n)
void nothing(const float *x, int64_t one, float half, double quarter) {
    if (x == 0 || one != 1 || half != 0.5f || quarter != 0.25)
        __builtin_trap();
}
void scale_and_add(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
