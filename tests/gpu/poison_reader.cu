// expect: wrong
// Computes only where the output looks poisoned with what is not a number.
//@hone launch solve_poison_reader grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_poison_reader(const float *x, const float *y, float a, float b,
                                               float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n && out[i] != out[i])
        out[i] = a * x[i] + b * y[i];
}
