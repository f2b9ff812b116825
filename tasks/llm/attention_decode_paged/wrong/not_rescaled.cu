// What was added up so far is not scaled when a larger score comes.
//@hone launch decode grid=(hq, b) block=(128) args=(q, k_cache, v_cache, table, length, o, (int)hkv, (int)d, (int)page, (int)max_pages)
extern "C" __global__ void decode(const float *q, const float *k_cache, const float *v_cache,
                                  const int *table, const int *length, float *o, int hkv, int d,
                                  int page, int max_pages) {
    __shared__ float part[128];
    __shared__ long long slots[128];
    int head = blockIdx.x, sequence = blockIdx.y, group = gridDim.x / hkv, thread = threadIdx.x;
    const float *query = q + (long long)(sequence * gridDim.x + head) * d;
    float *out = o + (long long)(sequence * gridDim.x + head) * d;
    int count = length[sequence];
    float largest = -INFINITY, total = 0;
    for (int c = thread; c < d; c += 128)
        out[c] = 0;
    for (int first = 0; first < count; first += 128) {
        int t = first + thread, here = min(128, count - first);
        float score = -INFINITY;
        if (t < count) {
            long long slot = (long long)table[sequence * max_pages + t / page] * page + t % page;
            slots[thread] = (slot * hkv + head / group) * d;
            score = 0;
            for (int c = 0; c < d; c++)
                score += query[c] * k_cache[slots[thread] + c];
            score /= sqrtf((float)d);
        }
        part[thread] = score;
        __syncthreads();
        float before = largest;
        for (int i = 0; i < here; i++)
            largest = fmaxf(largest, part[i]);
        float kept = expf(before - largest);
        total *= kept;
        for (int i = 0; i < here; i++)
            total += expf(part[i] - largest);
        for (int c = thread; c < d; c += 128) {
            float sum = out[c];
            for (int i = 0; i < here; i++)
                sum += expf(part[i] - largest) * v_cache[slots[i] + c];
            out[c] = sum;
        }
        __syncthreads();
    }
    for (int c = thread; c < d; c += 128)
        out[c] /= total;
}
