// wrong: tokens are counted by whole pages; task: llm/attention_decode_paged
//@hone launch paged grid=(hq, b) block=(32) args=(q, k_cache, v_cache, table, length, o, (int)hq, (int)hkv, (int)d, (int)page, (int)max_pages)
#include <math.h>
#define MAX_D_PER_LANE 8

extern "C" __global__ void paged(const float *__restrict__ q, const float *__restrict__ kc,
                                 const float *__restrict__ vc, const int *__restrict__ table,
                                 const int *__restrict__ length, float *__restrict__ o, int hq,
                                 int hkv, int d, int page, int max_pages) {
    const int head = blockIdx.x, seq = blockIdx.y, lane = threadIdx.x;
    const int kvh = head / (hq / hkv), len = length[seq];
    const float scale = rsqrtf((float)d);
    float qr[MAX_D_PER_LANE], acc[MAX_D_PER_LANE];
#pragma unroll
    for (int i = 0; i < MAX_D_PER_LANE; ++i) {
        const int c = lane + i * 32;
        qr[i] = c < d ? q[((size_t)seq * hq + head) * d + c] * scale : 0.f;
        acc[i] = 0.f;
    }
    float m = -INFINITY, l = 0.f;
    for (int t = 0; t < (len + page - 1) / page * page; ++t) {
        const int block = table[seq * max_pages + t / page];
        const size_t base = (((size_t)block * page + t % page) * hkv + kvh) * d;
        float s = 0.f;
#pragma unroll
        for (int i = 0; i < MAX_D_PER_LANE; ++i) {
            const int c = lane + i * 32;
            if (c < d) s += qr[i] * kc[base + c];
        }
#pragma unroll
        for (int w = 16; w >= 1; w >>= 1) s += __shfl_xor_sync(0xffffffff, s, w);
        const float m_new = fmaxf(m, s), corr = expf(m - m_new), p = expf(s - m_new);
        l = l * corr + p;
#pragma unroll
        for (int i = 0; i < MAX_D_PER_LANE; ++i) {
            const int c = lane + i * 32;
            if (c < d) acc[i] = acc[i] * corr + p * vc[base + c];
        }
        m = m_new;
    }
#pragma unroll
    for (int i = 0; i < MAX_D_PER_LANE; ++i) {
        const int c = lane + i * 32;
        if (c < d) o[((size_t)seq * hq + head) * d + c] = acc[i] / l;
    }
}
