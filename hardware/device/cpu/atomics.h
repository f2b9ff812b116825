/* atomics.h - atomics of one core, whose threads give way only where they wait.
 *
 * Never inlined into instrumented code: there they would look like races.
 */
#ifndef HONE_DEVICE_CPU_ATOMICS_H
#define HONE_DEVICE_CPU_ATOMICS_H

#ifdef HONE_CHECKING
#define HONE_TELL_ATOMIC(kind) hone_check_atomic(at, sizeof *at, kind)
#define HONE_TELL_FENCE ((void)hone_fences++)
#else
#define HONE_TELL_ATOMIC(kind) (void)0
#define HONE_TELL_FENCE (void)0
#endif

template <class T> struct hone_same { typedef T type; };
template <class T, class U> struct hone_is { static constexpr bool value = false; };
template <class T> struct hone_is<T, T> { static constexpr bool value = true; };
template <class T, class... U> struct hone_one_of {
    static constexpr bool value = (hone_is<T, U>::value || ...);
};
/* Half precision, where its headers are included. */
template <class T> struct hone_adds { static constexpr bool value = false; };
#define HONE_ADDS(type)                                                                            \
    struct type;                                                                                   \
    template <> struct hone_adds<type> { static constexpr bool value = true; };
HONE_ADDS(__half)
HONE_ADDS(__half2)
HONE_ADDS(__nv_bfloat16)
HONE_ADDS(__nv_bfloat162)
#undef HONE_ADDS

#define HONE_INTEGERS int, unsigned, unsigned long long
#define HONE_ATOMIC_SCOPES(name)                                                                   \
    template <class T>                                                                             \
    HONE_DEVICE_TEMPLATE T name##_block(T *at, typename hone_same<T>::type value, HONE_LINE) {     \
        return name(at, value, line);                                                              \
    }                                                                                              \
    template <class T>                                                                             \
    HONE_DEVICE_TEMPLATE T name##_system(T *at, typename hone_same<T>::type value, HONE_LINE) {    \
        return name(at, value, line);                                                              \
    }
