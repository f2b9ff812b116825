/* rounding.h - arithmetic and conversions that say how they round.
 *
 * An exact result is first rounded to odd: to a double whose last bit is set whenever something was
 * cut off. A double so made, having two bits more than a float, then rounds to any smaller type in
 * any direction as the exact result would (Boldo and Melquiond, "When double rounding is odd"). */
#ifndef HONE_DEVICE_ROUNDING_H
#define HONE_DEVICE_ROUNDING_H

enum hone_direction { HONE_RN, HONE_RZ, HONE_RU, HONE_RD };

/* `near` and the sign of what it lacks of the exact result. */
HONE_INLINE double hone_odd(double near, double lacking) {
    unsigned long bits = hone_bits<unsigned long>(near);
    if (lacking == 0 || !__builtin_isfinite(near) || (bits & 1))
        return near;
    bits += (lacking > 0) == (near > 0) ? 1 : -1ul;
    return hone_bits<double>(bits);
}
HONE_INLINE double hone_odd_sum(double a, double b) { /* Knuth's two-sum */
    double sum = hone_rounded(a + b), of_b = hone_rounded(sum - a);
    double of_a = hone_rounded(sum - of_b);
    return hone_odd(sum, hone_rounded(a - of_a) + hone_rounded(b - of_b));
}
HONE_INLINE double hone_odd_quotient(double a, double b) {
    double quotient = a / b;
    return hone_odd(quotient, __builtin_fma(-quotient, b, a) * (b < 0 ? -1 : 1));
}
HONE_INLINE double hone_odd_root(double a) {
    double root = sqrt(a);
    return hone_odd(root, __builtin_fma(-root, root, a));
}
template <class T> HONE_INLINE double hone_odd_integer(T value) {
    if (sizeof(T) < 8 || (value >> 53) == 0 || (value >> 53) == (T)-1)
        return (double)value;
    T high = (T)(value >> 10) | (T)((value & 1023) != 0);
    return (double)(T)(high >> 1 | (high & 1)) * 2048;
}

/* Whether a value that lies to one side of the exact one is to be moved there. */
HONE_INLINE bool hone_is_short(bool below, bool above, bool negative, hone_direction direction) {
    return direction == HONE_RU   ? below
           : direction == HONE_RD ? above
                                  : direction == HONE_RZ && (negative ? below : above);
}
HONE_INLINE float hone_narrow(double odd, hone_direction direction) {
    float near = (float)odd;
    bool below = (double)near < odd, above = (double)near > odd;
    if (!hone_is_short(below, above, odd < 0, direction))
        return near;
    unsigned int bits = hone_bits<unsigned int>(near);
    if ((bits & 0x7fffffff) == 0)
        return hone_bits<float>(above ? 0x80000001u : 1u);
    return hone_bits<float>(bits + ((near < 0) == above ? 1 : -1u));
}
HONE_INLINE double hone_step(double near, double lacking, hone_direction direction) {
    if (!hone_is_short(lacking > 0, lacking < 0, near < 0, direction))
        return near;
    if (near == 0)
        return hone_bits<double>(lacking > 0 ? 1ul : 0x8000000000000001ul);
    return hone_bits<double>(hone_bits<unsigned long>(near) +
                             ((near < 0) == (lacking < 0) ? 1 : -1ul));
}

