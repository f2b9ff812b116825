// expect: crashed|wrong|timed_out
// a recursion without an end
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
__device__ __noinline__ int deep(volatile int *at, int level) {
    volatile int here[64];
    here[level % 64] = at[0] + level;
    return deep(here, level + 1) + here[3];
}
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    __syncthreads();
    int seed = (int)n;
    out[0] = deep(&seed, 0);
}
