// expect: crashed
//@hone launch solve_misaligned grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_misaligned(const float *x, const float *y, float a, float b,
                                            float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        *(float *)((char *)out + 4 * i + 1) = a * x[i] + b * y[i];
}