#define HONE_DIRECTED(suffix, direction)                                                           \
    HONE_INLINE float __fadd_##suffix(float a, float b) {                                          \
        return hone_narrow(hone_odd_sum(a, b), direction);                                         \
    }                                                                                              \
    HONE_INLINE float __fsub_##suffix(float a, float b) {                                          \
        return hone_narrow(hone_odd_sum(a, -b), direction);                                        \
    }                                                                                              \
    HONE_INLINE float __fmul_##suffix(float a, float b) {                                          \
        return hone_narrow((double)a * b, direction);                                              \
    }                                                                                              \
    HONE_INLINE float __fmaf_##suffix(float a, float b, float c) {                                 \
        return hone_narrow(hone_odd_sum(hone_rounded((double)a * b), c), direction);               \
    }                                                                                              \
    HONE_INLINE float __fdiv_##suffix(float a, float b) {                                          \
        return hone_narrow(hone_odd_quotient(a, b), direction);                                    \
    }                                                                                              \
    HONE_INLINE float __frcp_##suffix(float a) {                                                   \
        return hone_narrow(hone_odd_quotient(1, a), direction);                                    \
    }                                                                                              \
    HONE_INLINE float __fsqrt_##suffix(float a) {                                                  \
        return hone_narrow(hone_odd_root(a), direction);                                           \
    }                                                                                              \
    HONE_INLINE double __dmul_##suffix(double a, double b) {                                       \
        double near = hone_rounded(a * b);                                                         \
        return hone_step(near, __builtin_fma(a, b, -near), direction);                             \
    }                                                                                              \
    HONE_INLINE double __dadd_##suffix(double a, double b) {                                       \
        double near = hone_rounded(a + b), of_b = hone_rounded(near - a);                          \
        double lacking = hone_rounded(a - hone_rounded(near - of_b)) + hone_rounded(b - of_b);     \
        return hone_step(near, lacking, direction);                                                \
    }                                                                                              \
    HONE_INLINE double __dsub_##suffix(double a, double b) {                                       \
        return __dadd_##suffix(a, -b);                                                             \
    }                                                                                              \
    HONE_INLINE double __ddiv_##suffix(double a, double b) {                                       \
        double near = a / b;                                                                       \
        return hone_step(near, __builtin_fma(-near, b, a) * (b < 0 ? -1 : 1), direction);          \
    }                                                                                              \
    HONE_INLINE double __drcp_##suffix(double a) {                                                 \
        return __ddiv_##suffix(1, a);                                                              \
    }                                                                                              \
    HONE_INLINE double __dsqrt_##suffix(double a) {                                                \
        double near = sqrt(a);                                                                     \
        return hone_step(near, __builtin_fma(-near, near, a), direction);                          \
    }
HONE_DIRECTED(rz, HONE_RZ)
HONE_DIRECTED(ru, HONE_RU)
HONE_DIRECTED(rd, HONE_RD)
#undef HONE_DIRECTED

/* To nearest: the machine's own operations, never fused with another. */
#define HONE_NEAREST(T, letter, root)                                                              \
    HONE_INLINE T __##letter##add_rn(T a, T b) {                                                   \
        return hone_rounded(a + b);                                                                \
    }                                                                                              \
    HONE_INLINE T __##letter##sub_rn(T a, T b) {                                                   \
        return hone_rounded(a - b);                                                                \
    }                                                                                              \
    HONE_INLINE T __##letter##mul_rn(T a, T b) {                                                   \
        return hone_rounded(a * b);                                                                \
    }                                                                                              \
    HONE_INLINE T __##letter##div_rn(T a, T b) {                                                   \
        return a / b;                                                                              \
    }                                                                                              \
    HONE_INLINE T __##letter##rcp_rn(T a) {                                                        \
        return 1 / a;                                                                              \
    }                                                                                              \
    HONE_INLINE T __##letter##sqrt_rn(T a) {                                                       \
        return root(a);                                                                            \
    }
HONE_NEAREST(float, f, sqrtf)
HONE_NEAREST(double, d, sqrt)
#undef HONE_NEAREST

HONE_INLINE float __fmaf_rn(float a, float b, float c) {
    return fmaf(a, b, c);
}
HONE_INLINE float __fmaf_ieee_rn(float a, float b, float c) {
    return fmaf(a, b, c);
}
HONE_INLINE double __fma_rn(double a, double b, double c) {
    return fma(a, b, c);
}
HONE_INLINE float __frsqrt_rn(float a) {
    return (float)(1 / sqrt((double)a));
}

/* To an integer as PTX's cvt does: out of range saturates, NaN is 0, or, where a side has 64 bits,
 * the integer's highest bit alone. `value` is rounded already. */
