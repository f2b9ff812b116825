/* memory.h - copies, and loads and stores with a cache hint: plain ones here. */
#ifndef HONE_DEVICE_MEMORY_H
#define HONE_DEVICE_MEMORY_H

/* The checking build must see what they touch, so that nothing takes their place there. */
#ifdef HONE_CHECKING
#define HONE_SEEN(name) __asm__("__tsan_" name)
#else
#define HONE_SEEN(name)
#endif
extern "C" void *memcpy(void *, const void *, size_t) HONE_SEEN("memcpy");
extern "C" void *memset(void *, int, size_t) HONE_SEEN("memset");
#undef HONE_SEEN

/* The types that CUDA has these for; half and bfloat16 add theirs. */
template <class T> struct hone_is_loadable { static constexpr bool value = false; };
#define HONE_LOADABLE(T)                                                                           \
    template <> struct hone_is_loadable<T> { static constexpr bool value = true; };
HONE_LOADABLE(char)
HONE_LOADABLE(signed char)
HONE_LOADABLE(unsigned char)
HONE_LOADABLE(short)
HONE_LOADABLE(unsigned short)
HONE_LOADABLE(int)
HONE_LOADABLE(unsigned int)
HONE_LOADABLE(long)
HONE_LOADABLE(unsigned long)
HONE_LOADABLE(long long)
HONE_LOADABLE(unsigned long long)
HONE_LOADABLE(float)
HONE_LOADABLE(double)
HONE_LOADABLE(char2)
HONE_LOADABLE(char4)
HONE_LOADABLE(uchar2)
HONE_LOADABLE(uchar4)
HONE_LOADABLE(short2)
HONE_LOADABLE(short4)
HONE_LOADABLE(ushort2)
HONE_LOADABLE(ushort4)
HONE_LOADABLE(int2)
HONE_LOADABLE(int4)
HONE_LOADABLE(uint2)
HONE_LOADABLE(uint4)
HONE_LOADABLE(longlong2)
HONE_LOADABLE(ulonglong2)
HONE_LOADABLE(float2)
HONE_LOADABLE(float4)
HONE_LOADABLE(double2)

template <bool, class T> struct hone_only_if {};
template <class T> struct hone_only_if<true, T> { typedef T type; };
#define HONE_LOAD(name)                                                                            \
    template <class T>                                                                             \
    HONE_INLINE typename hone_only_if<hone_is_loadable<T>::value, T>::type name(const T *from) {   \
        return *from;                                                                              \
    }
/* By way of a cache that this launch's writes need not reach. */
#ifdef HONE_CHECKING
extern "C" void hone_check_constant(const void *, unsigned, unsigned);
#define HONE_SEEN_CONSTANT(from, line) hone_check_constant(from, sizeof *(from), line)
#else
#define HONE_SEEN_CONSTANT(from, line) (void)(line)
#endif
template <class T>
HONE_INLINE typename hone_only_if<hone_is_loadable<T>::value, T>::type
__ldg(const T *from, unsigned line = __builtin_LINE()) {
    HONE_SEEN_CONSTANT(from, line);
    return *from;
}
#undef HONE_SEEN_CONSTANT
#define HONE_STORE(name)                                                                           \
    template <class T>                                                                             \
    HONE_INLINE typename hone_only_if<hone_is_loadable<T>::value, void>::type name(T *to,          \
                                                                                   T value) {      \
        *to = value;                                                                               \
    }
HONE_LOAD(__ldca)
HONE_LOAD(__ldcg)
HONE_LOAD(__ldcs)
HONE_LOAD(__ldlu)
HONE_STORE(__stwb)
HONE_STORE(__stcg)
HONE_STORE(__stcs)
HONE_STORE(__stwt)
#undef HONE_LOAD
/* What another thread may have changed meanwhile. */
template <class T>
HONE_INLINE typename hone_only_if<hone_is_loadable<T>::value, T>::type __ldcv(const T *from) {
    if constexpr (__is_class(T))
        return *from;
    else
        return *(const volatile T *)from;
}
#undef HONE_STORE

HONE_INLINE size_t __cvta_generic_to_global(const void *address) {
    return (size_t)address;
}
HONE_INLINE void __trap() {
    __builtin_trap();
}

#endif
