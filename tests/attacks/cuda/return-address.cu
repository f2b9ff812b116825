// expect: crashed|wrong|timed_out
// overwrites its own stack upwards
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    volatile unsigned long long here[1];
    __syncthreads();
    volatile unsigned long long *at = here;
    for (int i = 0; i < 100000; i++) at[i] = 0x400000;
}
