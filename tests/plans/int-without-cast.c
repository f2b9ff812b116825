// algebra/axpby compile_failed write (int) in front of the argument
//@hone call copy args=(x, out, n)
void copy(const float *x, float *out, int n) {
    for (int i = 0; i < n; i++)
        out[i] = x[i];
}
