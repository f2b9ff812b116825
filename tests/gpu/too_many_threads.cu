// expect: rejected
//@hone launch solve_many grid=(ceil_div(n, 2048)) block=(2048) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_many(const float *x, const float *y, float a, float b, float *out,
                                      long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = a * x[i] + b * y[i];
}
