// honest: an image tile with its halo in shared memory, zeros outside; task: dl/conv2d_bias_relu
//@hone launch conv3x3 grid=(ceil_div(w, 16), ceil_div(h, 16), n * o) block=(16, 16) args=(x, weight, bias, y, (int)c, (int)h, (int)w, (int)o)
#define TILE 16
#define RADIUS 1
#define SMEM (TILE + 2 * RADIUS)

extern "C" __global__ void conv3x3(const float* __restrict__ x, const float* __restrict__ weight,
                                   const float* __restrict__ bias, float* __restrict__ y, int C,
                                   int H, int W, int O) {
    __shared__ float tile[SMEM][SMEM + 1];
    __shared__ float wt[9];
    const int tx = threadIdx.x, ty = threadIdx.y;
    const int ox = blockIdx.x * TILE + tx, oy = blockIdx.y * TILE + ty;
    const int img = blockIdx.z / O, f = blockIdx.z % O;
    float acc = bias[f];
    for (int c = 0; c < C; ++c) {
        const float* plane = x + ((size_t)img * C + c) * H * W;
        for (int t = ty * TILE + tx; t < SMEM * SMEM; t += TILE * TILE) {
            int r = t / SMEM, q = t % SMEM;
            int iy = (int)blockIdx.y * TILE + r - RADIUS, ix = (int)blockIdx.x * TILE + q - RADIUS;
            tile[r][q] = (iy >= 0 && iy < H && ix >= 0 && ix < W) ? plane[iy * W + ix] : 0.0f;
        }
        if (ty == 0 && tx < 9) wt[tx] = weight[((size_t)f * C + c) * 9 + tx];
        __syncthreads();
#pragma unroll
        for (int ky = 0; ky < 3; ++ky)
#pragma unroll
            for (int kx = 0; kx < 3; ++kx) acc += tile[ty + ky][tx + kx] * wt[ky * 3 + kx];
        __syncthreads();
    }
    if (ox < W && oy < H) y[(((size_t)img * O + f) * H + oy) * W + ox] = fmaxf(acc, 0.0f);
}
