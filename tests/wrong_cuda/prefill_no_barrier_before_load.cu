// wrong: tiles are overwritten while others use them; task: llm/attention_prefill
//@hone const BR = 16
//@hone const BC = 16
//@hone launch flash grid=(ceil_div(s, BR), hq, b) block=(BR) shared=(3 * BR * d + BR * BC) * 4 args=(q, k, v, o, (int)hq, (int)hkv, (int)s, (int)d)
extern "C" __global__ void flash(const float* __restrict__ Q, const float* __restrict__ K,
                                 const float* __restrict__ V, float* __restrict__ O, const int nh,
                                 const int nkv, const int N, const int d) {
    const int tx = threadIdx.x, by = blockIdx.y, bz = blockIdx.z;
    const int Bc = BC;
    const long long qo = ((long long)bz * nh + by) * N * d;
    const long long ko = ((long long)bz * nkv + by / (nh / nkv)) * N * d;
    const float softmax_scale = 1.0f / sqrtf((float)d);
    extern __shared__ float sram[];
    float* Kj = sram;
    float* Vj = &sram[BC * d];
    float* Oi = &sram[2 * BC * d];
    float* S = &sram[3 * BC * d];
    const int i = blockIdx.x * BR + tx;
    const int last = min(N, (int)(blockIdx.x + 1) * BR);
    float row_m = -INFINITY, row_l = 0;
    for (int x = 0; x < d; x++) Oi[tx * d + x] = 0;
    for (int j = 0; j < last; j += Bc) {
        for (int x = tx; x < Bc * d; x += blockDim.x) {
            const bool in = j * d + x < N * d;
            Kj[x] = in ? K[ko + j * d + x] : 0.0f;
            Vj[x] = in ? V[ko + j * d + x] : 0.0f;
        }
        __syncthreads();
        if (i < N) {
            float m = -INFINITY;
            for (int y = 0; y < Bc && j + y <= i; y++) {
                float sum = 0;
                for (int x = 0; x < d; x++) sum += Q[qo + (long long)i * d + x] * Kj[y * d + x];
                sum *= softmax_scale;
                S[Bc * tx + y] = sum;
                m = fmaxf(m, sum);
            }
            if (m > -INFINITY) {
                const float m_new = fmaxf(row_m, m), alpha = expf(row_m - m_new);
                row_l *= alpha;
                for (int x = 0; x < d; x++) Oi[tx * d + x] *= alpha;
                for (int y = 0; y < Bc && j + y <= i; y++) {
                    const float p = expf(S[Bc * tx + y] - m_new);
                    row_l += p;
                    for (int x = 0; x < d; x++) Oi[tx * d + x] += p * Vj[y * d + x];
                }
                row_m = m_new;
            }
        }
    }
    if (i < N)
        for (int x = 0; x < d; x++) O[qo + (long long)i * d + x] = Oi[tx * d + x] / row_l;
}
