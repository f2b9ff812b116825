// algebra/axpby passed
// More words in one call than any signature has.
//@hone workspace steps i32[1] zero
//@hone repeat 4095
//@hone call step args=(x, steps, 1, (float)0.5, (double)0.25)
//@hone end
//@hone call scale_and_add args=(x, y, a, b, out, n, steps)
void step(const float *x, int32_t *steps, int64_t one, float half, double quarter) {
    if (x == 0 || half != 0.5f || quarter != 0.25)
        __builtin_trap();
    *steps += (int32_t)one;
}
void scale_and_add(const float *x, const float *y, float a, float b, float *out, int64_t n,
                   const int32_t *steps) {
    for (int64_t i = 0; i < n; i++)
        out[i] = *steps == 4095 ? a * x[i] + b * y[i] : 0;
}
