// honest: many mathematical functions whose results count for nothing, an odd grid of three dimensions; task: algebra/axpby
//@hone launch k grid=(7, 3, 2) block=(8, 4, 2) args=(x, y, a, b, out, n)
extern "C" __global__ void k(const float *x, const float *y, float a, float b, float *out,
                             int64_t n) {
    const unsigned long long threads =
        1ull * gridDim.x * gridDim.y * gridDim.z * blockDim.x * blockDim.y * blockDim.z;
    unsigned long long block =
        blockIdx.x + gridDim.x * (blockIdx.y + (unsigned long long)gridDim.y * blockIdx.z);
    unsigned long long id = block * (blockDim.x * blockDim.y * blockDim.z) + threadIdx.x +
                            blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    for (unsigned long long i = id; i < (unsigned long long)n; i += threads) {
        float v = __fmul_rn(a, x[i]), w = __fadd_rn(v, __fmul_rn(b, y[i]));
        w += 0.0f *
             (__saturatef(v) + __fdiv_rn(1.0f, 2.0f) + rhypotf(3.f, 4.f) + normcdff(0.f) +
              cbrtf(8.f) + rcbrtf(8.f) + __log2f(4.f) + __powf(2.f, 3.f) + __sinf(0.5f) +
              __cosf(0.5f) + __tanf(.5f) + exp10f(1.f) + erfcxf(1.f) + erfinvf(.5f) + j0f(1.f) +
              lgammaf(3.f) + tgammaf(3.f) + hypotf(3, 4) + fdimf(2, 1) + truncf(1.5f) +
              rintf(1.5f) + (float)__float2int_rn(1.5f) + (float)lroundf(2.5f) + __int2float_rz(3) +
              ldexpf(1, 2) + scalbnf(1, 2) + copysignf(1, -1) + nextafterf(1, 2) +
              remainderf(5, 3) + fmodf(5, 3) + log1pf(1) + expm1f(1) + sinpif(.5f) + cospif(.5f) +
              norm3df(1, 2, 2) + rnorm4df(1, 1, 1, 1) + __frsqrt_rn(4.f) + __drcp_rn(2.0) +
              (float)__double2float_rn(1.0) + __uint_as_float(0x3f800000u) +
              (float)__hiloint2double(1072693248, 0) + max(1, 2) + min(3ll, 4ll) + umin(1u, 2u) +
              abs(-3) + llabs(-3ll) + (float)__mul24(2, 3) + (float)__rhadd(1, 2) +
              (float)__hadd(1, 2) + (float)__usad(1u, 2u, 3u) + fmaf(1, 2, 3) + logbf(8.f) +
              (float)ilogbf(8.f));
        out[i] = w;
    }
}
