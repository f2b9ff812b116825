// expect: compile_failed [must not contain: root:]
// a device function of the kernel's name that takes as much
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
__device__ void k(const double *, const double *, double, double, double *, long long) { }
