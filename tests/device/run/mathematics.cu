// Functions that libm has not, against what defines them.
#include "check.h"

static bool near(double a, double b, double by) {
    return fabs(a - b) <= by * fabs(b) || a == b;
}

int main() {
    for (int i = 1; i < 2000; i++) {
        double x = i / 1000.0, y = x / 2 - 0.5;
        CHECK(near(erfinv(erf(y * 4)), y * 4, 1e-9));
        CHECK(near(erfc(erfcinv(x)), x, 1e-13));
        CHECK(near(normcdf(normcdfinv(x / 2)), x / 2, 1e-12));
        CHECK(near(erfcx(x * 10), exp(x * x * 100) * erfc(x * 10), x < 1 ? 1e-12 : HUGE_VAL));
        CHECK(near(rsqrt(x) * rsqrt(x), 1 / x, 1e-14) && near(rcbrt(x) * cbrt(x), 1, 1e-14));
        CHECK(near(sinpi(x), sin(x * M_PI), 1e-10) || fabs(sin(x * M_PI)) < 1e-15);
        CHECK(near(cospif((float)x), cos((double)(float)x * M_PI), 1e-6) ||
              fabs(cos(x * M_PI)) < 1e-6);
        float sine, cosine;
        sincospif((float)-x, &sine, &cosine);
        CHECK(sine == sinpif((float)-x) && cosine == cospif((float)x));
    }
    CHECK(sinpi(1.0) == 0 && cospi(0.5) == 0 && sinpi(-2.5) == -1 && cospi(3.0) == -1 &&
          sinpif(1e10f) == 0);
    CHECK(isinf(erfinv(1.0)) && isnan(erfinv(1.5)) && erfcinv(2.0) == -HUGE_VAL &&
          erfinvf(0.0f) == 0);
    CHECK(near(erfcx(24.999), erfcx(25.001), 1e-3) &&
          near(erfcx(100.0), 0.0056416137829894329, 1e-13));
    CHECK(norm3df(2, 3, 6) == 7 && rnorm4d(1, 1, 1, 1) == 0.5 && near(rhypotf(3, 4), 0.2, 1e-6));
    float three[] = {2, 3, 6};
    CHECK(normf(3, three) == 7);
    CHECK(fmaxf(NAN, 1) == 1 && fminf(1, NAN) == 1 && isnan(fmaxf(NAN, NAN)) &&
          fmax(2.0, 3.0) == 3);
    CHECK(__saturatef(NAN) == 0 && __saturatef(7) == 1 && __saturatef(0.5f) == 0.5f);
    CHECK(sizeof(sqrt(2.0f)) == 4 && sizeof(sqrt(2.0)) == 8 && pow(2.0f, 3) == 8 &&
          std::sqrt(4.0f) == 2);
    CHECK(std::max(1, 2) == 2 && std::numeric_limits<float>::max() == FLT_MAX &&
          std::clamp(5, 0, 3) == 3);
    CHECK(std::numeric_limits<int64_t>::min() == INT64_MIN &&
          std::numeric_limits<uint8_t>::max() == 255);
    int sum = 0;
    for (int i : {1, 2, 3})
        sum += i;
    CHECK(sum == 6);
    static_assert(std::is_same_v<std::conditional_t<true, int, float>, int> &&
                  !std::is_integral_v<float>);
    static_assert(sizeof(dim3) == 12 && alignof(float4) == 16 && alignof(float2) == 8 &&
                  sizeof(float3) == 12);
    static_assert(alignof(double4) == 16 && alignof(double4_32a) == 32 && alignof(longlong2) == 16);
    static_assert(alignof(uchar4) == 4 && alignof(short4) == 8 && sizeof(char3) == 3 &&
                  alignof(ulong2) == 16);
    return 0;
}
