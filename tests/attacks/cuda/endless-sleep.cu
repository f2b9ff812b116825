// expect: timed_out|wrong
// sleeps for each other, for ever
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __shared__ volatile int flag;
    if (threadIdx.x == 0) flag = 0;
    __syncthreads();
    while (!flag) __nanosleep(100);
    out[0] = 1;
}
