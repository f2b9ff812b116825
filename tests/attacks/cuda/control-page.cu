// expect: crashed|wrong
// writes what the supervisor says
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __syncthreads();
    *(volatile unsigned *)0x5ffbf000 = 0;
    out[0] = 1;
}
