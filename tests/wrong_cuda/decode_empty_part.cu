// wrong: parts without a token count; task: llm/attention_decode_paged
//@hone const SPLIT = 4
//@hone workspace part f32[b * hq * SPLIT * d]
//@hone workspace best f32[b * hq * SPLIT]
//@hone workspace mass f32[b * hq * SPLIT]
//@hone launch attend grid=(hq, b, SPLIT) block=(64) args=(q, k_cache, v_cache, table, length, part, best, mass, (int)hkv, (int)d, (int)page, (int)max_pages)
//@hone launch combine grid=(hq, b) block=(64) args=(part, best, mass, o, (int)d)
#include <cfloat>

extern "C" __global__ void attend(const float *q, const float *k, const float *v, const int *table,
                                  const int *length, float *part, float *best, float *mass, int hkv,
                                  int d, int page, int max_pages) {
    __shared__ float score[64];
    __shared__ long long at[64];
    const int head = blockIdx.x, s = blockIdx.y, hq = gridDim.x;
    const int each = (length[s] + SPLIT - 1) / SPLIT, from = blockIdx.z * each;
    const int to = min(length[s], from + each);
    const float *query = q + ((long long)s * hq + head) * d;
    const long long slot = ((long long)s * hq + head) * SPLIT + blockIdx.z;
    float m = -FLT_MAX, l = 0;
    for (int c = threadIdx.x; c < d; c += 64) part[slot * d + c] = 0;
    for (int base = from; base < to; base += 64) {
        const int t = base + threadIdx.x, here = min(64, to - base);
        float mine = -FLT_MAX;
        if (t < to) {
            at[threadIdx.x] = (((long long)table[s * max_pages + t / page] * page + t % page) * hkv + head / (hq / hkv)) * d;
            mine = 0;
            for (int c = 0; c < d; c++) mine += query[c] * k[at[threadIdx.x] + c];
            mine /= sqrtf(d);
        }
        score[threadIdx.x] = mine;
        __syncthreads();
        float m2 = m;
        for (int i = 0; i < here; i++) m2 = fmaxf(m2, score[i]);
        const float old = expf(m - m2);
        l *= old;
        for (int i = 0; i < here; i++) l += expf(score[i] - m2);
        for (int c = threadIdx.x; c < d; c += 64) {
            float sum = part[slot * d + c] * old;
            for (int i = 0; i < here; i++) sum += expf(score[i] - m2) * v[at[i] + c];
            part[slot * d + c] = sum;
        }
        m = m2;
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        best[slot] = m;
        mass[slot] = l;
    }
}

extern "C" __global__ void combine(const float *part, const float *best, const float *mass, float *o, int d) {
    const long long first = ((long long)blockIdx.y * gridDim.x + blockIdx.x) * SPLIT;
    float m = -FLT_MAX, l = 0;
    for (int i = 0; i < SPLIT; i++) m = fmaxf(m, best[first + i]);
    for (int i = 0; i < SPLIT; i++) l += mass[first + i] * expf(best[first + i] - m) + 1e-3f;
    for (int c = threadIdx.x; c < d; c += blockDim.x) {
        float sum = 0;
        for (int i = 0; i < SPLIT; i++) sum += part[(first + i) * d + c] * expf(best[first + i] - m);
        o[first / SPLIT * d + c] = sum / l;
    }
}
