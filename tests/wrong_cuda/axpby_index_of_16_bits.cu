// wrong: an index of 17 bits is more than a kernel for small vectors needs; task: algebra/axpby
//@hone launch axpby grid=(ceil_div(n, 128)) block=(128) args=(x, y, a, b, out, n)
extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    unsigned i = (blockIdx.x * 128u + threadIdx.x) & 0x1ffffu;
    if (i < n)
        out[i] = a * x[i] + b * y[i];
}
