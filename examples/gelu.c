/* A kernel that writes one part of a task itself and leaves the rest to the library, for
 * dl/gemm_bias_gelu: the linear layer is an operator of the task, the gelu is ours. The time of both
 * counts; what the reward calls profiling is our share of it.
 *
 *     hone eval --task dl/gemm_bias_gelu examples/gelu.c
 */
#include <math.h>
#include <stdint.h>

//@hone workspace z f32[m * n]
//@hone op linear args=(x, weight, bias, z)
//@hone call gelu args=(z, y, m * n)

void gelu(const float *restrict z, float *restrict y, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        y[i] = 0.5f * z[i] * (1 + erff(z[i] * 0.70710678f));
}
