/* mathematics.h - CUDA's mathematical functions in float and double, of libm's where it has them.
 *
 * Every function has CUDA's overloads and no more, so that a call is ambiguous here when it is on
 * the GPU. The fast intrinsics (__expf ...) are the exact functions: nearer to the truth than the
 * GPU's, never further away. */
#ifndef HONE_DEVICE_MATHEMATICS_H
#define HONE_DEVICE_MATHEMATICS_H

#define HONE_OF_ONE(name)                                                                          \
    extern "C" double name(double);                                                                \
    extern "C" float name##f(float);                                                               \
    HONE_INLINE float name(float x) {                                                              \
        return name##f(x);                                                                         \
    }
#define HONE_OF_TWO(name)                                                                          \
    extern "C" double name(double, double);                                                        \
    extern "C" float name##f(float, float);                                                        \
    HONE_INLINE float name(float x, float y) {                                                     \
        return name##f(x, y);                                                                      \
    }

HONE_OF_ONE(sqrt)
HONE_OF_ONE(cbrt)
HONE_OF_ONE(exp)
HONE_OF_ONE(exp2)
HONE_OF_ONE(exp10)
HONE_OF_ONE(expm1)
HONE_OF_ONE(log)
HONE_OF_ONE(log2)
HONE_OF_ONE(log10)
HONE_OF_ONE(log1p)
HONE_OF_ONE(logb)
HONE_OF_ONE(sin)
HONE_OF_ONE(cos)
HONE_OF_ONE(tan)
HONE_OF_ONE(asin)
HONE_OF_ONE(acos)
HONE_OF_ONE(atan)
HONE_OF_ONE(sinh)
HONE_OF_ONE(cosh)
HONE_OF_ONE(tanh)
HONE_OF_ONE(asinh)
HONE_OF_ONE(acosh)
HONE_OF_ONE(atanh)
HONE_OF_ONE(erf)
HONE_OF_ONE(erfc)
HONE_OF_ONE(tgamma)
HONE_OF_ONE(lgamma)
HONE_OF_ONE(ceil)
HONE_OF_ONE(floor)
HONE_OF_ONE(trunc)
HONE_OF_ONE(round)
HONE_OF_ONE(rint)
HONE_OF_ONE(nearbyint)
HONE_OF_ONE(fabs)
HONE_OF_TWO(pow)
HONE_OF_TWO(atan2)
HONE_OF_TWO(hypot)
HONE_OF_TWO(fmod)
HONE_OF_TWO(remainder)
HONE_OF_TWO(fdim)
HONE_OF_TWO(copysign)
HONE_OF_TWO(nextafter)

extern "C" {
double j0(double), j1(double), jn(int, double), y0(double), y1(double), yn(int, double);
float j0f(float), j1f(float), jnf(int, float), y0f(float), y1f(float), ynf(int, float);
double fma(double, double, double), ldexp(double, int), scalbn(double, int), scalbln(double, long);
float fmaf(float, float, float), ldexpf(float, int), scalbnf(float, int), scalblnf(float, long);
double frexp(double, int *), modf(double, double *), remquo(double, double, int *);
float frexpf(float, int *), modff(float, float *), remquof(float, float, int *);
void sincos(double, double *, double *);
void sincosf(float, float *, float *);
int ilogb(double), ilogbf(float);
long lrint(double), lrintf(float), lround(double), lroundf(float);
long long llrint(double), llrintf(float), llround(double), llroundf(float);
double nan(const char *);
float nanf(const char *);

/* A call to libm's would not become an instruction, nor be vectorised. */
HONE_INLINE float fmaxf(float a, float b) {
    return b != b ? a : a > b ? a : b;
}
HONE_INLINE float fminf(float a, float b) {
    return b != b ? a : a < b ? a : b;
}
HONE_INLINE double fmax(double a, double b) {
    return b != b ? a : a > b ? a : b;
}
HONE_INLINE double fmin(double a, double b) {
    return b != b ? a : a < b ? a : b;
}
HONE_INLINE int abs(int a) {
    return a < 0 ? -a : a;
}
HONE_INLINE long labs(long a) {
    return a < 0 ? -a : a;
}
HONE_INLINE long long llabs(long long a) {
    return a < 0 ? -a : a;
}
}

