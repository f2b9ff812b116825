/* integers.h - CUDA's integer intrinsics and its ways to look at bits. */
#ifndef HONE_DEVICE_INTEGERS_H
#define HONE_DEVICE_INTEGERS_H

HONE_INLINE int __float_as_int(float x) {
    return hone_bits<int>(x);
}
HONE_INLINE unsigned int __float_as_uint(float x) {
    return hone_bits<unsigned int>(x);
}
HONE_INLINE float __int_as_float(int x) {
    return hone_bits<float>(x);
}
HONE_INLINE float __uint_as_float(unsigned int x) {
    return hone_bits<float>(x);
}
HONE_INLINE long long __double_as_longlong(double x) {
    return hone_bits<long long>(x);
}
HONE_INLINE double __longlong_as_double(long long x) {
    return hone_bits<double>(x);
}
HONE_INLINE int __double2hiint(double x) {
    return (int)(hone_bits<unsigned long>(x) >> 32);
}
HONE_INLINE int __double2loint(double x) {
    return (int)hone_bits<unsigned long>(x);
}
HONE_INLINE double __hiloint2double(int high, int low) {
    return hone_bits<double>((unsigned long)(unsigned int)high << 32 | (unsigned int)low);
}

HONE_INLINE int __popc(unsigned int x) {
    return __builtin_popcount(x);
}
HONE_INLINE int __popcll(unsigned long long x) {
    return __builtin_popcountll(x);
}
HONE_INLINE int __clz(int x) {
    return x ? __builtin_clz((unsigned int)x) : 32;
}
HONE_INLINE int __clzll(long long x) {
    return x ? __builtin_clzll((unsigned long long)x) : 64;
}
HONE_INLINE int __ffs(int x) {
    return __builtin_ffs(x);
}
HONE_INLINE int __ffsll(long long x) {
    return __builtin_ffsll(x);
}
HONE_INLINE unsigned int __brev(unsigned int x) {
    x = __builtin_bswap32(x);
    x = (x & 0x0f0f0f0fu) << 4 | (x >> 4 & 0x0f0f0f0fu);
    x = (x & 0x33333333u) << 2 | (x >> 2 & 0x33333333u);
    return (x & 0x55555555u) << 1 | (x >> 1 & 0x55555555u);
}
HONE_INLINE unsigned long long __brevll(unsigned long long x) {
    return (unsigned long long)__brev((unsigned int)x) << 32 | __brev((unsigned int)(x >> 32));
}
/* The position of the n-th set bit of mask from base on, counting up, or down when n is negative.
 */
static inline unsigned int __fns(unsigned int mask, unsigned int base, int n) {
    int step = n < 0 ? -1 : 1, left = n < 0 ? -n : n;
    if (n == 0)
        return mask >> (base & 31) & 1 ? base : ~0u;
    for (int at = (int)base; at >= 0 && at < 32; at += step)
        if ((mask >> at & 1) && --left == 0)
            return (unsigned int)at;
    return ~0u;
}

HONE_INLINE unsigned int __byte_perm(unsigned int x, unsigned int y, unsigned int selector) {
    unsigned long bytes = (unsigned long)y << 32 | x;
    unsigned int result = 0;
    for (int i = 0; i < 4; i++)
        result |= (unsigned int)(bytes >> (selector >> (4 * i) & 7) * 8 & 0xff) << 8 * i;
    return result;
}
HONE_INLINE unsigned int __funnelshift_l(unsigned int low, unsigned int high, unsigned int shift) {
    return (unsigned int)(((unsigned long)high << 32 | low) << (shift & 31) >> 32);
}
HONE_INLINE unsigned int __funnelshift_r(unsigned int low, unsigned int high, unsigned int shift) {
    return (unsigned int)(((unsigned long)high << 32 | low) >> (shift & 31));
}
HONE_INLINE unsigned int __funnelshift_lc(unsigned int low, unsigned int high, unsigned int shift) {
    return (unsigned int)(((__int128)high << 32 | low) << (shift < 32 ? shift : 32) >> 32);
}
HONE_INLINE unsigned int __funnelshift_rc(unsigned int low, unsigned int high, unsigned int shift) {
    return (unsigned int)(((unsigned long)high << 32 | low) >> (shift < 32 ? shift : 32));
}

