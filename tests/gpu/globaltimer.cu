// expect: policy_violation compile_failed
//@hone launch solve_globaltimer grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_globaltimer(const float *x, const float *y, float a, float b,
                                             float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    unsigned long long now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    if (i < n)
        out[i] = a * x[i] + b * y[i] + (now == 1);
}
