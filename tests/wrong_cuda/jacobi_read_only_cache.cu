// wrong: each sweep reads what the last has written by __ldg(); task: sci/jacobi2d
//@hone workspace other f32[h * w]
//@hone launch all grid=(1) block=(256) args=(u0, u, other, h, w, steps)
#include <stdint.h>
extern "C" __global__ void all(const float *u0, float *u, float *other, int64_t h, int64_t w, int64_t steps) {
    float *from = steps % 2 ? other : u, *to = steps % 2 ? u : other;
    for (int64_t i = threadIdx.x; i < h * w; i += 256) from[i] = u0[i];
    __syncthreads();
    for (int64_t s = 0; s < steps; s++) {
        for (int64_t i = threadIdx.x; i < h * w; i += 256) {
            const int64_t r = i / w, c = i % w;
            const bool inner = r > 0 && r < h - 1 && c > 0 && c < w - 1;
            to[i] = inner ? (__ldg(from + i) + __ldg(from + i - w) + __ldg(from + i + w) + __ldg(from + i - 1) + __ldg(from + i + 1)) / 5 : __ldg(from + i);
        }
        __syncthreads();
        float *t = from; from = to; to = t;
    }
}
