// algebra/axpby compile_failed expected 'double *' but argument is of type 'float *'
//@hone call copy args=(x, out, n)
void copy(const float *x, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i];
}
