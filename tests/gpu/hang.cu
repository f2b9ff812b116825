// expect: timed_out
//@hone launch solve_hang grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_hang(const float *x, const float *y, float a, float b, float *out,
                                      long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    volatile float *seen = out;
    if (i == 0)
        while (seen[0] == seen[0] || seen[0] != seen[0])
            ;
    if (i < n)
        out[i] = a * x[i] + b * y[i];
}
