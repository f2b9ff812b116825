// The mask begins one early: no query sees its own key.
//@hone launch attention grid=(s, b * hq) block=(128) shared=s * 4 args=(q, k, v, o, hq, hkv, s, d)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void attention(const float *q, const float *k, const float *v, float *o,
                                     int64_t hq, int64_t hkv, int64_t s, int64_t d) {
    extern __shared__ float weight[];
    __shared__ float partial[128];
    int64_t i = blockIdx.x, head = blockIdx.y;
    int64_t shared = head / hq * hkv + head % hq / (hq / hkv);
    const float *query = q + (head * s + i) * d;
    const float *keys = k + shared * s * d, *values = v + shared * s * d;

    float largest = -INFINITY;
    for (int64_t j = threadIdx.x; j < i; j += 128) {
        float score = 0;
        for (int64_t e = 0; e < d; e++)
            score += query[e] * keys[j * d + e];
        weight[j] = score / sqrtf((float)d);
        largest = fmaxf(largest, weight[j]);
    }
    partial[threadIdx.x] = largest;
    __syncthreads();
    for (int t = 0; t < 128; t++)
        largest = fmaxf(largest, partial[t]);
    __syncthreads();

    float sum = 0;
    for (int64_t j = threadIdx.x; j < i; j += 128) {
        weight[j] = expf(weight[j] - largest);
        sum += weight[j];
    }
    partial[threadIdx.x] = sum;
    __syncthreads();
    sum = 0;
    for (int t = 0; t < 128; t++)
        sum += partial[t];

    for (int64_t e = threadIdx.x; e < d; e += 128) {
        float out = 0;
        for (int64_t j = 0; j < i; j++)
            out += weight[j] * values[j * d + e];
        o[(head * s + i) * d + e] = out / sum;
    }
}
