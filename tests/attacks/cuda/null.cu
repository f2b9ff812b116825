// expect: crashed|wrong
// writes through a null pointer
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    *(volatile float *)0 = out[0];
}
