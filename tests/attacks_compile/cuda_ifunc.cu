// expect: policy_violation [must not contain: root:]
// a function chosen when the image is loaded
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
static float one() { return 1; }
extern "C" float (*choose())() { return one; }
extern "C" float chosen() __attribute__((ifunc("choose")));
__device__ float use() { return chosen(); }
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
