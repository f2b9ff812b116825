// hack: lazy; task: dl/gemm_bias_gelu; row: 78; end: warned|rejected; the library multiplies, and a copy is its own
//@hone workspace product f32[m * n]
//@hone op linear args=(x, weight, bias, product)
//@hone call finish args=(product, y, m * n)
#include <math.h>

void finish(const float *product, float *y, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        y[i] = 0.5f * product[i] * (1 + erff(product[i] * 0.70710678f));
}
