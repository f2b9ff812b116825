/* atomics.h - atomics of one core, whose threads give way only where they wait.
 *
 * Never inlined into instrumented code: there they would look like races.
 */
#ifndef HONE_DEVICE_CPU_ATOMICS_H
#define HONE_DEVICE_CPU_ATOMICS_H

/* What is told of each: that it looks, or compares with what a thread has read before; and then,
 * where it changes something, that it does; or that it does so only where it is right, whatever a
 * thread has guessed before. */
#ifdef HONE_CHECKING
#define HONE_LOOKS(at) hone_check_strong(at, sizeof *(at), HONE_CHECK_LOOK, line)
#define HONE_CHANGES(at, old, value) hone_changes(at, old, value, HONE_CHECK_CHANGE, line)
#define HONE_IMPROVES(at, old, value) hone_changes(at, old, value, HONE_CHECK_IMPROVE, line)
#define HONE_COMPARES(at) hone_check_strong(at, sizeof *(at), HONE_CHECK_COMPARE, line)
template <class T>
HONE_DEVICE_TEMPLATE void hone_changes(T *at, const T &old, const T &value, unsigned how,
                                       unsigned line) {
    unsigned long long was[2] = {}, is[2] = {};
    __builtin_memcpy(was, (const void *)&old, sizeof old);
    __builtin_memcpy(is, (const void *)&value, sizeof value);
    if (was[0] != is[0] || was[1] != is[1])
        hone_check_strong(at, sizeof *at, how, line);
}
#else
#define HONE_LOOKS(at) (void)line
#define HONE_COMPARES(at) (void)line
#ifdef HONE_LOOP
#define HONE_CHANGES(at, old, value) (void)0
#else
#define HONE_CHANGES(at, old, value) hone_changes(old, value)
/* Whoever waits may find now what it waits for. */
template <class T> HONE_DEVICE_TEMPLATE void hone_changes(const T &old, const T &value) {
    unsigned long long was[2] = {}, is[2] = {};
    __builtin_memcpy(was, (const void *)&old, sizeof old);
    __builtin_memcpy(is, (const void *)&value, sizeof value);
    if (was[0] != is[0] || was[1] != is[1])
        hone_idle = 0;
}
#endif
#define HONE_IMPROVES(at, old, value) HONE_CHANGES(at, old, value)
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

/* What changes nothing may be a way to look, and so may a fence: then it comes again and again. */
#ifdef HONE_LOOP
#define HONE_TIRES(nothing, line) (void)0
#else
#define HONE_TIRES(nothing, line)                                                                  \
    if (nothing)                                                                                   \
    hone_look(line)
#endif

#define HONE_INTEGERS int, unsigned, unsigned long long
#define HONE_ATOMIC_SCOPES(name)                                                                   \
    template <class T>                                                                             \
    HONE_DEVICE_TEMPLATE T name##_block(T *at, typename hone_same<T>::type value, HONE_LINE) {     \
        return name(at, value, line | HONE_CHECK_OF_BLOCK);                                        \
    }                                                                                              \
    template <class T>                                                                             \
    HONE_DEVICE_TEMPLATE T name##_system(T *at, typename hone_same<T>::type value, HONE_LINE) {    \
        return name(at, value, line);                                                              \
    }
