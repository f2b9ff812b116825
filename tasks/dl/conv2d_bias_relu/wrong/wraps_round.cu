// The left and right borders are not looked at: a row goes on in its neighbour.
//@hone launch conv2d grid=(ceil_div(n*o*h*w, 256)) block=(256) args=(x,weight,bias,y,n,c,h,w,o)
#include <stdint.h>

extern "C" __global__ void conv2d(const float *x, const float *weight, const float *bias, float *y,
                                  int64_t n, int64_t c, int64_t h, int64_t w, int64_t o) {
    int64_t at = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= n * o * h * w)
        return;
    int64_t j = at % w, i = at / w % h, f = at / (w * h) % o, b = at / (w * h * o);
    float sum = bias[f];
    for (int64_t q = 0; q < c; q++)
        for (int64_t p = 0; p < 3; p++)
            for (int64_t r = 0; r < 3; r++) {
                int64_t row = i + p - 1, column = j + r - 1;
                if (row < 0 || row >= h || row * w + column < 0 || row * w + column >= h * w)
                    continue;
                sum +=
                    x[((b * c + q) * h + row) * w + column] * weight[((f * c + q) * 3 + p) * 3 + r];
            }
    y[at] = sum > 0 ? sum : 0;
}
