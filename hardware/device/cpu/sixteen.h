/* sixteen.h - a sixteen-bit floating type and pairs of it; included once for each of the two.
 *
 * The including file defines HONE_T, HONE_T2 and HONE_S, the type, the pair and the word that
 * stands for it in names (`half` of __float2half), and beforehand hone_widen(unsigned short,
 * HONE_T *) and hone_shorten(float, HONE_T *), the conversions of bits, to nearest.
 *
 * Sums, products, quotients and roots are rounded twice, to float and then to sixteen bits, which
 * is harmless: float has more than twice as many bits and two (Figueroa, "When is double rounding
 * innocuous?"). Others go through a value rounded to odd (rounding.h). */

#define HONE_JOIN_(a, b, c) a##b##c
#define HONE_JOIN(a, b, c) HONE_JOIN_(a, b, c)
#define HONE_NAME(before, after) HONE_JOIN(before, HONE_S, after)
#define HONE_RAW HONE_JOIN(HONE_T, _raw, )
#define HONE_RAW2 HONE_JOIN(HONE_T2, _raw, )

struct __align__(2) HONE_RAW {
    unsigned short x;
};
struct __align__(4) HONE_RAW2 {
    unsigned short x, y;
};

struct __align__(2) HONE_T {
  protected:
    unsigned short __x;

  public:
    HONE_T() = default;
    constexpr HONE_T(const HONE_RAW &raw) : __x(raw.x) {
    }
    constexpr operator HONE_RAW() const {
        return HONE_RAW{__x};
    }
    __forceinline__ HONE_T(float value) : __x(hone_shorten(value, (HONE_T *)0)) {
    }
    __forceinline__ operator float() const {
        return hone_widen(__x, (HONE_T *)0);
    }
    /* The same three by name, which a compiler resolves in a fraction of the time. */
    __forceinline__ float hone_value() const {
        return hone_widen(__x, (HONE_T *)0);
    }
    __forceinline__ static HONE_T hone_of(float value) {
        return hone_raw(hone_shorten(value, (HONE_T *)0));
    }
    __forceinline__ static HONE_T hone_raw(unsigned short bits) {
        HONE_T made;
        made.__x = bits;
        return made;
    }
    constexpr unsigned short hone_bits() const {
        return __x;
    }
    __forceinline__ HONE_T(double value) : HONE_T(hone_odd_float(value)) {
    }
    constexpr operator bool() const {
        return (__x & 0x7fff) != 0;
    }
    HONE_MORE_CONSTRUCTORS
#define HONE_INTEGER(T)                                                                            \
    __forceinline__ HONE_T(T value) : HONE_T(hone_odd_float(hone_odd_integer(value))) {            \
    }                                                                                              \
    __forceinline__ operator T() const {                                                           \
        return hone_saturate<T>(truncf(hone_value()), sizeof(T) == 8);                             \
    }
    HONE_INTEGER(short)
    HONE_INTEGER(unsigned short)
    HONE_INTEGER(int)
    HONE_INTEGER(unsigned int)
    HONE_INTEGER(long)
    HONE_INTEGER(unsigned long)
    HONE_INTEGER(long long)
    HONE_INTEGER(unsigned long long)
#undef HONE_INTEGER
#define HONE_INTEGER(T)                                                                            \
    __forceinline__ operator T() const {                                                           \
        return hone_saturate<T>(truncf(hone_value()), false);                                      \
    }
    HONE_INTEGER(char)
    HONE_INTEGER(signed char)
    HONE_INTEGER(unsigned char)
#undef HONE_INTEGER
};

struct __align__(4) HONE_T2 {
    HONE_T x, y;
    HONE_T2() = default;
    constexpr HONE_T2(const HONE_T &a, const HONE_T &b) : x(a), y(b) {
    }
    constexpr HONE_T2(const HONE_RAW2 &raw) : x(HONE_RAW{raw.x}), y(HONE_RAW{raw.y}) {
    }
    constexpr operator HONE_RAW2() const {
        return HONE_RAW2{x.hone_bits(), y.hone_bits()};
    }
};
HONE_LOADABLE(HONE_T)
HONE_LOADABLE(HONE_T2)