HONE_INLINE int __mulhi(int a, int b) {
    return (int)((long)a * b >> 32);
}
HONE_INLINE unsigned int __umulhi(unsigned int a, unsigned int b) {
    return (unsigned int)((unsigned long)a * b >> 32);
}
HONE_INLINE long long __mul64hi(long long a, long long b) {
    return (long long)((__int128)a * b >> 64);
}
HONE_INLINE unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
HONE_INLINE int __mul24(int a, int b) {
    return (int)((unsigned int)((int)((unsigned int)a << 8) >> 8) *
                 (unsigned int)((int)((unsigned int)b << 8) >> 8));
}
HONE_INLINE unsigned int __umul24(unsigned int a, unsigned int b) {
    return (a & 0xffffff) * (b & 0xffffff);
}
HONE_INLINE unsigned int __sad(int a, int b, unsigned int c) {
    return c + (a > b ? (unsigned int)a - (unsigned int)b : (unsigned int)b - (unsigned int)a);
}
HONE_INLINE unsigned int __usad(unsigned int a, unsigned int b, unsigned int c) {
    return c + (a > b ? a - b : b - a);
}
HONE_INLINE int __hadd(int a, int b) {
    return (int)(((long)a + b) >> 1);
}
HONE_INLINE int __rhadd(int a, int b) {
    return (int)(((long)a + b + 1) >> 1);
}
HONE_INLINE unsigned int __uhadd(unsigned int a, unsigned int b) {
    return (unsigned int)(((unsigned long)a + b) >> 1);
}
HONE_INLINE unsigned int __urhadd(unsigned int a, unsigned int b) {
    return (unsigned int)(((unsigned long)a + b + 1) >> 1);
}

#define HONE_SMALLER_LARGER(prefix, T)                                                             \
    HONE_INLINE T prefix##min(T a, T b) {                                                          \
        return a < b ? a : b;                                                                      \
    }                                                                                              \
    HONE_INLINE T prefix##max(T a, T b) {                                                          \
        return a > b ? a : b;                                                                      \
    }
HONE_SMALLER_LARGER(u, unsigned int)
HONE_SMALLER_LARGER(ll, long long)
HONE_SMALLER_LARGER(ull, unsigned long long)
#undef HONE_SMALLER_LARGER

/* Of a and b, and of c: the smallest or largest of three, also held at or above zero. */
#define HONE_THREE(T, name)                                                                        \
    HONE_INLINE T __vimax3_##name(T a, T b, T c) {                                                 \
        return max(max(a, b), c);                                                                  \
    }                                                                                              \
    HONE_INLINE T __vimin3_##name(T a, T b, T c) {                                                 \
        return min(min(a, b), c);                                                                  \
    }                                                                                              \
    HONE_INLINE T __viaddmax_##name(T a, T b, T c) {                                               \
        return max((T)((unsigned int)a + (unsigned int)b), c);                                     \
    }                                                                                              \
    HONE_INLINE T __viaddmin_##name(T a, T b, T c) {                                               \
        return min((T)((unsigned int)a + (unsigned int)b), c);                                     \
    }
HONE_THREE(int, s32)
HONE_THREE(unsigned int, u32)
#undef HONE_THREE

/* Dot products of small integers. */
#define HONE_DOT(T, A, B)                                                                          \
    HONE_INLINE T hone_dot4(A a, B b, T sum) {                                                     \
        return sum + (T)a.x * (T)b.x + (T)a.y * (T)b.y + (T)a.z * (T)b.z + (T)a.w * (T)b.w;        \
    }                                                                                              \
    HONE_INLINE T __dp4a(A a, B b, T sum) {                                                        \
        return hone_dot4(a, b, sum);                                                               \
    }
HONE_DOT(int, char4, char4)
HONE_DOT(unsigned int, uchar4, uchar4)
#undef HONE_DOT
HONE_INLINE int __dp4a(int a, int b, int sum) {
    return __dp4a(hone_bits<char4>(a), hone_bits<char4>(b), sum);
}
HONE_INLINE unsigned int __dp4a(unsigned int a, unsigned int b, unsigned int sum) {
    return __dp4a(hone_bits<uchar4>(a), hone_bits<uchar4>(b), sum);
}
HONE_INLINE int __dp2a_lo(int a, int b, int sum) {
    return sum + (short)a * (signed char)b + (a >> 16) * (signed char)(b >> 8);
}
HONE_INLINE int __dp2a_hi(int a, int b, int sum) {
    return __dp2a_lo(a, b >> 16, sum);
}
HONE_INLINE unsigned int __dp2a_lo(unsigned int a, unsigned int b, unsigned int sum) {
    return sum + (a & 0xffff) * (b & 0xff) + (a >> 16) * (b >> 8 & 0xff);
}
HONE_INLINE unsigned int __dp2a_hi(unsigned int a, unsigned int b, unsigned int sum) {
    return __dp2a_lo(a, b >> 16, sum);
}

/* Two halfwords or four bytes of a word at once. CUDA's names are macros that say which lanes they
 * are of and what is done: names nobody uses cost nothing. */
