/* cuda_bf16.h - bfloat16 and pairs of it, and half as well, as in CUDA. */
#ifndef HONE_DEVICE_BF16_H
#define HONE_DEVICE_BF16_H

#include "cuda_fp16.h"

HONE_INLINE float hone_widen(unsigned short bits, __nv_bfloat16 *) {
    return hone_bits<float>((unsigned int)bits << 16);
}
HONE_INLINE unsigned short hone_shorten(float value, __nv_bfloat16 *) {
    unsigned int bits = hone_bits<unsigned int>(value);
    return value != value ? (unsigned short)0x7fff
                          : (unsigned short)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
/* A product of two needs a double's exponents. */
HONE_INLINE float hone_odd_fma(float a, float b, float c, __nv_bfloat16 *) {
    return hone_odd_float(hone_odd_sum(hone_rounded((double)a * b), c));
}

#define HONE_T __nv_bfloat16
#define HONE_T2 __nv_bfloat162
#define HONE_S bfloat16
#define HONE_MORE_CONSTRUCTORS                                                                     \
    explicit __nv_bfloat16(const __half &value) : __nv_bfloat16((float)value) {                    \
    }
#include "sixteen.h"

__forceinline__ __half::__half(const __nv_bfloat16 &value) : __half((float)value) {
}

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

#define CUDART_INF_BF16 __ushort_as_bfloat16((unsigned short)0x7f80)
#define CUDART_NAN_BF16 __ushort_as_bfloat16((unsigned short)0x7fff)
#define CUDART_MAX_NORMAL_BF16 __ushort_as_bfloat16((unsigned short)0x7f7f)
#define CUDART_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x0000)
#define CUDART_NEG_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x8000)
#define CUDART_ONE_BF16 __ushort_as_bfloat16((unsigned short)0x3f80)

#endif
