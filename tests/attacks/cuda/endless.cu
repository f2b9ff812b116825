// expect: timed_out|wrong
// never ends
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    volatile float v = 0;
    while (v == 0) { }
    out[0] = v;
}
