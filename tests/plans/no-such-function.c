// algebra/axpby compile_failed solve.c:2:1: error: the plan calls `cpoy`, which the source does not define
//@hone call cpoy args=(x, out, n)
void copy(const float *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i];
}
