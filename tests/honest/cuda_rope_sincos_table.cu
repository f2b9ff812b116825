// honest: angles once for every token and pair, into scratch memory that all heads share; task: llm/rope
//@hone workspace table f32[t * d]
//@hone launch angles grid=(ceil_div(t * d / 2, 128)) block=(128) args=(position, base, table, (int)t, (int)d)
//@hone launch rotate grid=(t, heads) block=(64) args=(x, table, y, (int)heads, (int)d)
#include <cstdint>
#include <cmath>

extern "C" __global__ void angles(const int32_t *position, float base, float *table, int t, int d) {
    int at = blockIdx.x * blockDim.x + threadIdx.x, half = d / 2;
    if (at >= t * half) return;
    double angle = position[at / half] * exp2(-2.0 * (at % half) / d * log2((double)base));
    double s, c;
    sincos(angle, &s, &c);
    ((float2 *)table)[at] = make_float2((float)c, (float)s);
}

extern "C" __global__ void rotate(const float *x, const float *table, float *y, int heads, int d) {
    const int half = d >> 1;
    const size_t row = ((size_t)blockIdx.x * heads + blockIdx.y) * d;
    for (int i = threadIdx.x; i < half; i += blockDim.x) {
        const float2 cs = reinterpret_cast<const float2 *>(table)[(size_t)blockIdx.x * half + i];
        const float a = x[row + i], b = x[row + i + half];
        y[row + i] = a * cs.x - b * cs.y;
        y[row + i + half] = b * cs.x + a * cs.y;
    }
}
