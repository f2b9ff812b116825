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
    if constexpr (sizeof(T) == 8)
        if ((value >> 53) != 0 && (value >> 53) != (T)-1)
            return (double)(value >> 11 | (T)((value & 2047) != 0)) * 2048;
    return (double)value;
}

/* Whether a value that lies to one side of the exact one is to be moved there. */
HONE_INLINE bool hone_is_short(bool below, bool above, bool negative, hone_direction direction) {
    return direction == HONE_RU   ? below
           : direction == HONE_RD ? above
                                  : direction == HONE_RZ && (negative ? below : above);
}
HONE_INLINE float hone_narrow(double odd, hone_direction direction) {
    float near = (float)odd;
    bool below = (double)near<odd, above = (double)near> odd;
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

/* CUDA's names are macros that say which of these they are: names nobody uses cost nothing. */
#define HONE_DIRECTED template <hone_direction Direction> HONE_INLINE

HONE_DIRECTED float hone_add(float a, float b) {
    return hone_narrow(hone_odd_sum(a, b), Direction);
}
HONE_DIRECTED float hone_subtract(float a, float b) {
    return hone_narrow(hone_odd_sum(a, -b), Direction);
}
HONE_DIRECTED float hone_multiply(float a, float b) {
    return hone_narrow((double)a * b, Direction);
}
HONE_DIRECTED float hone_fma(float a, float b, float c) {
    return hone_narrow(hone_odd_sum(hone_rounded((double)a * b), c), Direction);
}
HONE_DIRECTED float hone_divide(float a, float b) {
    return hone_narrow(hone_odd_quotient(a, b), Direction);
}
HONE_DIRECTED float hone_invert(float a) {
    return hone_narrow(hone_odd_quotient(1, a), Direction);
}
HONE_DIRECTED float hone_root(float a) {
    return hone_narrow(hone_odd_root(a), Direction);
}
HONE_DIRECTED double hone_add_doubles(double a, double b) {
    double near = hone_rounded(a + b), of_b = hone_rounded(near - a);
    double lacking = hone_rounded(a - hone_rounded(near - of_b)) + hone_rounded(b - of_b);
    return hone_step(near, lacking, Direction);
}
HONE_DIRECTED double hone_subtract_doubles(double a, double b) {
    return hone_add_doubles<Direction>(a, -b);
}
HONE_DIRECTED double hone_multiply_doubles(double a, double b) {
    double near = hone_rounded(a * b);
    return hone_step(near, __builtin_fma(a, b, -near), Direction);
}
HONE_DIRECTED double hone_divide_doubles(double a, double b) {
    double near = a / b;
    return hone_step(near, __builtin_fma(-near, b, a) * (b < 0 ? -1 : 1), Direction);
}
HONE_DIRECTED double hone_invert_double(double a) {
    return hone_divide_doubles<Direction>(1, a);
}
HONE_DIRECTED double hone_root_of_double(double a) {
    double near = sqrt(a);
    return hone_step(near, __builtin_fma(-near, near, a), Direction);
}
HONE_NAMED(__fadd_rz, hone_add<HONE_RZ>)
HONE_NAMED(__fadd_ru, hone_add<HONE_RU>)
HONE_NAMED(__fadd_rd, hone_add<HONE_RD>)
HONE_NAMED(__fsub_rz, hone_subtract<HONE_RZ>)
HONE_NAMED(__fsub_ru, hone_subtract<HONE_RU>)
HONE_NAMED(__fsub_rd, hone_subtract<HONE_RD>)
HONE_NAMED(__fmul_rz, hone_multiply<HONE_RZ>)
HONE_NAMED(__fmul_ru, hone_multiply<HONE_RU>)
HONE_NAMED(__fmul_rd, hone_multiply<HONE_RD>)
HONE_NAMED(__fmaf_rz, hone_fma<HONE_RZ>)
HONE_NAMED(__fmaf_ru, hone_fma<HONE_RU>)
HONE_NAMED(__fmaf_rd, hone_fma<HONE_RD>)
HONE_NAMED(__fdiv_rz, hone_divide<HONE_RZ>)
HONE_NAMED(__fdiv_ru, hone_divide<HONE_RU>)
HONE_NAMED(__fdiv_rd, hone_divide<HONE_RD>)
HONE_NAMED(__frcp_rz, hone_invert<HONE_RZ>)
HONE_NAMED(__frcp_ru, hone_invert<HONE_RU>)
HONE_NAMED(__frcp_rd, hone_invert<HONE_RD>)
HONE_NAMED(__fsqrt_rz, hone_root<HONE_RZ>)
HONE_NAMED(__fsqrt_ru, hone_root<HONE_RU>)
HONE_NAMED(__fsqrt_rd, hone_root<HONE_RD>)
HONE_NAMED(__dadd_rz, hone_add_doubles<HONE_RZ>)
HONE_NAMED(__dadd_ru, hone_add_doubles<HONE_RU>)
HONE_NAMED(__dadd_rd, hone_add_doubles<HONE_RD>)
HONE_NAMED(__dsub_rz, hone_subtract_doubles<HONE_RZ>)
HONE_NAMED(__dsub_ru, hone_subtract_doubles<HONE_RU>)
HONE_NAMED(__dsub_rd, hone_subtract_doubles<HONE_RD>)
HONE_NAMED(__dmul_rz, hone_multiply_doubles<HONE_RZ>)
HONE_NAMED(__dmul_ru, hone_multiply_doubles<HONE_RU>)
HONE_NAMED(__dmul_rd, hone_multiply_doubles<HONE_RD>)
HONE_NAMED(__ddiv_rz, hone_divide_doubles<HONE_RZ>)
HONE_NAMED(__ddiv_ru, hone_divide_doubles<HONE_RU>)
HONE_NAMED(__ddiv_rd, hone_divide_doubles<HONE_RD>)
HONE_NAMED(__drcp_rz, hone_invert_double<HONE_RZ>)
HONE_NAMED(__drcp_ru, hone_invert_double<HONE_RU>)
HONE_NAMED(__drcp_rd, hone_invert_double<HONE_RD>)
HONE_NAMED(__dsqrt_rz, hone_root_of_double<HONE_RZ>)
HONE_NAMED(__dsqrt_ru, hone_root_of_double<HONE_RU>)
HONE_NAMED(__dsqrt_rd, hone_root_of_double<HONE_RD>)

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
    constexpr To top = (To)((To)1 << (sizeof(To) * 8 - 1));
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

HONE_DIRECTED float hone_to_whole(float x) {
    return Direction == HONE_RN   ? rintf(x)
           : Direction == HONE_RZ ? truncf(x)
           : Direction == HONE_RU ? ceilf(x)
                                  : floorf(x);
}
HONE_DIRECTED double hone_to_whole(double x) {
    return Direction == HONE_RN   ? rint(x)
           : Direction == HONE_RZ ? trunc(x)
           : Direction == HONE_RU ? ceil(x)
                                  : floor(x);
}
template <class To, class From, hone_direction Direction> HONE_INLINE To hone_to_integer(From x) {
    return hone_saturate<To>(hone_to_whole<Direction>(x), sizeof(To) == 8 || sizeof(From) == 8);
}
template <class From, hone_direction Direction> HONE_INLINE float hone_to_float(From x) {
    return hone_narrow(hone_odd_integer(x), Direction);
}
template <class From, hone_direction Direction> HONE_INLINE double hone_to_double(From x) {
    double near = (double)x;
    return hone_step(near, (double)((__int128)x - (__int128)near), Direction);
}
HONE_DIRECTED float hone_to_narrower(double x) {
    return hone_narrow(x, Direction);
}

HONE_NAMED(__float2int_rn, hone_to_integer<int, float, HONE_RN>)
HONE_NAMED(__float2int_rz, hone_to_integer<int, float, HONE_RZ>)
HONE_NAMED(__float2int_ru, hone_to_integer<int, float, HONE_RU>)
HONE_NAMED(__float2int_rd, hone_to_integer<int, float, HONE_RD>)
HONE_NAMED(__float2uint_rn, hone_to_integer<unsigned int, float, HONE_RN>)
HONE_NAMED(__float2uint_rz, hone_to_integer<unsigned int, float, HONE_RZ>)
HONE_NAMED(__float2uint_ru, hone_to_integer<unsigned int, float, HONE_RU>)
HONE_NAMED(__float2uint_rd, hone_to_integer<unsigned int, float, HONE_RD>)
HONE_NAMED(__float2ll_rn, hone_to_integer<long long, float, HONE_RN>)
HONE_NAMED(__float2ll_rz, hone_to_integer<long long, float, HONE_RZ>)
HONE_NAMED(__float2ll_ru, hone_to_integer<long long, float, HONE_RU>)
HONE_NAMED(__float2ll_rd, hone_to_integer<long long, float, HONE_RD>)
HONE_NAMED(__float2ull_rn, hone_to_integer<unsigned long long, float, HONE_RN>)
HONE_NAMED(__float2ull_rz, hone_to_integer<unsigned long long, float, HONE_RZ>)
HONE_NAMED(__float2ull_ru, hone_to_integer<unsigned long long, float, HONE_RU>)
HONE_NAMED(__float2ull_rd, hone_to_integer<unsigned long long, float, HONE_RD>)
HONE_NAMED(__double2int_rn, hone_to_integer<int, double, HONE_RN>)
HONE_NAMED(__double2int_rz, hone_to_integer<int, double, HONE_RZ>)
HONE_NAMED(__double2int_ru, hone_to_integer<int, double, HONE_RU>)
HONE_NAMED(__double2int_rd, hone_to_integer<int, double, HONE_RD>)
HONE_NAMED(__double2uint_rn, hone_to_integer<unsigned int, double, HONE_RN>)
HONE_NAMED(__double2uint_rz, hone_to_integer<unsigned int, double, HONE_RZ>)
HONE_NAMED(__double2uint_ru, hone_to_integer<unsigned int, double, HONE_RU>)
HONE_NAMED(__double2uint_rd, hone_to_integer<unsigned int, double, HONE_RD>)
HONE_NAMED(__double2ll_rn, hone_to_integer<long long, double, HONE_RN>)
HONE_NAMED(__double2ll_rz, hone_to_integer<long long, double, HONE_RZ>)
HONE_NAMED(__double2ll_ru, hone_to_integer<long long, double, HONE_RU>)
HONE_NAMED(__double2ll_rd, hone_to_integer<long long, double, HONE_RD>)
HONE_NAMED(__double2ull_rn, hone_to_integer<unsigned long long, double, HONE_RN>)
HONE_NAMED(__double2ull_rz, hone_to_integer<unsigned long long, double, HONE_RZ>)
HONE_NAMED(__double2ull_ru, hone_to_integer<unsigned long long, double, HONE_RU>)
HONE_NAMED(__double2ull_rd, hone_to_integer<unsigned long long, double, HONE_RD>)
HONE_NAMED(__int2float_rn, hone_to_float<int, HONE_RN>)
HONE_NAMED(__int2float_rz, hone_to_float<int, HONE_RZ>)
HONE_NAMED(__int2float_ru, hone_to_float<int, HONE_RU>)
HONE_NAMED(__int2float_rd, hone_to_float<int, HONE_RD>)
HONE_NAMED(__uint2float_rn, hone_to_float<unsigned int, HONE_RN>)
HONE_NAMED(__uint2float_rz, hone_to_float<unsigned int, HONE_RZ>)
HONE_NAMED(__uint2float_ru, hone_to_float<unsigned int, HONE_RU>)
HONE_NAMED(__uint2float_rd, hone_to_float<unsigned int, HONE_RD>)
HONE_NAMED(__ll2float_rn, hone_to_float<long long, HONE_RN>)
HONE_NAMED(__ll2float_rz, hone_to_float<long long, HONE_RZ>)
HONE_NAMED(__ll2float_ru, hone_to_float<long long, HONE_RU>)
HONE_NAMED(__ll2float_rd, hone_to_float<long long, HONE_RD>)
HONE_NAMED(__ull2float_rn, hone_to_float<unsigned long long, HONE_RN>)
HONE_NAMED(__ull2float_rz, hone_to_float<unsigned long long, HONE_RZ>)
HONE_NAMED(__ull2float_ru, hone_to_float<unsigned long long, HONE_RU>)
HONE_NAMED(__ull2float_rd, hone_to_float<unsigned long long, HONE_RD>)
HONE_NAMED(__ll2double_rn, hone_to_double<long long, HONE_RN>)
HONE_NAMED(__ll2double_rz, hone_to_double<long long, HONE_RZ>)
HONE_NAMED(__ll2double_ru, hone_to_double<long long, HONE_RU>)
HONE_NAMED(__ll2double_rd, hone_to_double<long long, HONE_RD>)
HONE_NAMED(__ull2double_rn, hone_to_double<unsigned long long, HONE_RN>)
HONE_NAMED(__ull2double_rz, hone_to_double<unsigned long long, HONE_RZ>)
HONE_NAMED(__ull2double_ru, hone_to_double<unsigned long long, HONE_RU>)
HONE_NAMED(__ull2double_rd, hone_to_double<unsigned long long, HONE_RD>)
HONE_NAMED(__double2float_rn, hone_to_narrower<HONE_RN>)
HONE_NAMED(__double2float_rz, hone_to_narrower<HONE_RZ>)
HONE_NAMED(__double2float_ru, hone_to_narrower<HONE_RU>)
HONE_NAMED(__double2float_rd, hone_to_narrower<HONE_RD>)
HONE_NAMED(__int2double_rn, hone_to_double<int, HONE_RN>)
HONE_NAMED(__uint2double_rn, hone_to_double<unsigned int, HONE_RN>)

#undef HONE_DIRECTED

#endif
