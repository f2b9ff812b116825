// algebra/axpby wrong
// What a workspace held in the call before is gone.
//@hone workspace kept f32[n]
//@hone call solve_once args=(x, y, a, b, kept, out, n)
static int calls;
void solve_once(const float *x, const float *y, float a, float b, float *kept, float *out,
                int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        if (calls == 0)
            kept[i] = a * x[i] + b * y[i];
        out[i] = kept[i];
    }
    calls++;
}
