// algebra/axpby crashed to x, which is an input and read-only
//@hone call write_in args=(x, out, n)
void write_in(const float *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = ((float *)x)[i] = 0;
}
