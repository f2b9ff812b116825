// honest: a tile with a halo in shared memory, two grids exchanged by the plan; task: sci/jacobi2d
//@hone workspace a f32[h * w]
//@hone workspace b f32[h * w]
//@hone launch copy grid=(ceil_div(h * w, 256)) block=(256) args=(u0, a, h * w)
//@hone repeat steps
//@hone launch step grid=(ceil_div(w, 30), ceil_div(h, 30)) block=(32, 32) args=(a, b, (int)h, (int)w)
//@hone swap a b
//@hone end
//@hone launch copy grid=(ceil_div(h * w, 256)) block=(256) args=(a, u, h * w)
extern "C" __global__ void copy(const float *from, float *to, long long count) {
    const long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) to[i] = from[i];
}

extern "C" __global__ void step(const float *__restrict__ in, float *__restrict__ out, int h, int w) {
    __shared__ float s[32][32];
    const int tx = threadIdx.x, ty = threadIdx.y;
    const int j = blockIdx.x * 30 + tx - 1, i = blockIdx.y * 30 + ty - 1;
    const bool inside = i >= 0 && i < h && j >= 0 && j < w;
    s[ty][tx] = inside ? in[i * w + j] : 0.0f;
    __syncthreads();
    if (!inside || tx == 0 || tx == 31 || ty == 0 || ty == 31) return;
    const bool border = i == 0 || j == 0 || i == h - 1 || j == w - 1;
    out[i * w + j] = border ? s[ty][tx] : (s[ty][tx] + s[ty - 1][tx] + s[ty + 1][tx] + s[ty][tx - 1] + s[ty][tx + 1]) * 0.2f;
}
