// expect: crashed|wrong
// writes over the words of the call
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __syncthreads();
    for (unsigned long long at = 0x5ffc0000; at < 0x5ffc1000; at += 8) *(volatile unsigned long long *)at = ~0ull;
}
