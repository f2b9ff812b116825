// honest: offsets in a constant table, work in a switch, borders by goto's elder brother: continue; task: dl/conv2d_bias_relu
//@hone launch conv grid=(h, n * o) block=(64) args=(x, weight, bias, y, (int)c, (int)h, (int)w, (int)o)
struct Tap { signed char dy, dx; };
__constant__ Tap taps[9] = {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1}, {0, 0}, {0, 1}, {1, -1}, {1, 0}, {1, 1}};

__device__ bool inside(int v, int limit) { return static_cast<unsigned>(v) < static_cast<unsigned>(limit); }

extern "C" __global__ void conv(const float *x, const float *weight, const float *bias, float *y, int c, int h, int w, int o) {
    const int row = blockIdx.x, image = blockIdx.y / o, filter = blockIdx.y % o;
    for (int col = threadIdx.x; col < w; col += blockDim.x) {
        float acc = 0, lost = 0; // what rounding loses is added back
        for (int q = 0; q < c; ++q) {
            const float *plane = x + (size_t)(image * c + q) * h * w, *g = weight + (size_t)(filter * c + q) * 9;
#pragma unroll
            for (int t = 0; t < 9; ++t) {
                if (!inside(row + taps[t].dy, h) || !inside(col + taps[t].dx, w)) continue;
                const float term = __fadd_rn(__fmul_rn(plane[(row + taps[t].dy) * w + col + taps[t].dx], g[t]), -lost);
                const float next = __fadd_rn(acc, term);
                lost = __fadd_rn(__fadd_rn(next, -acc), -term);
                acc = next;
            }
        }
        acc += bias[filter];
        y[((size_t)blockIdx.y * h + row) * w + col] = acc > 0 ? acc : 0;
    }
}
