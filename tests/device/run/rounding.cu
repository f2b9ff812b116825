// Directed rounding and saturating conversions, of floats through doubles and long doubles.
#include "check.h"

static int check_float(float a, float b, float c) {
    // A long double's 64 bits hold sums and products of floats whose exponents are near.
    long double sum = (long double)a + b, product = (long double)a * b,
                quotient = (long double)a / b;
    long double fused = product + c;
    CHECK(__fadd_rd(a, b) <= sum && __fadd_ru(a, b) >= sum);
    CHECK(__fadd_ru(a, b) <= nextafterf(__fadd_rd(a, b), INFINITY));
    CHECK(__fmul_rd(a, b) <= product && __fmul_ru(a, b) >= product);
    CHECK(__fmul_ru(a, b) <= nextafterf(__fmul_rd(a, b), INFINITY));
    CHECK(__fmaf_rd(a, b, c) <= fused && __fmaf_ru(a, b, c) >= fused);
    CHECK(__fmaf_ru(a, b, c) <= nextafterf(__fmaf_rd(a, b, c), INFINITY));
    CHECK(__fdiv_rd(a, b) <= quotient && __fdiv_ru(a, b) >= quotient);
    CHECK(__fdiv_ru(a, b) <= nextafterf(__fdiv_rd(a, b), INFINITY));
    CHECK(fabsf(__fdiv_rz(a, b)) == fminf(fabsf(__fdiv_rd(a, b)), fabsf(__fdiv_ru(a, b))));
    CHECK(__fadd_rn(a, b) == (float)((double)a + b) && __fmul_rn(a, b) == (float)product);
    long double root = __builtin_sqrtl((long double)fabsf(a));
    CHECK(__fsqrt_rd(fabsf(a)) <= root && __fsqrt_ru(fabsf(a)) >= root);
    return 0;
}

static int check_double(double a, double b) {
    __float128 sum = (__float128)a + b, product = (__float128)a * b;
    CHECK(__dadd_rd(a, b) <= sum && __dadd_ru(a, b) >= sum && __dadd_rn(a, b) == a + b);
    CHECK(__dmul_rd(a, b) <= product && __dmul_ru(a, b) >= product);
    CHECK(__dmul_ru(a, b) <= nextafter(__dmul_rd(a, b), HUGE_VAL));
    CHECK((__float128)__ddiv_rd(a, b) <= (__float128)a / b &&
          (__float128)__ddiv_ru(a, b) >= (__float128)a / b);
    CHECK((__float128)__drcp_rz(b) * b <= 1);
    return 0;
}

int main() {
    for (int i = 0; i < 300000; i++) {
        // Signs and 24 bits at random, exponents within 2^20.
        float x[3];
        double y[2];
        for (int k = 0; k < 3; k++)
            x[k] = ldexpf((float)(int)(draw() >> 39) - 0x1p24f + 0.5f, (int)(draw() % 20) - 30);
        for (int k = 0; k < 2; k++)
            y[k] = ldexp((double)(long long)draw(), (int)(draw() % 20) - 70);
        int result = check_float(x[0], x[1], x[2]);
        result = result ? result : check_double(y[0], y[1]);
        if (result)
            return result;
    }
    // The product must not be fused with the sum: 1 + 2^-12 squared less its rounded self.
    volatile float near_one = 1 + 0x1p-12f;
    float square = __fmul_rn(near_one, near_one);
    CHECK(__fadd_rn(__fmul_rn(near_one, near_one), -square) == 0);
    CHECK(__fmul_rn(near_one, near_one) - square == 0);
    CHECK(__fadd_rz(3.4e38f, 3.4e38f) == FLT_MAX && isinf(__fadd_ru(3.4e38f, 3.4e38f)));

    CHECK(__float2int_rn(2.5f) == 2 && __float2int_rn(3.5f) == 4 && __float2int_rz(-2.7f) == -2);
    CHECK(__float2int_ru(2.1f) == 3 && __float2int_rd(-2.1f) == -3);
    CHECK(__float2int_rn(3e9f) == INT_MAX && __float2int_rn(-3e9f) == INT_MIN &&
          __float2int_rn(NAN) == 0);
    CHECK(__float2uint_rz(-5.0f) == 0 && __float2uint_rz(5e9f) == UINT_MAX &&
          __float2uint_rz(4e9f) == 4000000000u);
    CHECK(__float2ll_rz(1e19f) == LLONG_MAX && __float2ll_rz(NAN) == LLONG_MIN);
    CHECK(__double2int_rz(1e300) == INT_MAX && __double2int_rz(HUGE_VAL - HUGE_VAL) == INT_MIN);
    CHECK(__double2ull_rn(1e20) == ULLONG_MAX && __float2ull_rn(-1.0f) == 0);
    CHECK(__int2float_rz(16777217) == 16777216.0f && __int2float_ru(16777217) == 16777218.0f);
    CHECK(__ll2float_rd(9007199254740993ll) == 9007199254740992.0f &&
          __ll2float_ru(LLONG_MIN) == -0x1p63f);
    CHECK(__ull2float_rz(ULLONG_MAX) == 0x1.fffffep63f &&
          __ull2double_rd(ULLONG_MAX) == 0x1.fffffffffffffp63);
    CHECK(__double2float_ru(1 + 0x1p-30) == 1 + 0x1p-23f && __double2float_rz(-1 - 0x1p-30) == -1);
    return 0;
}
