// honest: intrinsics that round and convert, whose results count for nothing, an odd grid of three dimensions; task: algebra/axpby
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
        w += 0.0f * (__saturatef(v) + __fdiv_rn(v, 2.0f) + truncf(v) + (float)__float2int_rn(v) +
                     __int2float_rz((int)i) + ldexpf(v, 2) + copysignf(1, v) + fdimf(v, w) +
                     __frsqrt_rn(4.f) + (float)__drcp_rn(2.0 + i) + __double2float_rn(v) +
                     __uint_as_float(0x3f800000u) + (float)__hiloint2double(1072693248, 0) +
                     max(1, (int)i) + umin(1u, 2u) + abs(-3) + (float)__mul24(2, (int)i) +
                     (float)__rhadd(1, 2) + (float)__hadd(1, (int)i) + (float)__usad(1u, 2u, 3u) +
                     (float)__vadd4((unsigned)i, 1u) + rhypotf(3.f, 4.f) + rcbrtf(8.f) +
                     exp10f(1.f) + sinpif(.5f) + norm3df(1, 2, 2) + normcdff(0.f));
        out[i] = w;
    }
}
