// algebra/axpby passed
//@hone const STEP = 4
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i += STEP)
        for (int64_t k = i; k < i + STEP && k < n; k++)
            out[k] = a * x[k] + b * y[k];
}
