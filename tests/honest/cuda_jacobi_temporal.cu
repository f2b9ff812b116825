// honest: two sweeps in one kernel, on tiles with a halo of two; task: sci/jacobi2d
//@hone const T = 16
//@hone workspace v f32[h * w]
//@hone launch keep grid=(ceil_div(w, T), ceil_div(h, T)) block=(T, T) args=(u0, u, (int)h, (int)w)
//@hone repeat steps / 2
//@hone launch twice grid=(ceil_div(w, T), ceil_div(h, T)) block=(T, T) args=(u, v, (int)h, (int)w)
//@hone swap u v
//@hone end
//@hone if steps % 2
//@hone launch once grid=(ceil_div(w, T), ceil_div(h, T)) block=(T, T) args=(u, v, (int)h, (int)w)
//@hone swap u v
//@hone end
//@hone if (steps + 1) / 2 % 2
//@hone launch keep grid=(ceil_div(w, T), ceil_div(h, T)) block=(T, T) args=(u, v, (int)h, (int)w)
//@hone end
__device__ __forceinline__ float sweep(float c, float n, float s, float w, float e) { return (c + n + s + w + e) / 5.0f; }

extern "C" __global__ void keep(const float *a, float *b, int h, int w) {
    int j = blockIdx.x * T + threadIdx.x, i = blockIdx.y * T + threadIdx.y;
    if (i < h && j < w) b[i * w + j] = a[i * w + j];
}

extern "C" __global__ void once(const float *a, float *b, int h, int w) {
    int j = blockIdx.x * T + threadIdx.x, i = blockIdx.y * T + threadIdx.y;
    if (i >= h || j >= w) return;
    const float *p = a + i * w + j;
    b[i * w + j] = i && j && i < h - 1 && j < w - 1 ? sweep(*p, p[-w], p[w], p[-1], p[1]) : *p;
}

extern "C" __global__ void twice(const float *a, float *b, int h, int w) {
    __shared__ float s[T + 4][T + 4], r[T + 2][T + 2];
    const int i0 = blockIdx.y * T, j0 = blockIdx.x * T, tid = threadIdx.y * T + threadIdx.x;
    for (int e = tid; e < (T + 4) * (T + 4); e += T * T) {
        const int y = e / (T + 4), x = e % (T + 4), i = i0 + y - 2, j = j0 + x - 2;
        s[y][x] = i >= 0 && i < h && j >= 0 && j < w ? a[i * w + j] : 0;
    }
    __syncthreads();
    for (int e = tid; e < (T + 2) * (T + 2); e += T * T) {
        const int y = e / (T + 2), x = e % (T + 2), i = i0 + y - 1, j = j0 + x - 1;
        const bool inner = i > 0 && i < h - 1 && j > 0 && j < w - 1;
        r[y][x] = inner ? sweep(s[y + 1][x + 1], s[y][x + 1], s[y + 2][x + 1], s[y + 1][x], s[y + 1][x + 2]) : s[y + 1][x + 1];
    }
    __syncthreads();
    const int y = threadIdx.y + 1, x = threadIdx.x + 1, i = i0 + y - 1, j = j0 + x - 1;
    if (i >= h || j >= w) return;
    const bool inner = i > 0 && i < h - 1 && j > 0 && j < w - 1;
    b[i * w + j] = inner ? sweep(r[y][x], r[y - 1][x], r[y + 1][x], r[y][x - 1], r[y][x + 1]) : r[y][x];
}
