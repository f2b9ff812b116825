// expect: passed
//@hone launch two_scale grid=(ceil_div(n, 256)) block=(256) args=(x, a, out, n)
//@hone launch two_add grid=(ceil_div(n, 256)) block=(256) args=(y, b, out, n)
extern "C" __global__ void two_scale(const float *x, float a, float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = a * x[i];
}
extern "C" __global__ void two_add(const float *y, float b, float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] += b * y[i];
}
