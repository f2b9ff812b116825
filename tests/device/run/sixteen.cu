// half and bfloat16 against a slow reference that counts units in the last place.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include "check.h"

struct format {
    int bits, lowest, highest; // of the significand; of the exponents of normal numbers
};
static const format of_half = {11, -14, 15}, of_bfloat16 = {8, -126, 127};

// As a double: exact, so sums, products and quotients come to it rounded at most once, far behind.
template <class Exact> static double round_to(const format &f, Exact value, int direction) {
    if (!(value == value) || value == 0 || value - value != 0)
        return (double)value;
    bool negative = value < 0;
    Exact size = negative ? -value : value;
    int exponent;
    frexp((double)size, &exponent);
    Exact unit = (Exact)ldexp(1.0, exponent - 1);
    if (size < unit) // the double was rounded up to it
        unit /= 2;
    Exact least = (Exact)ldexp(1.0, f.lowest);
    unit = (unit < least ? least : unit) * (Exact)ldexp(1.0, 1 - f.bits);
    Exact count = size / unit, whole = (Exact)(long long)count, rest = count - whole;
    bool up = direction == HONE_RN   ? rest > 0.5 || (rest == 0.5 && (long long)whole % 2)
              : direction == HONE_RZ ? false
                                     : rest > 0 && negative == (direction == HONE_RD);
    double result = (double)((whole + (up ? 1 : 0)) * unit), top = ldexp(2.0, f.highest);
    if (result >= top) {
        bool kept =
            direction == HONE_RZ || (direction != HONE_RN && negative == (direction == HONE_RU));
        result = kept ? top - ldexp(1.0, f.highest + 1 - f.bits) : (double)INFINITY;
    }
    return negative ? -result : result;
}

static bool same(double got, double wanted) {
    return got != got ? wanted != wanted : got == wanted && signbit(got) == signbit(wanted);
}

static double value_of(const format &f, unsigned short bits) {
    int fraction_bits = f.bits - 1, fraction = bits & ((1 << fraction_bits) - 1);
    int exponent = (bits & 0x7fff) >> fraction_bits, all = f.highest * 2 + 1;
    double size = exponent == 0     ? ldexp((double)fraction, f.lowest - fraction_bits)
                  : exponent == all ? fraction ? (double)NAN : (double)INFINITY
                                    : ldexp((double)(fraction + (1 << fraction_bits)),
                                            exponent - f.highest - fraction_bits);
    return bits >> 15 ? -size : size;
}

template <class T> struct names;
template <> struct names<__half> {
    static const format &f() {
        return of_half;
    }
    static __half of_bits(unsigned short bits) {
        return __ushort_as_half(bits);
    }
    static unsigned short bits(__half a) {
        return __half_as_ushort(a);
    }
    static __half narrow(float a, int d) {
        return d == HONE_RN   ? __float2half_rn(a)
               : d == HONE_RZ ? __float2half_rz(a)
               : d == HONE_RU ? __float2half_ru(a)
                              : __float2half_rd(a);
    }
    static __half from(double a) {
        return __double2half(a);
    }
    static __half from(long long a) {
        return __ll2half_rn(a);
    }
    static int whole(__half a, int d) {
        return d == HONE_RN   ? __half2int_rn(a)
               : d == HONE_RZ ? __half2int_rz(a)
               : d == HONE_RU ? __half2int_ru(a)
                              : __half2int_rd(a);
    }
};
template <> struct names<__nv_bfloat16> {
    static const format &f() {
        return of_bfloat16;
    }
    static __nv_bfloat16 of_bits(unsigned short bits) {
        return __ushort_as_bfloat16(bits);
    }
    static unsigned short bits(__nv_bfloat16 a) {
        return __bfloat16_as_ushort(a);
    }
    static __nv_bfloat16 narrow(float a, int d) {
        return d == HONE_RN   ? __float2bfloat16_rn(a)
               : d == HONE_RZ ? __float2bfloat16_rz(a)
               : d == HONE_RU ? __float2bfloat16_ru(a)
                              : __float2bfloat16_rd(a);
    }
    static __nv_bfloat16 from(double a) {
        return __double2bfloat16(a);
    }
    static __nv_bfloat16 from(long long a) {
        return __ll2bfloat16_rn(a);
    }
    static int whole(__nv_bfloat16 a, int d) {
        return d == HONE_RN   ? __bfloat162int_rn(a)
               : d == HONE_RZ ? __bfloat162int_rz(a)
               : d == HONE_RU ? __bfloat162int_ru(a)
                              : __bfloat162int_rd(a);
    }
};

template <class T> static int check_every_encoding() {
    for (unsigned bits = 0; bits < 65536; bits++) {
        T a = names<T>::of_bits((unsigned short)bits);
        double value = value_of(names<T>::f(), (unsigned short)bits);
        CHECK(names<T>::bits(a) == bits);
        CHECK(same((float)a, value));
        CHECK(__hisnan(a) == (value != value));
        CHECK(same((float)__hneg(a), -value) || value != value);
        if (value != value)
            continue;
        for (int d = HONE_RN; d <= HONE_RD; d++)
            CHECK(names<T>::bits(names<T>::narrow((float)value, d)) == bits);
        CHECK(names<T>::bits(names<T>::from(value)) == bits);
        double near = rint(value);
        CHECK(names<T>::whole(a, HONE_RN) == (near >= 2147483647.0    ? 2147483647
                                              : near <= -2147483648.0 ? INT_MIN
                                                                      : (int)near));
        CHECK(names<T>::whole(a, HONE_RU) >= names<T>::whole(a, HONE_RD));
    }
    return 0;
}

