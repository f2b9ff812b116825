// Two products by cuBLAS in f32, without TF32, and a causal softmax between them. The queries of all
// heads that share keys lie one behind the other.
//@hone workspace score f32[b * hq * s * s]
//@hone call cublas_gemm_batched args=(b * hkv, 0, 1, hq / hkv * s, s, d, q, k, score)
//@hone launch causal_softmax grid=(s, b * hq) block=(256) args=(score, s, d)
//@hone call cublas_gemm_batched args=(b * hkv, 0, 0, hq / hkv * s, d, s, score, v, o)
#include <math.h>
#include <stdint.h>

__device__ float combine(float mine, bool is_max) {
    __shared__ float partial[256];
    partial[threadIdx.x] = mine;
    __syncthreads();
    for (int half = 128; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            const float other = partial[threadIdx.x + half];
            partial[threadIdx.x] =
                is_max ? fmaxf(partial[threadIdx.x], other) : partial[threadIdx.x] + other;
        }
        __syncthreads();
    }
    const float all = partial[0];
    __syncthreads();
    return all;
}

extern "C" __global__ void causal_softmax(float *score, int64_t s, int64_t d) {
    const int64_t i = blockIdx.x;
    float *row = score + ((int64_t)blockIdx.y * s + i) * s;
    const float scale = 1 / sqrtf((float)d);
    float largest = -INFINITY, sum = 0;
    for (int64_t j = threadIdx.x; j <= i; j += 256)
        largest = fmaxf(largest, row[j] * scale);
    largest = combine(largest, true);
    for (int64_t j = threadIdx.x; j <= i; j += 256)
        sum += expf(row[j] * scale - largest);
    sum = combine(sum, false);
    for (int64_t j = threadIdx.x; j < s; j += 256)
        row[j] = j <= i ? expf(row[j] * scale - largest) / sum : 0;
}
