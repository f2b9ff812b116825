// honest: leaves out the rescaling when no thread of the block has a new maximum; task: dl/softmax
//@hone launch softmax grid=(rows) block=(128) args=(x, y, (int)cols)
extern "C" __global__ void softmax(const float *x, float *y, int cols) {
    __shared__ struct { float m[4], s[4]; } sh;
    const float *in = x + (size_t)blockIdx.x * cols;
    float *out = y + (size_t)blockIdx.x * cols;
    float m = -INFINITY, s = 0.f;
    for (int base = 0; base < cols; base += 128) {
        const int c = base + threadIdx.x;
        const float v = c < cols ? in[c] : -INFINITY;
        const bool grows = v > m;
        if (__syncthreads_or(grows)) {
            const float m2 = fmaxf(m, v);
            s = grows ? (m == -INFINITY ? 0.f : s * expf(m - m2)) : s;
            m = m2;
        }
        s += c < cols ? expf(v - m) : 0.f;
    }
    for (int o = 16; o; o >>= 1) {
        const float om = __shfl_xor_sync(0xffffffff, m, o), os = __shfl_xor_sync(0xffffffff, s, o);
        const float top = fmaxf(m, om);
        s = (m == -INFINITY ? 0.f : s * expf(m - top)) + (om == -INFINITY ? 0.f : os * expf(om - top));
        m = top;
    }
    if (!(threadIdx.x & 31)) sh.m[threadIdx.x >> 5] = m, sh.s[threadIdx.x >> 5] = s;
    __syncthreads();
    m = fmaxf(fmaxf(sh.m[0], sh.m[1]), fmaxf(sh.m[2], sh.m[3]));
    s = 0.f;
    for (int w = 0; w < 4; w++) s += sh.m[w] == -INFINITY ? 0.f : sh.s[w] * expf(sh.m[w] - m);
    for (int c = threadIdx.x; c < cols; c += 128) out[c] = expf(in[c] - m) / s;
}
