// algebra/axpby compile_failed solve.c:2:1: error: the plan's arguments do not fit the function: passing argument 1 of 'write_in' discards 'const' qualifier
//@hone call write_in args=(x, out, n)
void write_in(float *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i];
}
