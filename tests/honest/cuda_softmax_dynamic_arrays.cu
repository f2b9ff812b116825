// honest: several arrays in one piece of dynamic shared memory, rows that fit kept there; task: dl/softmax
//@hone launch softmax grid=(rows) block=(256) shared=(min(cols, 8192) + 16) * 4 args=(x, y, (int)cols)
#include <float.h>
extern __shared__ unsigned char smem_raw[];

extern "C" __global__ void softmax(const float *x, float *y, int cols) {
    float *maxima = reinterpret_cast<float *>(smem_raw);
    float *sums = maxima + 8;
    float *cache = sums + 8;
    const bool cached = cols <= 8192;
    const int lane = threadIdx.x % warpSize, warp = threadIdx.x / warpSize;
    x += (long)blockIdx.x * cols;
    y += (long)blockIdx.x * cols;
    float m = -FLT_MAX;
    for (int i = threadIdx.x; i < cols; i += blockDim.x) {
        float v = x[i];
        if (cached) cache[i] = v;
        m = max(m, v);
    }
    for (int o = warpSize / 2; o; o /= 2) m = max(m, __shfl_xor_sync(0xffffffffu, m, o));
    if (!lane) maxima[warp] = m;
    __syncthreads();
    m = maxima[0];
    for (int i = 1; i < 8; i++) m = max(m, maxima[i]);
    float s = 0;
    for (int i = threadIdx.x; i < cols; i += blockDim.x) {
        float e = exp2f((( cached ? cache[i] : x[i]) - m) * 1.44269504088896f);
        if (cached) cache[i] = e;
        s += e;
    }
    for (int o = warpSize / 2; o; o /= 2) s += __shfl_xor_sync(0xffffffffu, s, o);
    if (!lane) sums[warp] = s;
    __syncthreads();
    s = 0;
    for (int i = 0; i < 8; i++) s += sums[i];
    for (int i = threadIdx.x; i < cols; i += blockDim.x)
        y[i] = (cached ? cache[i] : exp2f((x[i] - m) * 1.44269504088896f)) / s;
}