#define HONE_ATOMIC(name, allowed, step, ...)                                                      \
    template <class T>                                                                             \
    HONE_DEVICE_TEMPLATE T name(T *at, typename hone_same<T>::type value, HONE_LINE) {             \
        static_assert(allowed, #name " does not take this type; " __VA_ARGS__);                    \
        HONE_TELL_ATOMIC(HONE_ADDS_TO);                                                            \
        const T old = *(volatile T *)at;                                                           \
        *(volatile T *)at = step;                                                                  \
        (void)line;                                                                                \
        return old;                                                                                \
    }                                                                                              \
    HONE_ATOMIC_SCOPES(name)

#define HONE_IS(...) (hone_one_of<T, __VA_ARGS__>::value)
HONE_ATOMIC(atomicSub, HONE_IS(int, unsigned), (T)((unsigned)old - (unsigned)value),
            "add the negative value")
HONE_ATOMIC(atomicMin, HONE_IS(HONE_INTEGERS, long long), value < old ? value : old,
            "use atomicCAS on its bits")
HONE_ATOMIC(atomicMax, HONE_IS(HONE_INTEGERS, long long), value > old ? value : old,
            "use atomicCAS on its bits")
HONE_ATOMIC(atomicAnd, HONE_IS(HONE_INTEGERS, long long), old &value, "use an integer")
HONE_ATOMIC(atomicOr, HONE_IS(HONE_INTEGERS, long long), old | value, "use an integer")
HONE_ATOMIC(atomicXor, HONE_IS(HONE_INTEGERS, long long), old ^ value, "use an integer")
HONE_ATOMIC(atomicInc, HONE_IS(unsigned), old >= value ? 0 : old + 1, "use an unsigned")
HONE_ATOMIC(atomicDec, HONE_IS(unsigned), old == 0 || old > value ? value : old - 1,
            "use an unsigned")
#undef HONE_ATOMIC

/* Old and new by way of a copy: half precision and vectors have no volatile members. */
template <class T>
HONE_DEVICE_TEMPLATE T atomicAdd(T *at, typename hone_same<T>::type value, HONE_LINE) {
    static_assert(HONE_IS(HONE_INTEGERS, float, double) || hone_adds<T>::value,
                  "atomicAdd does not take this type; use int, unsigned, unsigned long long, "
                  "float, double, half or bfloat16");
    HONE_TELL_ATOMIC(HONE_ADDS_TO);
    const T old = *at;
    if constexpr (hone_is<T, int>::value)
        *at = (int)((unsigned)old + (unsigned)value);
    else
        *at = old + value;
    (void)line;
    return old;
}
HONE_ATOMIC_SCOPES(atomicAdd)

#define HONE_ADDS_FIELDS(type, ...)                                                                \
    HONE_DEVICE type atomicAdd(type *at, type value) {                                             \
        HONE_TELL_ATOMIC(HONE_ADDS_TO);                                                            \
        const type old = *at;                                                                      \
        *at = type{__VA_ARGS__};                                                                   \
        return old;                                                                                \
    }
HONE_ADDS_FIELDS(float2, old.x + value.x, old.y + value.y)
HONE_ADDS_FIELDS(float4, old.x + value.x, old.y + value.y, old.z + value.z, old.w + value.w)
#undef HONE_ADDS_FIELDS

/* A lock that is taken is waited for by asking again: let its owner run. */
#ifdef HONE_LOOP
#define HONE_GIVE_WAY(line) hone_loop_waits()
[[gnu::error("hone: this build has no waiting")]] void hone_loop_waits(void);
#else
#define HONE_GIVE_WAY(line) hone_yield(line)
#endif

#ifndef HONE_LOOP
template <class T>
HONE_DEVICE_TEMPLATE T atomicExch(T *at, typename hone_same<T>::type value, HONE_LINE) {
    static_assert(HONE_IS(HONE_INTEGERS, long long, float),
                  "atomicExch takes an int, unsigned, unsigned long long or float");
    HONE_TELL_ATOMIC(HONE_OVERWRITES);
    const T old = *at;
    *at = value;
    if (hone_bits(old) != 0)
        hone_yield(line);
    return old;
}
HONE_ATOMIC_SCOPES(atomicExch)

template <class T>
HONE_DEVICE_TEMPLATE T atomicCAS(T *at, typename hone_same<T>::type expected,
                                 typename hone_same<T>::type value, HONE_LINE) {
    static_assert(HONE_IS(HONE_INTEGERS, long long, unsigned short),
                  "atomicCAS takes an int, unsigned, unsigned long long or unsigned short");
    HONE_TELL_ATOMIC(HONE_COMPARES);
    const T old = *at;
    if (old == expected)
        *at = value;
    else
        hone_yield(line);
    return old;
}
template <class T>
HONE_DEVICE_TEMPLATE T atomicCAS_block(T *at, typename hone_same<T>::type expected,
                                       typename hone_same<T>::type value, HONE_LINE) {
    return atomicCAS(at, expected, value, line);
}
template <class T>
HONE_DEVICE_TEMPLATE T atomicCAS_system(T *at, typename hone_same<T>::type expected,
                                        typename hone_same<T>::type value, HONE_LINE) {
    return atomicCAS(at, expected, value, line);
}
#endif
#undef HONE_ATOMIC_SCOPES
#undef HONE_IS
#undef HONE_GIVE_WAY

/* One core sees its own writes in order; the compiler must write them. */
HONE_DEVICE void __threadfence(void) {
    HONE_TELL_FENCE;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
HONE_DEVICE void __threadfence_block(void) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
HONE_DEVICE void __threadfence_system(void) {
    HONE_TELL_FENCE;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#endif
