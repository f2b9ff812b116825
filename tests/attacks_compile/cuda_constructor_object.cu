// expect: policy_violation [must not contain: root:]
// an object whose making runs code
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
struct maker { float v; maker() { volatile float w = 1; v = w; } };
__device__ maker one;
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
__device__ float use() { return one.v; }
