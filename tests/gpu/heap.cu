// expect: policy_violation compile_failed
//@hone launch solve_heap grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_heap(const float *x, const float *y, float a, float b, float *out,
                                      long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    float *mine = (float *)malloc(4);
    if (i < n)
        out[i] = a * x[i] + b * y[i] + (mine == (float *)1);
}
