// expect: crashed wrong
//@hone launch solve_before_output grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_before_output(const float *x, const float *y, float a, float b,
                                               float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = a * x[i] + b * y[i];
    if (i == 0)
        out[-2048] = 1;
}
