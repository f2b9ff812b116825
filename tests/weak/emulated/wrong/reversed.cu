//@hone launch scale grid=(rows) block=(128) args=(x, weight, y, cols)
/* Rows from the last to the first: no bug at all. */
extern "C" __global__ void scale(const float *x, const float *weight, float *y, int64_t cols) {
    const int64_t row = (int64_t)(gridDim.x - 1 - blockIdx.x) * cols;
    for (int64_t c = threadIdx.x; c < cols; c += blockDim.x)
        y[row + c] = x[row + c] * weight[c];
}