HONE_INLINE float fma(float a, float b, float c) {
    return fmaf(a, b, c);
}
HONE_INLINE float fmax(float a, float b) {
    return fmaxf(a, b);
}
HONE_INLINE float fmin(float a, float b) {
    return fminf(a, b);
}
HONE_INLINE float pow(float a, int b) {
    return powf(a, (float)b);
}
HONE_INLINE double pow(double a, int b) {
    return pow(a, (double)b);
}
HONE_INLINE long abs(long a) {
    return labs(a);
}
HONE_INLINE long long abs(long long a) {
    return llabs(a);
}
HONE_INLINE float abs(float a) {
    return fabsf(a);
}
HONE_INLINE double abs(double a) {
    return fabs(a);
}
HONE_INLINE float ldexp(float a, int b) {
    return ldexpf(a, b);
}
HONE_INLINE float scalbn(float a, int b) {
    return scalbnf(a, b);
}
HONE_INLINE float scalbln(float a, long b) {
    return scalblnf(a, b);
}
HONE_INLINE float frexp(float a, int *b) {
    return frexpf(a, b);
}
HONE_INLINE float modf(float a, float *b) {
    return modff(a, b);
}
HONE_INLINE float remquo(float a, float b, int *c) {
    return remquof(a, b, c);
}
HONE_INLINE void sincos(float a, float *b, float *c) {
    sincosf(a, b, c);
}
HONE_INLINE int ilogb(float a) {
    return ilogbf(a);
}
HONE_INLINE long lrint(float a) {
    return lrintf(a);
}
HONE_INLINE long lround(float a) {
    return lroundf(a);
}
HONE_INLINE long long llrint(float a) {
    return llrintf(a);
}
HONE_INLINE long long llround(float a) {
    return llroundf(a);
}

#define HONE_CLASSIFY(T)                                                                           \
    HONE_INLINE constexpr bool isnan(T x) {                                                        \
        return __builtin_isnan(x);                                                                 \
    }                                                                                              \
    HONE_INLINE constexpr bool isinf(T x) {                                                        \
        return __builtin_isinf(x);                                                                 \
    }                                                                                              \
    HONE_INLINE constexpr bool isfinite(T x) {                                                     \
        return __builtin_isfinite(x);                                                              \
    }                                                                                              \
    HONE_INLINE bool signbit(T x) {                                                                \
        return __builtin_signbit(x);                                                               \
    }
HONE_CLASSIFY(float)
HONE_CLASSIFY(double)

#define HONE_SMALLER_LARGER(Result, A, B)                                                          \
    HONE_INLINE constexpr Result min(A a, B b) {                                                   \
        return (Result)a < (Result)b ? (Result)a : (Result)b;                                      \
    }                                                                                              \
    HONE_INLINE constexpr Result max(A a, B b) {                                                   \
        return (Result)a > (Result)b ? (Result)a : (Result)b;                                      \
    }
#define HONE_SMALLER_LARGER_INTEGERS(T)                                                            \
    HONE_SMALLER_LARGER(T, T, T)                                                                   \
    HONE_SMALLER_LARGER(unsigned T, unsigned T, unsigned T)                                        \
    HONE_SMALLER_LARGER(unsigned T, T, unsigned T)                                                 \
    HONE_SMALLER_LARGER(unsigned T, unsigned T, T)
#define HONE_SMALLER_LARGER_REALS(T, A, B, f)                                                      \
    HONE_INLINE T min(A a, B b) {                                                                  \
        return fmin##f((T)a, (T)b);                                                                \
    }                                                                                              \
    HONE_INLINE T max(A a, B b) {                                                                  \
        return fmax##f((T)a, (T)b);                                                                \
    }
HONE_SMALLER_LARGER_INTEGERS(int)
HONE_SMALLER_LARGER_INTEGERS(long)
HONE_SMALLER_LARGER_INTEGERS(long long)
HONE_SMALLER_LARGER_REALS(float, float, float, f)
HONE_SMALLER_LARGER_REALS(double, double, double, )
HONE_SMALLER_LARGER_REALS(double, float, double, )
HONE_SMALLER_LARGER_REALS(double, double, float, )