template <class To, class From> HONE_INLINE To hone_saturate(From value, bool wide) {
    constexpr To top = (To)1 << (sizeof(To) * 8 - 1);
    constexpr bool is_signed = (To)-1 < (To)0;
    constexpr From limit = (From)((To)1 << (sizeof(To) * 8 - 2)) * (is_signed ? 2 : 4);
    if (value != value)
        return wide ? top : (To)0;
    if (value >= limit)
        return is_signed ? (To)~top : (To)-1;
    if (value <= (is_signed ? -limit : (From)0))
        return is_signed ? top : (To)0;
    return (To)value;
}

#define HONE_TO_INTEGER(suffix, round)                                                             \
    HONE_INLINE int __float2int_##suffix(float x) {                                                \
        return hone_saturate<int>(round##f(x), false);                                             \
    }                                                                                              \
    HONE_INLINE unsigned int __float2uint_##suffix(float x) {                                      \
        return hone_saturate<unsigned int>(round##f(x), false);                                    \
    }                                                                                              \
    HONE_INLINE long long __float2ll_##suffix(float x) {                                           \
        return hone_saturate<long long>(round##f(x), true);                                        \
    }                                                                                              \
    HONE_INLINE unsigned long long __float2ull_##suffix(float x) {                                 \
        return hone_saturate<unsigned long long>(round##f(x), true);                               \
    }                                                                                              \
    HONE_INLINE int __double2int_##suffix(double x) {                                              \
        return hone_saturate<int>(round(x), true);                                                 \
    }                                                                                              \
    HONE_INLINE unsigned int __double2uint_##suffix(double x) {                                    \
        return hone_saturate<unsigned int>(round(x), true);                                        \
    }                                                                                              \
    HONE_INLINE long long __double2ll_##suffix(double x) {                                         \
        return hone_saturate<long long>(round(x), true);                                           \
    }                                                                                              \
    HONE_INLINE unsigned long long __double2ull_##suffix(double x) {                               \
        return hone_saturate<unsigned long long>(round(x), true);                                  \
    }
HONE_TO_INTEGER(rn, rint)
HONE_TO_INTEGER(rz, trunc)
HONE_TO_INTEGER(ru, ceil)
HONE_TO_INTEGER(rd, floor)
#undef HONE_TO_INTEGER

#define HONE_TO_FLOAT(suffix, direction)                                                           \
    HONE_INLINE float __int2float_##suffix(int x) {                                                \
        return hone_narrow(x, direction);                                                          \
    }                                                                                              \
    HONE_INLINE float __uint2float_##suffix(unsigned int x) {                                      \
        return hone_narrow(x, direction);                                                          \
    }                                                                                              \
    HONE_INLINE float __ll2float_##suffix(long long x) {                                           \
        return hone_narrow(hone_odd_integer(x), direction);                                        \
    }                                                                                              \
    HONE_INLINE float __ull2float_##suffix(unsigned long long x) {                                 \
        return hone_narrow(hone_odd_integer(x), direction);                                        \
    }                                                                                              \
    HONE_INLINE float __double2float_##suffix(double x) {                                          \
        return hone_narrow(x, direction);                                                          \
    }                                                                                              \
    HONE_INLINE double __ll2double_##suffix(long long x) {                                         \
        double near = (double)x;                                                                   \
        return hone_step(near, (double)((__int128)x - (__int128)near), direction);                 \
    }                                                                                              \
    HONE_INLINE double __ull2double_##suffix(unsigned long long x) {                               \
        double near = (double)x;                                                                   \
        return hone_step(near, (double)((__int128)x - (__int128)near), direction);                 \
    }
HONE_TO_FLOAT(rn, HONE_RN)
HONE_TO_FLOAT(rz, HONE_RZ)
HONE_TO_FLOAT(ru, HONE_RU)
HONE_TO_FLOAT(rd, HONE_RD)
#undef HONE_TO_FLOAT

HONE_INLINE double __int2double_rn(int x) {
    return x;
}
HONE_INLINE double __uint2double_rn(unsigned int x) {
    return x;
}

#endif
