// expect: crashed
// divides by zero
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    volatile int zero = 0;
    out[0] = (float)(5 / zero);
}
