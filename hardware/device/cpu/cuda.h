#ifndef HONE_DEVICE_CPU_CUDA_H
#define HONE_DEVICE_CPU_CUDA_H
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
typedef unsigned char uint8_t;
typedef unsigned int uint32_t;
typedef int int32_t;
typedef long int64_t;
typedef unsigned long uint64_t;
struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
struct float2 { float x, y; };
struct float4 { float x, y, z, w; };
extern "C" float expf(float);
extern "C" float sqrtf(float);
extern "C" float tanhf(float);
extern "C" float erff(float);
static inline float fmaxf(float a, float b) { return a > b ? a : b; }
static inline int min(int a, int b) { return a < b ? a : b; }
static inline int max(int a, int b) { return a > b ? a : b; }
#define INFINITY __builtin_inff()
#include "execution.h"
#endif
