// expect: passed
//@hone launch solve_grid_stride grid=(2 * SM_COUNT) block=(512) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_grid_stride(const float *x, const float *y, float a, float b,
                                             float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    for (; i < n; i += (long long)gridDim.x * blockDim.x)
        out[i] = a * x[i] + b * y[i];
}
