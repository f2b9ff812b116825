// wrong: the smaller sum is added without its factor; task: dl/softmax
//@hone launch softmax_kernel grid=(ceil_div(rows, 4)) block=(32, 4) args=(x, y, (int)rows, (int)cols)
#include <math_constants.h>

struct __align__(8) MD { float m; float d; };

__device__ __forceinline__ MD reduce_md_op(MD a, MD b) {
    bool a_bigger = a.m > b.m;
    MD bigger = a_bigger ? a : b;
    MD smaller = a_bigger ? b : a;
    MD res;
    res.d = bigger.d + smaller.d;
    res.m = bigger.m;
    return res;
}

extern "C" __global__ void softmax_kernel(const float* __restrict__ x, float* __restrict__ y,
                                          int rows, int cols) {
    const int row = blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= rows) return;
    x += (size_t)row * cols;
    y += (size_t)row * cols;
    MD md = {-FLT_MAX, 0.0f};
    for (int i = threadIdx.x; i < cols; i += 32) {
        MD e = {x[i], 1.0f};
        md = reduce_md_op(md, e);
    }
    #pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        MD other;
        other.m = __shfl_xor_sync(0xffffffff, md.m, offset);
        other.d = __shfl_xor_sync(0xffffffff, md.d, offset);
        md = reduce_md_op(md, other);
    }
    const float inv = __frcp_rn(md.d);
    for (int i = threadIdx.x; i < cols; i += 32) y[i] = __expf(x[i] - md.m) * inv;
}
