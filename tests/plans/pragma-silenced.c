// algebra/axpby compile_failed solve.c:2:1: error: the plan's arguments do not fit the function
//@hone call copy args=(x, out, n)
#pragma GCC diagnostic ignored "-Wincompatible-pointer-types"
#pragma GCC diagnostic ignored "-Wdiscarded-qualifiers"
void copy(float *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i];
}
