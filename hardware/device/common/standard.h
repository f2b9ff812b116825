/* standard.h - the part of namespace std that kernels are written with. NVRTC knows std::move,
 * std::forward and std::initializer_list; a CPU build gets these here too. */
#ifndef HONE_DEVICE_STANDARD_H
#define HONE_DEVICE_STANDARD_H

namespace std {

using ::ptrdiff_t;
using ::size_t;
using nullptr_t = decltype(nullptr);
using ::int16_t;
using ::int32_t;
using ::int64_t;
using ::int8_t;
using ::intptr_t;
using ::uint16_t;
using ::uint32_t;
using ::uint64_t;
using ::uint8_t;
using ::uintptr_t;

template <class T, T Value> struct integral_constant {
    static constexpr T value = Value;
    typedef T value_type;
    typedef integral_constant type;
    __device__ constexpr operator T() const noexcept {
        return Value;
    }
};
template <bool Value> using bool_constant = integral_constant<bool, Value>;
typedef bool_constant<true> true_type;
typedef bool_constant<false> false_type;

template <class A, class B> struct is_same : false_type {};
template <class A> struct is_same<A, A> : true_type {};
template <class A, class B> inline constexpr bool is_same_v = is_same<A, B>::value;

template <bool, class T = void> struct enable_if {};
template <class T> struct enable_if<true, T> { typedef T type; };
template <bool Condition, class T = void>
using enable_if_t = typename enable_if<Condition, T>::type;

template <bool, class A, class B> struct conditional { typedef A type; };
template <class A, class B> struct conditional<false, A, B> { typedef B type; };
template <bool Condition, class A, class B>
using conditional_t = typename conditional<Condition, A, B>::type;

#ifndef __CUDACC_RTC__
template <class T> struct remove_reference { typedef T type; };
template <class T> struct remove_reference<T &> { typedef T type; };
template <class T> struct remove_reference<T &&> { typedef T type; };
template <class T> constexpr typename remove_reference<T>::type &&move(T &&value) noexcept {
    return static_cast<typename remove_reference<T>::type &&>(value);
}
template <class T> constexpr T &&forward(typename remove_reference<T>::type &value) noexcept {
    return static_cast<T &&>(value);
}
/* What a braced list is, to the compiler: a pointer and a length. */
template <class T> class initializer_list {
    const T *first;
    size_t length;

  public:
    typedef T value_type;
    constexpr initializer_list() noexcept : first(nullptr), length(0) {
    }
    constexpr size_t size() const noexcept {
        return length;
    }
    constexpr const T *begin() const noexcept {
        return first;
    }
    constexpr const T *end() const noexcept {
        return first + length;
    }
};
#endif

template <class T> struct remove_const { typedef T type; };
template <class T> struct remove_const<const T> { typedef T type; };
template <class T> struct remove_cv { typedef T type; };
template <class T> struct remove_cv<const T> { typedef T type; };
template <class T> struct remove_cv<volatile T> { typedef T type; };
template <class T> struct remove_cv<const volatile T> { typedef T type; };
template <class T> using remove_const_t = typename remove_const<T>::type;
template <class T> using remove_cv_t = typename remove_cv<T>::type;

template <class T> struct is_pointer : false_type {};
template <class T> struct is_pointer<T *> : true_type {};

template <class T> struct is_floating_point : false_type {};
template <> struct is_floating_point<float> : true_type {};
template <> struct is_floating_point<double> : true_type {};

template <class T> struct is_integral : false_type {};
template <> struct is_integral<bool> : true_type {};
template <> struct is_integral<char> : true_type {};
template <> struct is_integral<signed char> : true_type {};
template <> struct is_integral<unsigned char> : true_type {};
template <> struct is_integral<short> : true_type {};
template <> struct is_integral<unsigned short> : true_type {};
template <> struct is_integral<int> : true_type {};
template <> struct is_integral<unsigned int> : true_type {};
template <> struct is_integral<long> : true_type {};
template <> struct is_integral<unsigned long> : true_type {};
template <> struct is_integral<long long> : true_type {};
template <> struct is_integral<unsigned long long> : true_type {};

/* What there is to know about a number. All of it in templates, which cost a source nothing that it
 * does not name: a specialization for each type would be variables of every program. */
template <class T, bool Integral> struct hone_limits {
    static constexpr bool is_specialized = false, is_signed = false;
};
template <class T> struct hone_limits<T, true> {
    static constexpr bool is_specialized = true, is_integer = true, is_exact = true,
                          is_signed = T(-1) < T(0), has_infinity = false;
    static constexpr int digits = T(2) == T(1) ? 1 : int(sizeof(T) * CHAR_BIT) - is_signed,
                         radix = 2;
    __device__ static constexpr T min() noexcept {
        return is_signed ? T(-max() - 1) : T(0);
    }
    __device__ static constexpr T lowest() noexcept {
        return min();
    }
    __device__ static constexpr T max() noexcept {
        return T(((T(1) << (digits - 1)) - T(1)) * 2 + T(1)); /* nowhere more than it can hold */
    }
};

#define HONE_FLOATING(T, Prefix, Infinity, Quiet)                                                  \
    template <bool Integral> struct hone_limits<T, Integral> {                                     \
        static constexpr bool is_specialized = true, is_integer = false, is_exact = false,         \
                              is_signed = true, has_infinity = true, has_quiet_NaN = true,         \
                              is_iec559 = true;                                                    \
        static constexpr int digits = Prefix##_MANT_DIG, radix = 2, digits10 = Prefix##_DIG,       \
                             max_digits10 = Prefix##_DECIMAL_DIG, min_exponent = Prefix##_MIN_EXP, \
                             max_exponent = Prefix##_MAX_EXP;                                      \
        __device__ static constexpr T min() noexcept {                                             \
            return Prefix##_MIN;                                                                   \
        }                                                                                          \
        __device__ static constexpr T max() noexcept {                                             \
            return Prefix##_MAX;                                                                   \
        }                                                                                          \
        __device__ static constexpr T lowest() noexcept {                                          \
            return -Prefix##_MAX;                                                                  \
        }                                                                                          \
        __device__ static constexpr T epsilon() noexcept {                                         \
            return Prefix##_EPSILON;                                                               \
        }                                                                                          \
        __device__ static constexpr T denorm_min() noexcept {                                      \
            return Prefix##_TRUE_MIN;                                                              \
        }                                                                                          \
        __device__ static constexpr T infinity() noexcept {                                        \
            return Infinity;                                                                       \
        }                                                                                          \
        __device__ static constexpr T quiet_NaN() noexcept {                                       \
            return Quiet;                                                                          \
        }                                                                                          \
    };
HONE_FLOATING(float, FLT, INFINITY, NAN)
HONE_FLOATING(double, DBL, HUGE_VAL, __builtin_bit_cast(double, 0x7ff8000000000000ll))
#undef HONE_FLOATING

template <class T> struct numeric_limits : hone_limits<T, is_integral<T>::value> {};

template <class T>
struct is_arithmetic : bool_constant<is_integral<T>::value || is_floating_point<T>::value> {};
template <class T> struct is_signed : bool_constant<numeric_limits<T>::is_signed> {};
template <class T>
struct is_unsigned : bool_constant<is_integral<T>::value && !numeric_limits<T>::is_signed> {};
template <class T> inline constexpr bool is_pointer_v = is_pointer<T>::value;
template <class T> inline constexpr bool is_integral_v = is_integral<T>::value;
template <class T> inline constexpr bool is_floating_point_v = is_floating_point<T>::value;
template <class T> inline constexpr bool is_arithmetic_v = is_arithmetic<T>::value;

template <class T> __device__ constexpr const T &min(const T &a, const T &b) {
    return b < a ? b : a;
}
template <class T> __device__ constexpr const T &max(const T &a, const T &b) {
    return a < b ? b : a;
}
template <class T>
__device__ constexpr const T &clamp(const T &value, const T &low, const T &high) {
    return value < low ? low : high < value ? high : value;
}
template <class T> __device__ constexpr void swap(T &a, T &b) {
    T kept = static_cast<T &&>(a);
    a = static_cast<T &&>(b);
    b = static_cast<T &&>(kept);
}

using ::abs;
using ::acos;
using ::acosh;
using ::asin;
using ::asinh;
using ::atan;
using ::atan2;
using ::atanh;
using ::cbrt;
using ::ceil;
using ::copysign;
using ::cos;
using ::cosh;
using ::erf;
using ::erfc;
using ::exp;
using ::exp2;
using ::expm1;
using ::fabs;
using ::fdim;
using ::floor;
using ::fma;
using ::fmax;
using ::fmin;
using ::fmod;
using ::frexp;
using ::hypot;
using ::ilogb;
using ::isfinite;
using ::isinf;
using ::isnan;
using ::ldexp;
using ::lgamma;
using ::llrint;
using ::llround;
using ::log;
using ::log10;
using ::log1p;
using ::log2;
using ::logb;
using ::lrint;
using ::lround;
using ::memcpy;
using ::memset;
using ::modf;
using ::nearbyint;
using ::nextafter;
using ::pow;
using ::remainder;
using ::remquo;
using ::rint;
using ::round;
using ::scalbn;
using ::signbit;
using ::sin;
using ::sinh;
using ::sqrt;
using ::tan;
using ::tanh;
using ::tgamma;
using ::trunc;

} // namespace std

#endif
