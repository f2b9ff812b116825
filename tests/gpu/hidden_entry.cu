// expect: policy_violation compile_failed
//@hone launch solve_hidden_entry grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_hidden_entry(const float *x, const float *y, float a, float b,
                                              float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = a * x[i] + b * y[i];
    asm volatile("ret; } .visible .entry hidden(.param .u64 p) { ret;");
}
