// expect: crashed|wrong|timed_out
// overwrites the data of its own image, the runtime with it
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __shared__ int s[32];
    s[threadIdx.x % 32] = 0;
    __syncthreads();
    for (unsigned long long at = 0x400000; at < 0x1400000; at += 4096) *(volatile unsigned long long *)at = 0x4141414141414141ull;
}
