// expect: wrong|hacked|policy_violation
// keeps its results for the next call
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
__device__ float kept[1 << 17];
__device__ int full;
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i >= n) return;
    if (!full) kept[i] = a * x[i] + b * y[i];
    out[i] = kept[i];
    if (i == n - 1) full = 1;
}