/* --- bits --- */

HONE_INLINE HONE_T HONE_NAME(__ushort_as_, )(unsigned short bits) {
    return HONE_T::hone_raw(bits);
}
HONE_INLINE HONE_T HONE_NAME(__short_as_, )(short bits) {
    return HONE_T::hone_raw((unsigned short)bits);
}
HONE_INLINE unsigned short HONE_NAME(__, _as_ushort)(const HONE_T &a) {
    return a.hone_bits();
}
HONE_INLINE short HONE_NAME(__, _as_short)(const HONE_T &a) {
    return (short)a.hone_bits();
}
HONE_INLINE HONE_T __habs(const HONE_T &a) {
    return HONE_T::hone_raw((unsigned short)(a.hone_bits() & 0x7fff));
}
HONE_INLINE HONE_T __hneg(const HONE_T &a) {
    return HONE_T::hone_raw((unsigned short)(a.hone_bits() ^ 0x8000));
}
HONE_INLINE bool __hisnan(const HONE_T &a) {
    return __builtin_isnan(a.hone_value());
}
HONE_INLINE int __hisinf(const HONE_T &a) {
    float value = a.hone_value();
    return __builtin_isinf(value) ? value > 0 ? 1 : -1 : 0;
}

/* --- conversions --- */

/* Moved by one unit in the last place where the nearest is not the one asked for. */
template <hone_direction Direction> HONE_INLINE HONE_T hone_narrow(float odd, HONE_T *) {
    HONE_T near = HONE_T::hone_of(odd);
    bool below = near.hone_value()<odd, above = near.hone_value()> odd;
    if (!hone_is_short(below, above, odd < 0, Direction))
        return near;
    unsigned short bits = near.hone_bits();
    if ((bits & 0x7fff) == 0)
        return HONE_T::hone_raw((unsigned short)(above ? 0x8001 : 1));
    return HONE_T::hone_raw((unsigned short)(bits + ((bits >> 15) == above ? 1 : -1)));
}
HONE_INLINE HONE_T HONE_NAME(__float2, )(float value) {
    return HONE_T::hone_of(value);
}
HONE_INLINE HONE_T HONE_NAME(__double2, )(double value) {
    return HONE_T::hone_of(hone_odd_float(value));
}
HONE_INLINE float HONE_NAME(__, 2float)(const HONE_T &value) {
    return value.hone_value();
}
#define HONE_FROM_AND_TO(T, word, suffix, direction)                                               \
    HONE_INLINE HONE_T HONE_NAME(__##word##2, _##suffix)(T value) {                                \
        return hone_narrow<direction>(hone_odd_float(hone_odd_integer(value)), (HONE_T *)0);       \
    }                                                                                              \
    HONE_INLINE T HONE_NAME(__, 2##word##_##suffix)(const HONE_T &value) {                         \
        return hone_saturate<T>(hone_to_whole<direction>(value.hone_value()), sizeof(T) == 8);     \
    }
#define HONE_CONVERSIONS(suffix, direction)                                                        \
    HONE_INLINE HONE_T HONE_NAME(__float2, _##suffix)(float value) {                               \
        return hone_narrow<direction>(value, (HONE_T *)0);                                         \
    }                                                                                              \
    HONE_FROM_AND_TO(short, short, suffix, direction)                                              \
    HONE_FROM_AND_TO(unsigned short, ushort, suffix, direction)                                    \
    HONE_FROM_AND_TO(int, int, suffix, direction)                                                  \
    HONE_FROM_AND_TO(unsigned int, uint, suffix, direction)                                        \
    HONE_FROM_AND_TO(long long, ll, suffix, direction)                                             \
    HONE_FROM_AND_TO(unsigned long long, ull, suffix, direction)