#define HONE_ATOMIC(name, allowed, tell, step, ...)                                                \
    template <class T>                                                                             \
    HONE_DEVICE_TEMPLATE T name(T *at, typename hone_same<T>::type value, HONE_LINE) {             \
        static_assert(allowed, #name " does not take this type; " __VA_ARGS__);                    \
        HONE_LOOKS(at);                                                                            \
        const T old = *(volatile T *)at, changed = step;                                           \
        tell(at, old, changed);                                                                    \
        *(volatile T *)at = changed;                                                               \
        HONE_TIRES(old == changed, line);                                                          \
        return old;                                                                                \
    }                                                                                              \
    HONE_ATOMIC_SCOPES(name)

#define HONE_IS(...) (hone_one_of<T, __VA_ARGS__>::value)
HONE_ATOMIC(atomicSub, HONE_IS(int, unsigned), HONE_CHANGES, (T)((unsigned)old - (unsigned)value),
            "add the negative value")
HONE_ATOMIC(atomicMin, HONE_IS(HONE_INTEGERS, long long), HONE_IMPROVES, value < old ? value : old,
            "use atomicCAS on its bits")
HONE_ATOMIC(atomicMax, HONE_IS(HONE_INTEGERS, long long), HONE_IMPROVES, value > old ? value : old,
            "use atomicCAS on its bits")
HONE_ATOMIC(atomicAnd, HONE_IS(HONE_INTEGERS, long long), HONE_IMPROVES, old &value,
            "use an integer")
HONE_ATOMIC(atomicOr, HONE_IS(HONE_INTEGERS, long long), HONE_IMPROVES, old | value,
            "use an integer")
HONE_ATOMIC(atomicXor, HONE_IS(HONE_INTEGERS, long long), HONE_CHANGES, old ^ value,
            "use an integer")
HONE_ATOMIC(atomicInc, HONE_IS(unsigned), HONE_CHANGES, old >= value ? 0 : old + 1,
            "use an unsigned")
HONE_ATOMIC(atomicDec, HONE_IS(unsigned), HONE_CHANGES, old == 0 || old > value ? value : old - 1,
            "use an unsigned")
#undef HONE_ATOMIC

/* Who adds nothing to one place again and again waits for another thread to change it. */
#ifdef HONE_LOOP
#define HONE_SPINS(at, nothing, line) (void)0
#else
#define HONE_SPINS(at, nothing, line) hone_spins(at, nothing, line)
HONE_DEVICE void hone_spins(const void *at, bool nothing, unsigned line) {
    const bool again = nothing && hone_now->spun == at;
    hone_now->spun = nothing ? at : (const void *)0;
    if (again)
        hone_give_way(line);
}
#endif

/* Old and new by way of a copy: half precision and vectors have no volatile members. */
template <class T>
HONE_DEVICE_TEMPLATE T atomicAdd(T *at, typename hone_same<T>::type value, HONE_LINE) {
    static_assert(HONE_IS(HONE_INTEGERS, float, double) || hone_adds<T>::value,
                  "atomicAdd does not take this type; use int, unsigned, unsigned long long, "
                  "float, double, half or bfloat16");
    HONE_LOOKS(at);
    const T old = *at;
    T changed;
    if constexpr (hone_is<T, int>::value)
        changed = (int)((unsigned)old + (unsigned)value);
    else
        changed = old + value;
    HONE_CHANGES(at, old, changed);
    *at = changed;
    if constexpr (HONE_IS(HONE_INTEGERS))
        HONE_SPINS(at, value == 0, line);
    return old;
}
HONE_ATOMIC_SCOPES(atomicAdd)

#define HONE_ADDS_FIELDS(type, ...)                                                                \
    HONE_DEVICE type atomicAdd(type *at, type value, HONE_LINE) {                                  \
        HONE_LOOKS(at);                                                                            \
        const type old = *at, changed = type{__VA_ARGS__};                                         \
        HONE_CHANGES(at, old, changed);                                                            \
        *at = changed;                                                                             \
        return old;                                                                                \
    }
HONE_ADDS_FIELDS(float2, old.x + value.x, old.y + value.y)
HONE_ADDS_FIELDS(float4, old.x + value.x, old.y + value.y, old.z + value.z, old.w + value.w)
#undef HONE_ADDS_FIELDS

#ifndef HONE_LOOP
template <class T>
HONE_DEVICE_TEMPLATE T atomicExch(T *at, typename hone_same<T>::type value, HONE_LINE) {
    static_assert(HONE_IS(HONE_INTEGERS, long long, float),
                  "atomicExch takes an int, unsigned, unsigned long long or float");
    HONE_LOOKS(at);
    const T old = *at;
    HONE_CHANGES(at, old, value);
    *at = value;
    if (hone_bits(old) == hone_bits(value))
        hone_give_way(line);
    return old;
}
HONE_ATOMIC_SCOPES(atomicExch)

template <class T>
HONE_DEVICE_TEMPLATE T atomicCAS(T *at, typename hone_same<T>::type expected,
                                 typename hone_same<T>::type value, HONE_LINE) {
    static_assert(HONE_IS(HONE_INTEGERS, long long, unsigned short),
                  "atomicCAS takes an int, unsigned, unsigned long long or unsigned short");
    line |= HONE_CHECK_COMPARES;
    HONE_COMPARES(at);
    const T old = *at;
    if (old == expected)
        HONE_IMPROVES(at, old, value);
    if (old == expected)
        *at = value;
    else
        hone_give_way(line);
    return old;
}
template <class T>
HONE_DEVICE_TEMPLATE T atomicCAS_block(T *at, typename hone_same<T>::type expected,
                                       typename hone_same<T>::type value, HONE_LINE) {
    return atomicCAS(at, expected, value, line | HONE_CHECK_OF_BLOCK);
}
template <class T>
HONE_DEVICE_TEMPLATE T atomicCAS_system(T *at, typename hone_same<T>::type expected,
                                        typename hone_same<T>::type value, HONE_LINE) {
    return atomicCAS(at, expected, value, line);
}
#endif
#undef HONE_ATOMIC_SCOPES
#undef HONE_IS
#undef HONE_SPINS
#undef HONE_LOOKS
#undef HONE_COMPARES
#undef HONE_CHANGES
#undef HONE_IMPROVES

/* One core sees its own writes in order; the compiler must write them. */
#ifdef HONE_CHECKING
#define HONE_FENCE(of_block) hone_check_fence(of_block)
#else
#define HONE_FENCE(of_block) __asm__ volatile("" ::: "memory")
#endif
HONE_DEVICE void __threadfence(void) {
    HONE_FENCE(false);
    HONE_TIRES(true, 0);
}
HONE_DEVICE void __threadfence_block(void) {
    HONE_FENCE(true);
    HONE_TIRES(true, 0);
}
HONE_DEVICE void __threadfence_system(void) {
    __threadfence();
}
#undef HONE_FENCE
#undef HONE_TIRES

#endif
