// algebra/axpby wrong past the end of part
//@hone workspace part f32[n]
//@hone call solve_in args=(x, y, a, b, part, out, n)
void solve_in(const float *x, const float *y, float a, float b, float *part, float *out,
              int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
    for (int64_t i = 0; i < n + (n % 16 != 0); i++)
        part[i] = 0;
}
