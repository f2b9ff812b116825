// The angle has the sign of the inverse transform.
//@hone launch fft grid=(batch) block=(256) shared=n * 8 args=(x, y, n)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void fft(const float *x, float *y, int64_t n) {
    extern __shared__ float2 signal[];
    x += 2 * n * blockIdx.x;
    y += 2 * n * blockIdx.x;
    int bits = 0;
    while ((int64_t)1 << bits < n)
        bits++;
    for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
        int64_t reversed = 0;
        for (int bit = 0; bit < bits; bit++)
            reversed |= (i >> bit & 1) << (bits - 1 - bit);
        signal[reversed] = make_float2(x[2 * i], x[2 * i + 1]);
    }
    for (int64_t half = 1; half < n; half *= 2) {
        __syncthreads();
        for (int64_t pair = threadIdx.x; pair < n / 2; pair += blockDim.x) {
            int64_t k = pair % half, i = 2 * (pair - k) + k;
            float c, s;
            sincosf(3.14159265f * (float)k / (float)half, &s, &c);
            float2 low = signal[i], high = signal[i + half];
            float re = high.x * c - high.y * s, im = high.x * s + high.y * c;
            signal[i] = make_float2(low.x + re, low.y + im);
            signal[i + half] = make_float2(low.x - re, low.y - im);
        }
    }
    __syncthreads();
    for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
        y[2 * i] = signal[i].x;
        y[2 * i + 1] = signal[i].y;
    }
}