template <class T> static int check_narrowing(int count) {
    const format &f = names<T>::f();
    for (int i = 0; i < count; i++) {
        // Near the type's numbers and the middles between them, or anywhere.
        float a = i % 2 ? __uint_as_float((unsigned)draw())
                        : __uint_as_float(
                              __float_as_uint((float)names<T>::of_bits((unsigned short)draw())) +
                              (unsigned)(draw() % 5 * 0x800));
        if (a != a)
            continue;
        for (int d = HONE_RN; d <= HONE_RD; d++)
            CHECK(same((float)names<T>::narrow(a, d), round_to(f, (double)a, d)));
        double wide = (double)a + ldexp((double)a, -30 - (int)(draw() % 20)); // no float
        CHECK(same((float)names<T>::from(wide), round_to(f, wide, HONE_RN)));
        long long whole = (long long)draw() >> (draw() & 63);
        CHECK(same((float)names<T>::from(whole), round_to(f, (__float128)whole, HONE_RN)));
    }
    return 0;
}

template <class T> static int check_pairs(int count) {
    const format &f = names<T>::f();
    for (int i = 0; i < count; i++) {
        unsigned long long bits = draw();
        T a = names<T>::of_bits((unsigned short)bits),
          b = names<T>::of_bits((unsigned short)(bits >> 16)),
          c = names<T>::of_bits((unsigned short)(bits >> 32));
        double x = (float)a, y = (float)b;
        CHECK(same((float)(a + b), round_to(f, x + y, HONE_RN)));
        CHECK(same((float)(a - b), round_to(f, x - y, HONE_RN)));
        // A product below float's least unit may round twice, in bfloat16.
        if (fabs(x * y) > 1e-37 || &f == &of_half)
            CHECK(same((float)(a * b), round_to(f, x * y, HONE_RN)));
        if (fabs(x / y) > 1e-37 || &f == &of_half)
            CHECK(same((float)(a / b), round_to(f, x / y, HONE_RN)));
        CHECK((a < b) == (x < y) && __hge(a, b) == (x >= y) && __hgeu(a, b) == !(x < y));
        CHECK((a != b) == (x != y) && __hne(a, b) == (x < y || x > y) &&
              __hequ(a, b) == !__hne(a, b));
        CHECK(same((float)__hmax(a, b), x != x                             ? y
                                        : y != y                           ? x
                                        : x > y || (x == y && !signbit(x)) ? x
                                                                           : y));
        CHECK(same((float)__hmin_nan(a, b), x != x || y != y                  ? (double)NAN
                                            : x < y || (x == y && signbit(x)) ? x
                                                                              : y));
        // Where 113 bits hold the sum.
        double z = (float)c, far = fabs(x * y / z);
        if (i % 4 == 0 && (&f == &of_half || (far < 1e24 && far > 1e-24))) {
            __float128 exact = (__float128)x * y + z;
            if (exact != 0)
                CHECK(same((float)__hfma(a, b, c), round_to(f, exact, HONE_RN)));
        }
    }
    return 0;
}

template <class T> static int check(int narrowings, int pairs) {
    int result = check_every_encoding<T>();
    result = result ? result : check_narrowing<T>(narrowings);
    return result ? result : check_pairs<T>(pairs);
}

static int check_two() {
    half2 a = __floats2half2_rn(1, -2), b = __half2half2(__float2half(3.0f));
    CHECK(__low2float(a) == 1 && __high2float(a) == -2);
    CHECK(__half22float2(__hfma2(a, b, b)).y == -3 && __half22float2(a * b).x == 3);
    CHECK(__hlt2_mask(a, b) == 0xffffffffu && __heq2_mask(a, a) == 0xffffffffu && !__hbgt2(a, b));
    CHECK((float)__lowhigh2highlow(a).x == -2 && (float)__highs2half2(a, b).x == -2);
    CHECK((float)__hadd_sat(half(0.75f), half(0.75f)) == 1 &&
          (float)__hmul_sat(half(-1.0f), half(1.0f)) == 0);
    CHECK((float)__hfma_relu(half(-1.0f), half(1.0f), half(0.5f)) == 0);
    CHECK(__half2int_rn(half(2.5f)) == 2 && __half2int_ru(half(2.25f)) == 3 &&
          (int)half(-2.75f) == -2);
    CHECK(__half2short_rz(half(60000.0f)) == 32767 && __half2ushort_rz(half(-1.0f)) == 0);
    CHECK(__half2uint_rz(CUDART_NAN_FP16) == 0 && __half2ll_rz(CUDART_NAN_FP16) == LLONG_MIN);
    CHECK((float)half(__float2bfloat16(2.5f)) == 2.5f && (float)__nv_bfloat16(half(2.5f)) == 2.5f);
    CHECK((float)hexp(half(0.0f)) == 1 && (float)hrcp(half(4.0f)) == 0.25f &&
          (float)h2sqrt(b * b).y == 3);
    half h = 1;
    h += half(1.0f);
    float f = h++;
    CHECK(f == 2 && (float)h == 3 && (h ? true : false) && (double)h == 3);
    return 0;
}

int main() {
    int result = check<__half>(300000, 1000000);
    result = result ? result : check<__nv_bfloat16>(300000, 1000000);
    return result ? result : check_two();
}
