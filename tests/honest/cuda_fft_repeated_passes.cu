// honest: a pass a launch, which one it is counted in a workspace; task: sci/fft
//@hone workspace a f32[2 * batch * n]
//@hone workspace b f32[2 * batch * n]
//@hone launch copy grid=(ceil_div(batch * n, 256)) block=(256) args=(x, a, batch * n)
//@hone workspace level i32[1]
//@hone launch reset grid=(1) block=(1) args=(level)
//@hone repeat log2(n)
//@hone launch pass grid=(ceil_div(batch * max(n / 2, 1), 256)) block=(256) args=(a, b, level, batch, n)
//@hone launch next grid=(1) block=(1) args=(level)
//@hone swap a b
//@hone end
//@hone launch copy2 grid=(ceil_div(batch * n, 256)) block=(256) args=(a, y, batch * n)
struct cf { float re, im; };
__device__ cf operator+(cf a, cf b) { return {a.re + b.re, a.im + b.im}; }
__device__ cf operator-(cf a, cf b) { return {a.re - b.re, a.im - b.im}; }
__device__ cf operator*(cf a, cf b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
extern "C" __global__ void copy(const float *f, float *t, int64_t n) { int64_t i = blockIdx.x * 256ll + threadIdx.x; if (i < n) ((float2 *)t)[i] = ((const float2 *)f)[i]; }
extern "C" __global__ void copy2(const float *f, float *t, int64_t n) { int64_t i = blockIdx.x * 256ll + threadIdx.x; if (i < n) ((float2 *)t)[i] = ((const float2 *)f)[i]; }
extern "C" __global__ void reset(int *l) { *l = 0; }
extern "C" __global__ void next(int *l) { ++*l; }
extern "C" __global__ void pass(const float *from, float *to, const int *level, int64_t batch, int64_t n) {
    const int64_t i = blockIdx.x * 256ll + threadIdx.x, half = n / 2;
    if (i >= batch * half) return;
    const int64_t s = 1ll << *level, sig = i / half, t = i % half, q = t % s, p = t / s;
    const cf *x = (const cf *)from + sig * n;
    cf *y = (cf *)to + sig * n;
    double sn, cs; sincospi(-2.0 * (double)(p * s) / (double)n, &sn, &cs);
    cf a = x[q + s * p], b = x[q + s * p + half], w = {(float)cs, (float)sn};
    y[q + s * 2 * p] = a + b;
    y[q + s * (2 * p + 1)] = (a - b) * w;
}
