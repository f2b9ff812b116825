// expect: undecided [must not contain: root:]
// a static that is made when it is first met
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
__device__ float value() { volatile float w = 2; return w; }
__device__ float use() { static float once = value(); return once; }
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
