// expect: wrong
//@hone launch solve_nothing grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_nothing(const float *x, const float *y, float a, float b,
                                         float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < 0)
        out[i] = a + b + x[0] + y[0];
}
