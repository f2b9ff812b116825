/* language.h - CUDA's qualifiers and the types that NVRTC knows without a header.
 *
 * For clang++ and g++, C++17, without a standard library, and without the macros that they predefine
 * (-undef; predefined.h has those there are): HONE_CLANG and HONE_F16C, from the command line, say
 * what is otherwise. `__shared__` and what else needs the scheduler is in execution.h. */
#ifndef HONE_DEVICE_LANGUAGE_H
#define HONE_DEVICE_LANGUAGE_H

typedef decltype(sizeof 0) size_t;
typedef decltype((char *)0 - (char *)0) ptrdiff_t;
typedef long clock_t;

#define NULL 0
#define offsetof(type, member) __builtin_offsetof(type, member)

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __inline_hint__
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __builtin_align__(bytes) __attribute__((aligned(bytes)))
#define __nv_pure__ __attribute__((pure))

/* A function of these headers; another name of one, as a source may not find a macro in its place. */
#define HONE_INLINE static inline __attribute__((always_inline, unused))
#define HONE_NAMED(name, ...) __attribute__((unused)) static constexpr auto &name = __VA_ARGS__;

#ifndef HONE_CLANG
HONE_INLINE void __builtin_assume(bool condition) {
    if (!condition)
        __builtin_unreachable();
}
#endif

enum cudaError { cudaSuccess = 0 };
typedef enum cudaError cudaError_t;
typedef struct CUstream_st *cudaStream_t;

/* A product or sum that is not to be fused with what is done to it. */
template <class T> HONE_INLINE T hone_rounded(T value) {
#ifdef HONE_CLANG
    __asm__("" : "+x"(value));
    return value;
#else
    return __builtin_assoc_barrier(value);
#endif
}

template <class To, class From> HONE_INLINE constexpr To hone_bits(From value) {
    static_assert(sizeof(To) == sizeof(From), "");
    return __builtin_bit_cast(To, value);
}

/* CUDA's __shared__ may stand before alignas, which C++ wants to be the first word: an attribute may
 * stand anywhere, but takes no type. */
template <class T> constexpr size_t hone_alignment() {
    return alignof(T);
}
template <size_t Bytes> constexpr size_t hone_alignment() {
    return Bytes;
}
#define alignas(...) __attribute__((aligned(hone_alignment<__VA_ARGS__>())))

#define assert(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
