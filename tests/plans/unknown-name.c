// algebra/axpby rejected solve.c:2:33: error: unknown name `m`; names here: n SM_COUNT
//@hone call copy args=(x, out, m)
void copy(const float *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i];
}
