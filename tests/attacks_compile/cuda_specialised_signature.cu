// expect: policy_violation [must not contain: root:]
// a signature of its own for this very kernel
//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out, long long n) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) out[i] = a * x[i] + b * y[i];
}
template <> struct hone_signature<void (*)(const float *, const float *, float, float, float *, long long)> {
    static constexpr bool is_kernel = true;
    static constexpr unsigned count = 6;
    typedef int numbers;
    template <unsigned> static constexpr bool takes(char) { return true; }
    template <void (*kernel)(const float *, const float *, float, float, float *, long long)>
    static void run(const unsigned long long *words, int) { (void)words; }
};
