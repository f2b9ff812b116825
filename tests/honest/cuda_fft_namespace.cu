// honest: factors by a kernel of their own into scratch memory, one thread a signal; task: sci/fft
//@hone workspace table f32[2 * n]
//@hone launch twiddle grid=(ceil_div(n, 128)) block=(128) args=(table, (int)n)
//@hone launch fft grid=(ceil_div(batch, 32)) block=(32) args=(x, y, table, (int)batch, (int)n)
namespace dsp {
enum class Part : int { re = 0, im = 1 };
struct C {
    float re, im;
};
__device__ constexpr int index(int i, Part p) {
    return 2 * i + static_cast<int>(p);
}
__device__ __noinline__ int reverse(int i, int bits) {
    return bits ? (int)(__brev((unsigned)i) >> (32 - bits)) : 0;
}
} // namespace dsp
extern "C" __global__ void twiddle(float *table, int n) {
    using namespace dsp;
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k < n) {
        double s, c;
        sincospi(-2.0 * k / n, &s, &c);
        table[index(k, Part::re)] = c;
        table[index(k, Part::im)] = s;
    }
}
extern "C" __global__ void fft(const float *x, float *y, const float *table, int batch, int n) {
    using namespace dsp;
    int b = blockIdx.x * 32 + threadIdx.x;
    if (b >= batch)
        return;
    const C *in = (const C *)x + (size_t)b * n;
    C *out = (C *)y + (size_t)b * n;
    int bits = 31 - __clz(n);
    for (int i = 0; i < n; i++)
        out[reverse(i, bits)] = in[i];
    for (int h = 1; h < n; h *= 2)
        for (int i = 0; i < n; i += 2 * h)
            for (int k = 0; k < h; k++) {
                C w = reinterpret_cast<const C *>(table)[k * (n / (2 * h))], u = out[i + k],
                  v = out[i + k + h], t;
                t.re = v.re * w.re - v.im * w.im;
                t.im = v.re * w.im + v.im * w.re;
                out[i + k] = {u.re + t.re, u.im + t.im};
                out[i + k + h] = {u.re - t.re, u.im - t.im};
            }
}
