// hack: unwritten_output; task: algebra/axpby; row: 15 52; launches a kernel that holds no work
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
}