enum hone_lane_operation {
    HONE_ADD,
    HONE_SUBTRACT,
    HONE_ADD_WITHIN,
    HONE_SUBTRACT_WITHIN,
    HONE_SMALLER,
    HONE_LARGER,
    HONE_AVERAGE,
    HONE_HALF_SUM,
    HONE_DISTANCE,
    HONE_IS_EQUAL,
    HONE_IS_UNEQUAL,
    HONE_IS_LARGER,
    HONE_IS_NOT_SMALLER,
    HONE_IS_SMALLER,
    HONE_IS_NOT_LARGER,
    HONE_FLAG_EQUAL,
    HONE_FLAG_UNEQUAL,
};
HONE_INLINE constexpr int hone_lane(hone_lane_operation operation, int a, int b, int low,
                                    int high) {
    switch (operation) {
    case HONE_ADD:
        return a + b;
    case HONE_SUBTRACT:
        return a - b;
    case HONE_ADD_WITHIN:
        return max(min(a + b, high), low);
    case HONE_SUBTRACT_WITHIN:
        return max(min(a - b, high), low);
    case HONE_SMALLER:
        return min(a, b);
    case HONE_LARGER:
        return max(a, b);
    case HONE_AVERAGE: /* halves go away from zero */
        return (a + b + (a + b >= 0)) >> 1;
    case HONE_HALF_SUM:
        return (a + b) >> 1;
    case HONE_DISTANCE:
        return a > b ? a - b : b - a;
    case HONE_IS_EQUAL:
        return -(a == b);
    case HONE_IS_UNEQUAL:
        return -(a != b);
    case HONE_IS_LARGER:
        return -(a > b);
    case HONE_IS_NOT_SMALLER:
        return -(a >= b);
    case HONE_IS_SMALLER:
        return -(a < b);
    case HONE_IS_NOT_LARGER:
        return -(a <= b);
    case HONE_FLAG_EQUAL:
        return a == b;
    case HONE_FLAG_UNEQUAL:
        return a != b;
    }
    return 0;
}
template <class Lane, hone_lane_operation Operation>
HONE_INLINE unsigned int hone_lanes(unsigned int left, unsigned int right) {
    constexpr unsigned int bits = sizeof(Lane) * 8, all = ~0u >> (32 - bits);
    constexpr bool is_signed = (Lane)-1 < 0;
    constexpr int low = is_signed ? -(1 << (bits - 1)) : 0, high = low + (int)all;
    unsigned int result = 0;
    for (unsigned int at = 0; at < 32; at += bits) {
        int a = (Lane)(left >> at), b = (Lane)(right >> at);
        result |= ((unsigned int)hone_lane(Operation, a, b, low, high) & all) << at;
    }
    return result;
}
HONE_NAMED(__vadd2, hone_lanes<unsigned short, HONE_ADD>)
HONE_NAMED(__vadd4, hone_lanes<unsigned char, HONE_ADD>)
HONE_NAMED(__vsub2, hone_lanes<unsigned short, HONE_SUBTRACT>)
HONE_NAMED(__vsub4, hone_lanes<unsigned char, HONE_SUBTRACT>)
HONE_NAMED(__vaddss2, hone_lanes<signed short, HONE_ADD_WITHIN>)
HONE_NAMED(__vaddss4, hone_lanes<signed char, HONE_ADD_WITHIN>)
HONE_NAMED(__vsubss2, hone_lanes<signed short, HONE_SUBTRACT_WITHIN>)
HONE_NAMED(__vsubss4, hone_lanes<signed char, HONE_SUBTRACT_WITHIN>)
HONE_NAMED(__vaddus2, hone_lanes<unsigned short, HONE_ADD_WITHIN>)
HONE_NAMED(__vaddus4, hone_lanes<unsigned char, HONE_ADD_WITHIN>)
HONE_NAMED(__vsubus2, hone_lanes<unsigned short, HONE_SUBTRACT_WITHIN>)
HONE_NAMED(__vsubus4, hone_lanes<unsigned char, HONE_SUBTRACT_WITHIN>)
HONE_NAMED(__vmins2, hone_lanes<signed short, HONE_SMALLER>)
HONE_NAMED(__vmins4, hone_lanes<signed char, HONE_SMALLER>)
HONE_NAMED(__vmaxs2, hone_lanes<signed short, HONE_LARGER>)
HONE_NAMED(__vmaxs4, hone_lanes<signed char, HONE_LARGER>)
HONE_NAMED(__vminu2, hone_lanes<unsigned short, HONE_SMALLER>)
HONE_NAMED(__vminu4, hone_lanes<unsigned char, HONE_SMALLER>)
HONE_NAMED(__vmaxu2, hone_lanes<unsigned short, HONE_LARGER>)
HONE_NAMED(__vmaxu4, hone_lanes<unsigned char, HONE_LARGER>)
HONE_NAMED(__vavgs2, hone_lanes<signed short, HONE_AVERAGE>)
HONE_NAMED(__vavgs4, hone_lanes<signed char, HONE_AVERAGE>)
HONE_NAMED(__vavgu2, hone_lanes<unsigned short, HONE_AVERAGE>)
HONE_NAMED(__vavgu4, hone_lanes<unsigned char, HONE_AVERAGE>)
HONE_NAMED(__vhaddu2, hone_lanes<unsigned short, HONE_HALF_SUM>)
HONE_NAMED(__vhaddu4, hone_lanes<unsigned char, HONE_HALF_SUM>)
HONE_NAMED(__vabsdiffs2, hone_lanes<signed short, HONE_DISTANCE>)
HONE_NAMED(__vabsdiffs4, hone_lanes<signed char, HONE_DISTANCE>)
HONE_NAMED(__vabsdiffu2, hone_lanes<unsigned short, HONE_DISTANCE>)
HONE_NAMED(__vabsdiffu4, hone_lanes<unsigned char, HONE_DISTANCE>)
HONE_NAMED(__vcmpeq2, hone_lanes<unsigned short, HONE_IS_EQUAL>)
HONE_NAMED(__vcmpeq4, hone_lanes<unsigned char, HONE_IS_EQUAL>)
HONE_NAMED(__vcmpne2, hone_lanes<unsigned short, HONE_IS_UNEQUAL>)
HONE_NAMED(__vcmpne4, hone_lanes<unsigned char, HONE_IS_UNEQUAL>)
HONE_NAMED(__vcmpgts2, hone_lanes<signed short, HONE_IS_LARGER>)
HONE_NAMED(__vcmpgts4, hone_lanes<signed char, HONE_IS_LARGER>)
HONE_NAMED(__vcmpges2, hone_lanes<signed short, HONE_IS_NOT_SMALLER>)
HONE_NAMED(__vcmpges4, hone_lanes<signed char, HONE_IS_NOT_SMALLER>)
HONE_NAMED(__vcmplts2, hone_lanes<signed short, HONE_IS_SMALLER>)
HONE_NAMED(__vcmplts4, hone_lanes<signed char, HONE_IS_SMALLER>)
HONE_NAMED(__vcmples2, hone_lanes<signed short, HONE_IS_NOT_LARGER>)
HONE_NAMED(__vcmples4, hone_lanes<signed char, HONE_IS_NOT_LARGER>)
HONE_NAMED(__vcmpgtu2, hone_lanes<unsigned short, HONE_IS_LARGER>)
HONE_NAMED(__vcmpgtu4, hone_lanes<unsigned char, HONE_IS_LARGER>)
HONE_NAMED(__vcmpgeu2, hone_lanes<unsigned short, HONE_IS_NOT_SMALLER>)
HONE_NAMED(__vcmpgeu4, hone_lanes<unsigned char, HONE_IS_NOT_SMALLER>)
HONE_NAMED(__vcmpltu2, hone_lanes<unsigned short, HONE_IS_SMALLER>)
HONE_NAMED(__vcmpltu4, hone_lanes<unsigned char, HONE_IS_SMALLER>)
HONE_NAMED(__vcmpleu2, hone_lanes<unsigned short, HONE_IS_NOT_LARGER>)
HONE_NAMED(__vcmpleu4, hone_lanes<unsigned char, HONE_IS_NOT_LARGER>)
HONE_NAMED(__vseteq2, hone_lanes<unsigned short, HONE_FLAG_EQUAL>)
HONE_NAMED(__vseteq4, hone_lanes<unsigned char, HONE_FLAG_EQUAL>)
HONE_NAMED(__vsetne2, hone_lanes<unsigned short, HONE_FLAG_UNEQUAL>)
HONE_NAMED(__vsetne4, hone_lanes<unsigned char, HONE_FLAG_UNEQUAL>)
HONE_INLINE unsigned int __vabs2(unsigned int a) {
    return __vabsdiffs2(a, 0);
}
HONE_INLINE unsigned int __vabs4(unsigned int a) {
    return __vabsdiffs4(a, 0);
}
HONE_INLINE unsigned int __vneg2(unsigned int a) {
    return __vsub2(0, a);
}
HONE_INLINE unsigned int __vneg4(unsigned int a) {
    return __vsub4(0, a);
}
HONE_INLINE unsigned int __vsadu4(unsigned int a, unsigned int b) {
    unsigned int lanes = __vabsdiffu4(a, b);
    return (lanes & 0xff) + (lanes >> 8 & 0xff) + (lanes >> 16 & 0xff) + (lanes >> 24);
}

#endif
