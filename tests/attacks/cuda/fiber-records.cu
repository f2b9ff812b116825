// expect: compile_failed|crashed|wrong|timed_out
// overwrites what lies around its thread index
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __syncthreads();
    unsigned long long *at = (unsigned long long *)&threadIdx;
    for (int i = -4096; i < 4096; i++) at[i] = (unsigned long long)at;
    __syncthreads();
}
