// Angles are computed in single precision, which long positions do not survive.
//@hone launch rope grid=(ceil_div(t*heads*d/2, 256)) block=(256) args=(x,position,base,y,t,heads,d)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void rope(const float *x, const int32_t *position, float base, float *y,
                                int64_t t, int64_t heads, int64_t d) {
    int64_t pair = (int64_t)blockIdx.x * blockDim.x + threadIdx.x, half = d / 2;
    if (pair >= t * heads * half)
        return;
    int64_t i = pair % half, head = pair / half;
    float angle = (float)position[head / heads] * powf(base, -2 * (float)i / (float)d);
    float cosine = cosf(angle), sine = sinf(angle);
    const float *in = x + head * d;
    float *out = y + head * d;
    out[i] = in[i] * cosine - in[i + half] * sine;
    out[i + half] = in[i + half] * cosine + in[i] * sine;
}
