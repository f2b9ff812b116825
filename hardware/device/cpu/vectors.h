/* vectors.h - CUDA's vector types, with its sizes and alignments, and make_*(). */
#ifndef HONE_DEVICE_VECTORS_H
#define HONE_DEVICE_VECTORS_H

#define HONE_VECTORS(Name, Scalar, Align2, Align4)                                                 \
    struct Name##1 {                                                                               \
        Scalar x;                                                                                  \
    };                                                                                             \
    struct __align__(Align2) Name##2 {                                                             \
        Scalar x, y;                                                                               \
    };                                                                                             \
    struct Name##3 {                                                                               \
        Scalar x, y, z;                                                                            \
    };                                                                                             \
    HONE_VECTOR4(Name##4, Scalar, Align4)                                                          \
    HONE_INLINE Name##1 make_##Name##1(Scalar x) {                                                 \
        return Name##1 {x};                                                                        \
    }                                                                                              \
    HONE_INLINE Name##2 make_##Name##2(Scalar x, Scalar y) {                                       \
        return Name##2 {x, y};                                                                     \
    }                                                                                              \
    HONE_INLINE Name##3 make_##Name##3(Scalar x, Scalar y, Scalar z) {                             \
        return Name##3 {x, y, z};                                                                  \
    }
#define HONE_VECTOR4(Name, Scalar, Align)                                                          \
    struct __align__(Align) Name {                                                                 \
        Scalar x, y, z, w;                                                                         \
    };                                                                                             \
    HONE_INLINE Name make_##Name(Scalar x, Scalar y, Scalar z, Scalar w) {                         \
        return Name{x, y, z, w};                                                                   \
    }

HONE_VECTORS(char, signed char, 2, 4)
HONE_VECTORS(uchar, unsigned char, 2, 4)
HONE_VECTORS(short, short, 4, 8)
HONE_VECTORS(ushort, unsigned short, 4, 8)
HONE_VECTORS(int, int, 8, 16)
HONE_VECTORS(uint, unsigned int, 8, 16)
HONE_VECTORS(long, long, 16, 16)
HONE_VECTORS(ulong, unsigned long, 16, 16)
HONE_VECTORS(longlong, long long, 16, 16)
HONE_VECTORS(ulonglong, unsigned long long, 16, 16)
HONE_VECTORS(float, float, 8, 16)
HONE_VECTORS(double, double, 16, 16)
HONE_VECTOR4(long4_16a, long, 16)
HONE_VECTOR4(long4_32a, long, 32)
HONE_VECTOR4(ulong4_16a, unsigned long, 16)
HONE_VECTOR4(ulong4_32a, unsigned long, 32)
HONE_VECTOR4(longlong4_16a, long long, 16)
HONE_VECTOR4(longlong4_32a, long long, 32)
HONE_VECTOR4(ulonglong4_16a, unsigned long long, 16)
HONE_VECTOR4(ulonglong4_32a, unsigned long long, 32)
HONE_VECTOR4(double4_16a, double, 16)
HONE_VECTOR4(double4_32a, double, 32)
#undef HONE_VECTORS
#undef HONE_VECTOR4

struct dim3 {
    unsigned int x, y, z;
    constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
        : x(vx), y(vy), z(vz) {
    }
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {
    }
    constexpr operator uint3() const {
        return uint3{x, y, z};
    }
};

#endif
