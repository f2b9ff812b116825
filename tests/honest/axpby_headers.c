// honest: includes all that C has, asserts what it assumes; task: algebra/axpby
#include <assert.h>
#include <stdbool.h>
#include <stdalign.h>
#include <limits.h>
#include <float.h>
#include <stddef.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <tgmath.h>
#include <fenv.h>
#include <iso646.h>
#include <stdarg.h>
#include <x86intrin.h>
#include <errno.h>
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    assert(n > 0 && out != NULL);
    alignas(64) float t[16];
    bool odd = n % 2;
    for (int64_t i = 0; i < n; i++) {
        t[i & 15] = fma(a, x[i], b * y[i]);
        out[i] = t[i & 15];
    }
    (void)odd;
}
