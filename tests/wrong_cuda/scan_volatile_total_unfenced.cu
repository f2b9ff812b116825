// wrong: a volatile total, and a volatile flag that may be seen before it; task: algebra/scan
//@hone workspace total f32[ceil_div(n, 256)]
//@hone workspace done i32[ceil_div(n, 256)] zero
//@hone launch scan grid=(ceil_div(n, 256)) block=(32) args=(x, y, total, done, n)
#include <stdint.h>
extern "C" __global__ void scan(const float *x, float *y, volatile float *total, volatile int *done, int64_t n) {
    if (threadIdx.x) return;
    const int64_t b = blockIdx.x;
    float s = 0;
    if (b) { while (!done[b - 1]) {} s = total[b - 1]; }
    for (int64_t i = b * 256; i < n && i < b * 256 + 256; i++) { s += x[i]; y[i] = s; }
    total[b] = s;
    done[b] = 1;
}