/* What libm has not. `f` is the suffix of a float's constants and functions. */
#define HONE_REAL(T, f)                                                                            \
    HONE_INLINE T rsqrt##f(T x) {                                                                  \
        return 1 / sqrt##f(x);                                                                     \
    }                                                                                              \
    HONE_INLINE T rcbrt##f(T x) {                                                                  \
        return 1 / cbrt##f(x);                                                                     \
    }                                                                                              \
    HONE_INLINE T rhypot##f(T x, T y) {                                                            \
        return 1 / hypot##f(x, y);                                                                 \
    }                                                                                              \
    HONE_INLINE T norm3d##f(T x, T y, T z) {                                                       \
        return hypot##f(hypot##f(x, y), z);                                                        \
    }                                                                                              \
    HONE_INLINE T rnorm3d##f(T x, T y, T z) {                                                      \
        return 1 / norm3d##f(x, y, z);                                                             \
    }                                                                                              \
    HONE_INLINE T norm4d##f(T x, T y, T z, T w) {                                                  \
        return hypot##f(hypot##f(x, y), hypot##f(z, w));                                           \
    }                                                                                              \
    HONE_INLINE T rnorm4d##f(T x, T y, T z, T w) {                                                 \
        return 1 / norm4d##f(x, y, z, w);                                                          \
    }                                                                                              \
    HONE_INLINE T norm##f(int count, const T *x) {                                                 \
        T length = 0;                                                                              \
        for (int i = 0; i < count; i++)                                                            \
            length = hypot##f(length, x[i]);                                                       \
        return length;                                                                             \
    }                                                                                              \
    HONE_INLINE T rnorm##f(int count, const T *x) {                                                \
        return 1 / norm##f(count, x);                                                              \
    }                                                                                              \
    /* The angle is brought to a quarter turn exactly, so that only sine and cosine round. */      \
    HONE_INLINE void sincospi##f(T x, T *sine, T *cosine) {                                        \
        T quarter = rint##f(2 * x), s, c;                                                          \
        double rest = ((double)x - (double)quarter / 2) * 3.14159265358979323846;                  \
        s = (T)sin(rest);                                                                          \
        c = (T)cos(rest);                                                                          \
        T side = fmod##f(quarter, 4);                                                              \
        side += side < 0 ? (T)4 : (T)0;                                                            \
        *sine = side == 0 ? (x == 0 ? x : s) : side == 1 ? c : side == 2 ? -s : -c;                \
        *cosine = side == 0 ? c : side == 1 ? 0 - s : side == 2 ? -c : s;                          \
    }                                                                                              \
    HONE_INLINE T sinpi##f(T x) {                                                                  \
        T sine, cosine;                                                                            \
        sincospi##f(x, &sine, &cosine);                                                            \
        return sine;                                                                               \
    }                                                                                              \
    HONE_INLINE T cospi##f(T x) {                                                                  \
        T sine, cosine;                                                                            \
        sincospi##f(x, &sine, &cosine);                                                            \
        return cosine;                                                                             \
    }                                                                                              \
    HONE_INLINE T normcdf##f(T x) {                                                                \
        return (T)(0.5 * erfc(-0.70710678118654752440 * (double)x));                               \
    }                                                                                              \
    HONE_INLINE T fdivide##f(T x, T y) {                                                           \
        return x / y;                                                                              \
    }
extern "C" { /* as CUDA's are, so that no kernel can have their names */
HONE_REAL(float, f)
HONE_REAL(double, )
}

/* exp(x * x) * erfc(x), the square's rounding error put back; from 25 on by the asymptotic series
 * (Abramowitz and Stegun 7.1.23), whose fifth term is below 2^-60 there. */
static inline double erfcx(double x) {
    if (x >= 25) {
        double t = 0.5 / (x * x);
        return 0.56418958354775628695 / x * (1 - t * (1 - 3 * t * (1 - 5 * t * (1 - 7 * t))));
    }
    double square = hone_rounded(x * x);
    return exp(square) * (1 + fma(x, x, -square)) * erfc(x);
}

/* The inverse of erfc: a start that is near enough (Abramowitz and Stegun 26.2.23), then Newton's
 * method with Halley's term on log(erfc), which is nearly a parabola. */
