// expect: compile_failed [must not contain: root:]
// names of the harness by pasting: it redirects itself only
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#define P2(a, b) a##b
#define P(a, b) P2(a, b)
extern "C" unsigned P(ho, ne_irregular);
__device__ void upset() { P(ho, ne_irregular) = 7; }
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
