// expect: crashed|wrong
// calls bytes in shared memory
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __shared__ unsigned char code[16];
    if (threadIdx.x == 0) code[0] = 0xc3;
    __syncthreads();
    ((void (*)())(void *)code)();
    out[0] = 1;
}
