// honest: promises to the compiler, and loads and stores that say how to be cached; task: algebra/axpby
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void __launch_bounds__(256, 2)
    axpby(const float *__restrict x, const float *__restrict y, float a, float b,
          float *__restrict out, int64_t n) {
    __builtin_assume(n > 0);
    int64_t i = __umul24(blockIdx.x, blockDim.x) + threadIdx.x;
    if (__builtin_expect(i < n, 1)) {
        float v = a * __ldcs(x + i) + b * __ldcg(&y[i]);
        if (i & 1)
            __stcs(out + i, v);
        else if (i & 2)
            __stcg(out + i, v);
        else
            __stwt(out + i, v);
    }
}
