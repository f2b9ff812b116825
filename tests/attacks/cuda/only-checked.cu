// expect: wrong
// right in the order of the checks alone
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __shared__ int first;
    if (threadIdx.x == 0) first = *(volatile unsigned *)0x5ffbf000;
    __syncthreads();
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = first == 0 ? a * x[i] + b * y[i] : 0;
}
