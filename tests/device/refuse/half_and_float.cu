// compile ambiguous
#include <cuda_fp16.h>
extern "C" __global__ void k(half *a) { a[0] = a[1] * 2.0f; }
