// algebra/axpby compile_failed solve.c:2:1: error: the plan's arguments do not fit the function: too few arguments to function 'copy'
//@hone call copy args=(x, out)
void copy(const float *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i];
}