HONE_CONVERSIONS(rn, HONE_RN)
HONE_CONVERSIONS(rz, HONE_RZ)
HONE_CONVERSIONS(ru, HONE_RU)
HONE_CONVERSIONS(rd, HONE_RD)
#undef HONE_FROM_AND_TO
#undef HONE_CONVERSIONS
HONE_INLINE signed char HONE_NAME(__, 2char_rz)(const HONE_T &value) {
    return (signed char)value;
}
HONE_INLINE unsigned char HONE_NAME(__, 2uchar_rz)(const HONE_T &value) {
    return (unsigned char)value;
}

/* --- arithmetic of one --- */

HONE_INLINE HONE_T hone_within_one(const HONE_T &a) {
    float value = a.hone_value();
    return HONE_T::hone_of(value > 0 ? value < 1 ? value : 1.0f : 0.0f);
}
#define HONE_ARITHMETIC(name, pair, sign)                                                          \
    HONE_INLINE HONE_T __h##name(const HONE_T &a, const HONE_T &b) {                               \
        return HONE_T::hone_of(a.hone_value() sign b.hone_value());                                \
    }                                                                                              \
    HONE_INLINE HONE_T operator sign(const HONE_T &a, const HONE_T &b) {                           \
        return __h##name(a, b);                                                                    \
    }                                                                                              \
    HONE_INLINE HONE_T &operator sign##=(HONE_T &a, const HONE_T &b) {                             \
        return a = __h##name(a, b);                                                                \
    }                                                                                              \
    HONE_INLINE HONE_T2 pair(const HONE_T2 &a, const HONE_T2 &b) {                                 \
        return HONE_T2(__h##name(a.x, b.x), __h##name(a.y, b.y));                                  \
    }                                                                                              \
    HONE_INLINE HONE_T2 operator sign(const HONE_T2 &a, const HONE_T2 &b) {                        \
        return pair(a, b);                                                                         \
    }                                                                                              \
    HONE_INLINE HONE_T2 &operator sign##=(HONE_T2 &a, const HONE_T2 &b) {                          \
        return a = pair(a, b);                                                                     \
    }
#define HONE_SATURATED(name)                                                                       \
    HONE_INLINE HONE_T __h##name##_sat(const HONE_T &a, const HONE_T &b) {                         \
        return hone_within_one(__h##name(a, b));                                                   \
    }                                                                                              \
    HONE_INLINE HONE_T2 __h##name##2_sat(const HONE_T2 &a, const HONE_T2 &b) {                     \
        return HONE_T2(__h##name##_sat(a.x, b.x), __h##name##_sat(a.y, b.y));                      \
    }
HONE_ARITHMETIC(add, __hadd2, +)
HONE_ARITHMETIC(sub, __hsub2, -)
HONE_ARITHMETIC(mul, __hmul2, *)
HONE_ARITHMETIC(div, __h2div, /)
HONE_SATURATED(add)
HONE_SATURATED(sub)
HONE_SATURATED(mul)
#undef HONE_ARITHMETIC
#undef HONE_SATURATED
HONE_INLINE HONE_T __hfma(const HONE_T &a, const HONE_T &b, const HONE_T &c) {
    return HONE_T::hone_of(
        hone_odd_fma(a.hone_value(), b.hone_value(), c.hone_value(), (HONE_T *)0));
}
HONE_INLINE HONE_T __hfma_sat(const HONE_T &a, const HONE_T &b, const HONE_T &c) {
    return hone_within_one(__hfma(a, b, c));
}
HONE_INLINE HONE_T __hfma_relu(const HONE_T &a, const HONE_T &b, const HONE_T &c) {
    HONE_T sum = __hfma(a, b, c);
    return sum.hone_value() < 0 ? HONE_T::hone_of(0.0f) : sum;
}
HONE_INLINE HONE_T operator+(const HONE_T &a) {
    return a;
}
HONE_INLINE HONE_T operator-(const HONE_T &a) {
    return __hneg(a);
}
HONE_INLINE HONE_T &operator++(HONE_T &a) {
    return a = HONE_T::hone_of(a.hone_value() + 1);
}
HONE_INLINE HONE_T &operator--(HONE_T &a) {
    return a = HONE_T::hone_of(a.hone_value() - 1);
}
HONE_INLINE HONE_T operator++(HONE_T &a, int) {
    HONE_T old = a;
    ++a;
    return old;
}
HONE_INLINE HONE_T operator--(HONE_T &a, int) {
    HONE_T old = a;
    --a;
    return old;
}