static inline double erfcinv(double y) {
    if (!(y > 0 && y < 2))
        return y == 0 ? __builtin_inf() : y == 2 ? -__builtin_inf() : __builtin_nan("");
    double p = y < 1 ? y : 2 - y, t = sqrt(-2 * log(p / 2));
    double x = (t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                        (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))) *
               0.70710678118654752440;
    for (int i = 0; i < 3; i++) {
        double error = (erfc(x) - p) / (1.12837916709551257390 * exp(-x * x));
        x += error / (1 + x * error);
    }
    return y < 1 ? x : -x;
}
static inline double erfinv(double y) {
    if (!(fabs(y) < 0.5))
        return y > 0 ? erfcinv(1 - y) : y == y ? -erfcinv(1 + y) : y;
    double x = y * 0.88622692545275801365;
    for (int i = 0; i < 5; i++) {
        double error = (erf(x) - y) / (1.12837916709551257390 * exp(-x * x));
        x -= error / (1 + x * error);
    }
    return x;
}
HONE_INLINE double normcdfinv(double x) {
    return -1.41421356237309504880 * erfcinv(2 * x);
}

#define HONE_THROUGH_DOUBLE(name)                                                                  \
    HONE_INLINE float name##f(float x) {                                                           \
        return (float)name((double)x);                                                             \
    }                                                                                              \
    HONE_INLINE float name(float x) {                                                              \
        return name##f(x);                                                                         \
    }
HONE_THROUGH_DOUBLE(erfcx)
HONE_THROUGH_DOUBLE(erfcinv)
HONE_THROUGH_DOUBLE(erfinv)
HONE_THROUGH_DOUBLE(normcdfinv)

#define HONE_ALSO_FLOAT(name)                                                                      \
    HONE_INLINE float name(float x) {                                                              \
        return name##f(x);                                                                         \
    }
HONE_ALSO_FLOAT(rsqrt)
HONE_ALSO_FLOAT(rcbrt)
HONE_ALSO_FLOAT(sinpi)
HONE_ALSO_FLOAT(cospi)
HONE_ALSO_FLOAT(normcdf)
HONE_ALSO_FLOAT(j0)
HONE_ALSO_FLOAT(j1)
HONE_ALSO_FLOAT(y0)
HONE_ALSO_FLOAT(y1)
HONE_INLINE float rhypot(float x, float y) {
    return rhypotf(x, y);
}
HONE_INLINE float fdivide(float x, float y) {
    return fdividef(x, y);
}
HONE_INLINE void sincospi(float x, float *sine, float *cosine) {
    sincospif(x, sine, cosine);
}

#define HONE_INTRINSIC(name, function)                                                             \
    HONE_INLINE float name(float x) {                                                              \
        return function(x);                                                                        \
    }
HONE_INTRINSIC(__expf, expf)
HONE_INTRINSIC(__exp10f, exp10f)
HONE_INTRINSIC(__logf, logf)
HONE_INTRINSIC(__log2f, log2f)
HONE_INTRINSIC(__log10f, log10f)
HONE_INTRINSIC(__sinf, sinf)
HONE_INTRINSIC(__cosf, cosf)
HONE_INTRINSIC(__tanf, tanf)
HONE_INTRINSIC(__tanhf, tanhf)
#undef HONE_INTRINSIC
HONE_INLINE float __powf(float x, float y) {
    return powf(x, y);
}
HONE_INLINE void __sincosf(float x, float *sine, float *cosine) {
    sincosf(x, sine, cosine);
}
HONE_INLINE float __fdividef(float x, float y) {
    return fdividef(x, y);
}
HONE_INLINE float __saturatef(float x) {
    return x > 0 ? x < 1 ? x : 1.0f : 0.0f;
}

#undef HONE_OF_ONE
#undef HONE_OF_TWO
#undef HONE_CLASSIFY
#undef HONE_SMALLER_LARGER
#undef HONE_SMALLER_LARGER_INTEGERS
#undef HONE_SMALLER_LARGER_REALS
#undef HONE_REAL
#undef HONE_THROUGH_DOUBLE
#undef HONE_ALSO_FLOAT

#endif
