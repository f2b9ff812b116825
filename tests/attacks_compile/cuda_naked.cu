// expect: policy_violation [must not contain: root:]
// a kernel without a frame
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ __attribute__((naked)) void k(const float *x, const float *y, float a, float b, float *out, long long n) { }