/* --- comparisons, and pairs of them --- */

/* `ordered` is false when a or b is a NaN, `unordered` true. */
#define HONE_COMPARE(name, ordered, unordered)                                                     \
    HONE_INLINE bool __h##name(const HONE_T &a, const HONE_T &b) {                                 \
        float x = a.hone_value(), y = b.hone_value();                                              \
        return ordered;                                                                            \
    }                                                                                              \
    HONE_INLINE bool __h##name##u(const HONE_T &a, const HONE_T &b) {                              \
        float x = a.hone_value(), y = b.hone_value();                                              \
        return unordered;                                                                          \
    }                                                                                              \
    HONE_COMPARE_PAIRS(name)                                                                       \
    HONE_COMPARE_PAIRS(name##u)
#define HONE_COMPARE_PAIRS(name)                                                                   \
    HONE_INLINE HONE_T2 __h##name##2(const HONE_T2 &a, const HONE_T2 &b) {                         \
        return HONE_T2(HONE_T::hone_of((float)__h##name(a.x, b.x)),                                \
                       HONE_T::hone_of((float)__h##name(a.y, b.y)));                               \
    }                                                                                              \
    HONE_INLINE unsigned int __h##name##2_mask(const HONE_T2 &a, const HONE_T2 &b) {               \
        return (__h##name(a.x, b.x) ? 0xffffu : 0) | (__h##name(a.y, b.y) ? 0xffff0000u : 0);      \
    }                                                                                              \
    HONE_INLINE bool __hb##name##2(const HONE_T2 &a, const HONE_T2 &b) {                           \
        return __h##name(a.x, b.x) && __h##name(a.y, b.y);                                         \
    }
HONE_COMPARE(eq, x == y, !(x < y || x > y))
HONE_COMPARE(ne, x<y || x> y, x != y)
HONE_COMPARE(lt, x < y, !(x >= y))
HONE_COMPARE(le, x <= y, !(x > y))
HONE_COMPARE(gt, x > y, !(x <= y))
HONE_COMPARE(ge, x >= y, !(x < y))
#undef HONE_COMPARE
#undef HONE_COMPARE_PAIRS
#define HONE_OPERATOR(name, sign)                                                                  \
    HONE_INLINE bool operator sign(const HONE_T &a, const HONE_T &b) {                             \
        return __h##name(a, b);                                                                    \
    }                                                                                              \
    HONE_INLINE bool operator sign(const HONE_T2 &a, const HONE_T2 &b) {                           \
        return __hb##name##2(a, b);                                                                \
    }
HONE_OPERATOR(eq, ==)
HONE_OPERATOR(neu, !=)
HONE_OPERATOR(lt, <)
HONE_OPERATOR(le, <=)
HONE_OPERATOR(gt, >)
HONE_OPERATOR(ge, >=)
#undef HONE_OPERATOR

/* -0 is smaller than +0; a NaN loses against a number, or, in *_nan, wins. */
HONE_INLINE HONE_T HONE_NAME(hone_nan_of_, )() {
    return HONE_T::hone_raw(0x7fff);
}
HONE_INLINE HONE_T __hmax(const HONE_T &a, const HONE_T &b) {
    float x = a.hone_value(), y = b.hone_value();
    if (__hisnan(a))
        return __hisnan(b) ? HONE_NAME(hone_nan_of_, )() : b;
    return __hisnan(b) || x > y || (x == y && !(a.hone_bits() >> 15)) ? a : b;
}
HONE_INLINE HONE_T __hmin(const HONE_T &a, const HONE_T &b) {
    float x = a.hone_value(), y = b.hone_value();
    if (__hisnan(a))
        return __hisnan(b) ? HONE_NAME(hone_nan_of_, )() : b;
    return __hisnan(b) || x < y || (x == y && a.hone_bits() >> 15) ? a : b;
}
HONE_INLINE HONE_T __hmax_nan(const HONE_T &a, const HONE_T &b) {
    return __hisnan(a) || __hisnan(b) ? HONE_NAME(hone_nan_of_, )() : __hmax(a, b);
}
HONE_INLINE HONE_T __hmin_nan(const HONE_T &a, const HONE_T &b) {
    return __hisnan(a) || __hisnan(b) ? HONE_NAME(hone_nan_of_, )() : __hmin(a, b);
}

/* --- functions, in float --- */

#define HONE_FUNCTION(name, function)                                                              \
    HONE_INLINE HONE_T h##name(const HONE_T &a) {                                                  \
        return HONE_T::hone_of(function(a.hone_value()));                                          \
    }                                                                                              \
    HONE_INLINE HONE_T2 h2##name(const HONE_T2 &a) {                                               \
        return HONE_T2(h##name(a.x), h##name(a.y));                                                \
    }
HONE_FUNCTION(exp, expf)
HONE_FUNCTION(exp2, exp2f)
HONE_FUNCTION(exp10, exp10f)
HONE_FUNCTION(log, logf)
HONE_FUNCTION(log2, log2f)
HONE_FUNCTION(log10, log10f)
HONE_FUNCTION(sqrt, sqrtf)
HONE_FUNCTION(rsqrt, rsqrtf)
HONE_FUNCTION(rcp, 1.0f /)
HONE_FUNCTION(sin, sinf)
HONE_FUNCTION(cos, cosf)
HONE_FUNCTION(tanh, tanhf)
HONE_FUNCTION(tanh_approx, tanhf)
HONE_FUNCTION(floor, floorf)
HONE_FUNCTION(ceil, ceilf)
HONE_FUNCTION(trunc, truncf)
HONE_FUNCTION(rint, rintf)
#undef HONE_FUNCTION

/* --- pairs --- */

HONE_INLINE HONE_T2 HONE_JOIN(make_, HONE_S, 2)(const HONE_T &a, const HONE_T &b) {
    return HONE_T2(a, b);
}
HONE_INLINE HONE_T2 HONE_JOIN(__halves2, HONE_S, 2)(const HONE_T &a, const HONE_T &b) {
    return HONE_T2(a, b);
}
HONE_INLINE HONE_T2 HONE_JOIN(HONE_NAME(__, 2), HONE_S, 2)(const HONE_T &a) {
    return HONE_T2(a, a);
}
HONE_INLINE HONE_T2 HONE_NAME(__float2, 2_rn)(float a) {
    return HONE_T2(HONE_T::hone_of(a), HONE_T::hone_of(a));
}
HONE_INLINE HONE_T2 HONE_NAME(__floats2, 2_rn)(float a, float b) {
    return HONE_T2(HONE_T::hone_of(a), HONE_T::hone_of(b));
}
HONE_INLINE HONE_T2 HONE_NAME(__float22, 2_rn)(float2 a) {
    return HONE_T2(HONE_T::hone_of(a.x), HONE_T::hone_of(a.y));
}
HONE_INLINE float2 HONE_NAME(__, 22float2)(const HONE_T2 &a) {
    return make_float2(a.x.hone_value(), a.y.hone_value());
}
HONE_INLINE float __low2float(const HONE_T2 &a) {
    return a.x.hone_value();
}
HONE_INLINE float __high2float(const HONE_T2 &a) {
    return a.y.hone_value();
}
HONE_INLINE HONE_T HONE_NAME(__low2, )(const HONE_T2 &a) {
    return a.x;
}
HONE_INLINE HONE_T HONE_NAME(__high2, )(const HONE_T2 &a) {
    return a.y;
}
HONE_INLINE HONE_T2 HONE_NAME(__low2, 2)(const HONE_T2 &a) {
    return HONE_T2(a.x, a.x);
}
HONE_INLINE HONE_T2 HONE_NAME(__high2, 2)(const HONE_T2 &a) {
    return HONE_T2(a.y, a.y);
}
HONE_INLINE HONE_T2 HONE_NAME(__lows2, 2)(const HONE_T2 &a, const HONE_T2 &b) {
    return HONE_T2(a.x, b.x);
}
HONE_INLINE HONE_T2 HONE_NAME(__highs2, 2)(const HONE_T2 &a, const HONE_T2 &b) {
    return HONE_T2(a.y, b.y);
}
HONE_INLINE HONE_T2 __lowhigh2highlow(const HONE_T2 &a) {
    return HONE_T2(a.y, a.x);
}
#define HONE_OF_PAIRS(name)                                                                        \
    HONE_INLINE HONE_T2 __h##name##2(const HONE_T2 &a) {                                           \
        return HONE_T2(__h##name(a.x), __h##name(a.y));                                            \
    }
HONE_OF_PAIRS(abs)
HONE_OF_PAIRS(neg)
#undef HONE_OF_PAIRS
#define HONE_OF_PAIRS(name, suffix)                                                                \
    HONE_INLINE HONE_T2 __h##name##2##suffix(const HONE_T2 &a, const HONE_T2 &b) {                 \
        return HONE_T2(__h##name##suffix(a.x, b.x), __h##name##suffix(a.y, b.y));                  \
    }
HONE_OF_PAIRS(max, )
HONE_OF_PAIRS(min, )
HONE_OF_PAIRS(max, _nan)
HONE_OF_PAIRS(min, _nan)
#undef HONE_OF_PAIRS
#define HONE_OF_PAIRS(suffix)                                                                      \
    HONE_INLINE HONE_T2 __hfma2##suffix(const HONE_T2 &a, const HONE_T2 &b, const HONE_T2 &c) {    \
        return HONE_T2(__hfma##suffix(a.x, b.x, c.x), __hfma##suffix(a.y, b.y, c.y));              \
    }
HONE_OF_PAIRS()
HONE_OF_PAIRS(_sat)
HONE_OF_PAIRS(_relu)
#undef HONE_OF_PAIRS
HONE_INLINE HONE_T2 __hisnan2(const HONE_T2 &a) {
    return HONE_T2(HONE_T::hone_of((float)__hisnan(a.x)), HONE_T::hone_of((float)__hisnan(a.y)));
}
/* The complex product of a and b, and c. */
HONE_INLINE HONE_T2 __hcmadd(const HONE_T2 &a, const HONE_T2 &b, const HONE_T2 &c) {
    HONE_T real = __hfma(a.x, b.x, c.x), imaginary = __hfma(a.x, b.y, c.y);
    return HONE_T2(__hfma(__hneg(a.y), b.y, real), __hfma(a.y, b.x, imaginary));
}
HONE_INLINE HONE_T2 operator+(const HONE_T2 &a) {
    return a;
}
HONE_INLINE HONE_T2 operator-(const HONE_T2 &a) {
    return __hneg2(a);
}
HONE_INLINE HONE_T2 &operator++(HONE_T2 &a) {
    return a = HONE_T2(HONE_T::hone_of(a.x.hone_value() + 1),
                       HONE_T::hone_of(a.y.hone_value() + 1));
}
HONE_INLINE HONE_T2 &operator--(HONE_T2 &a) {
    return a = HONE_T2(HONE_T::hone_of(a.x.hone_value() - 1),
                       HONE_T::hone_of(a.y.hone_value() - 1));
}
HONE_INLINE HONE_T2 operator++(HONE_T2 &a, int) {
    HONE_T2 old = a;
    ++a;
    return old;
}
HONE_INLINE HONE_T2 operator--(HONE_T2 &a, int) {
    HONE_T2 old = a;
    --a;
    return old;
}

#undef HONE_JOIN_
#undef HONE_JOIN
#undef HONE_NAME
#undef HONE_RAW
#undef HONE_RAW2
#undef HONE_T
#undef HONE_T2
#undef HONE_S
#undef HONE_MORE_CONSTRUCTORS
