#include <cuda_runtime.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
extern "C" __global__ void k(float *y, int64_t n) {
    uint32_t i = threadIdx.x;
    y[i] = n > INT_MAX ? FLT_MAX : i ? expf((float)i) * (float)M_PI : -INFINITY;
}
