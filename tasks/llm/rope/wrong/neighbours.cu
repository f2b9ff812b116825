// Pairs are taken from neighbours, not from the two halves.
//@hone launch rope grid=(ceil_div(t*heads*d/2, 256)) block=(256) args=(x,position,base,y,t,heads,d)
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
    out[2 * i] = in[2 * i] * cosine - in[2 * i + 1] * sine;
    out[2 * i + 1] = in[2 * i + 1] * cosine + in[2 * i] * sine;
}
