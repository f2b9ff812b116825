/* cuda_fp16.h - half and half2. */
#ifndef HONE_DEVICE_FP16_H
#define HONE_DEVICE_FP16_H

struct __half;
struct __nv_bfloat16;

/* The machine's type of IEEE binary16, for conversions only. */
#ifdef HONE_CLANG
typedef __fp16 hone_binary16;
#else
typedef _Float16 hone_binary16;
#endif

#ifdef HONE_F16C
HONE_INLINE float hone_widen(unsigned short bits, __half *) {
    return (float)__builtin_bit_cast(hone_binary16, bits);
}
HONE_INLINE unsigned short hone_shorten(float value, __half *) {
    return __builtin_bit_cast(unsigned short, (hone_binary16)value);
}
#else
/* Where the machine has no such instruction: the exponent is moved by a product, which makes and
 * undoes subnormal numbers too. */
HONE_INLINE float hone_widen(unsigned short bits, __half *) {
    float value = hone_bits<float>((unsigned int)(bits & 0x7fff) << 13) * 0x1p112f;
    unsigned int widened = hone_bits<unsigned int>(value) | (bits & 0x7c00) / 0x7c00 * 0x7f800000u;
    return hone_bits<float>(widened | (unsigned int)(bits & 0x8000) << 16);
}
HONE_INLINE unsigned short hone_shorten(float value, __half *) {
    unsigned int bits = hone_bits<unsigned int>(value), sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    if (bits > 0x7f800000)
        return (unsigned short)(sign | 0x7e00);
    if (bits >= 0x477ff000)
        return (unsigned short)(sign | 0x7c00);
    if (bits < 0x38800000) /* subnormal: the sum's rounding is that of the result */
        return (unsigned short)(sign | (hone_bits<unsigned int>(hone_bits<float>(bits) + 0.5f) -
                                        0x3f000000));
    return (unsigned short)(sign | (bits + 0xfff + (bits >> 13 & 1) - 0x38000000) >> 13);
}
#endif

/* A double as a float that is rounded to odd. */
HONE_INLINE float hone_odd_float(double value) {
    float cut = hone_narrow(value, HONE_RZ);
    return hone_bits<float>(hone_bits<unsigned int>(cut) | (value == value && cut != value));
}

/* The product is exact; the sum is rounded to odd, with Knuth's two-sum. */
HONE_INLINE float hone_odd_fma(float a, float b, float c, __half *) {
    float product = a * b, sum = product + c, of_c = sum - product;
    float lacking = (product - (sum - of_c)) + (c - of_c);
    unsigned int bits = hone_bits<unsigned int>(sum);
    bool inexact = lacking != 0 && __builtin_isfinite(sum) && !(bits & 1);
    return hone_bits<float>(bits + (inexact ? (lacking > 0) == (sum > 0) ? 1 : -1u : 0));
}

#define HONE_T __half
#define HONE_T2 __half2
#define HONE_S half
#define HONE_MORE_CONSTRUCTORS explicit __half(const __nv_bfloat16 &);
#include "sixteen.h"

/* Of both sixteen-bit types: nothing here fuses what is written apart. */
#define HONE_ROUNDED(name)                                                                         \
    template <class T> HONE_INLINE T name##_rn(T a, T b) {                                         \
        return name(a, b);                                                                         \
    }
HONE_ROUNDED(__hadd)
HONE_ROUNDED(__hsub)
HONE_ROUNDED(__hmul)
HONE_ROUNDED(__hadd2)
HONE_ROUNDED(__hsub2)
HONE_ROUNDED(__hmul2)
#undef HONE_ROUNDED

typedef __half half, __nv_half, nv_half;
typedef __half2 half2, __nv_half2, nv_half2;

#define CUDART_INF_FP16 __ushort_as_half((unsigned short)0x7c00)
#define CUDART_NAN_FP16 __ushort_as_half((unsigned short)0x7fff)
#define CUDART_MAX_NORMAL_FP16 __ushort_as_half((unsigned short)0x7bff)
#define CUDART_MIN_DENORM_FP16 __ushort_as_half((unsigned short)0x0001)
#define CUDART_ZERO_FP16 __ushort_as_half((unsigned short)0x0000)
#define CUDART_NEG_ZERO_FP16 __ushort_as_half((unsigned short)0x8000)
#define CUDART_ONE_FP16 __ushort_as_half((unsigned short)0x3c00)

#endif
