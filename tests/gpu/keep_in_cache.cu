// expect: policy_violation compile_failed
//@hone launch solve_keep_in_cache grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void solve_keep_in_cache(const float *x, const float *y, float a, float b,
                                               float *out, long long n) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    unsigned long long policy;
    float v;
    asm volatile("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
    if (i < n) {
        asm volatile("ld.global.L2::cache_hint.f32 %0, [%1], %2;"
                     : "=f"(v)
                     : "l"(x + i), "l"(policy));
        out[i] = a * v + b * y[i];
    }
}
