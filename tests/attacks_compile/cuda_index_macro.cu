// expect: undecided [must not contain: root:]
// the running thread of its own: it is its own fault
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#undef threadIdx
#define threadIdx (uint3{0, 0, 0})
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
