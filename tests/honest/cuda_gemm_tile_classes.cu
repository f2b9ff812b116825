// honest: the main loop, its operands and fragments are class templates in a namespace; task: algebra/gemm
//@hone launch gemm_kernel grid=(ceil_div(n, 32) * ceil_div(m, 32)) block=(64) shared=8192 args=(a, b, c, m, n, k)
namespace tiny {
template <int M_, int N_, int K_> struct GemmShape { static constexpr int kM = M_, kN = N_, kK = K_; static constexpr int kMN = M_ * N_; };
template <class T, int N> struct Array { T storage[N]; __device__ T &operator[](int i) { return storage[i]; } __device__ void clear() { for (int i = 0; i < N; i++) storage[i] = T(0); } };
struct RowMajor { int64_t ld; __device__ int64_t operator()(int64_t r, int64_t c) const { return r * ld + c; } };
template <class Layout> struct TensorRef { const float *ptr; Layout layout; int64_t rows, cols;
    __device__ float at(int64_t r, int64_t c) const { return r < rows && c < cols ? ptr[layout(r, c)] : 0.0f; } };
template <class Shape> struct Mainloop {
    using Frag = Array<float, 16>;
    float *sA, *sB;
    __device__ explicit Mainloop(char *smem) : sA(reinterpret_cast<float *>(smem)), sB(reinterpret_cast<float *>(smem) + Shape::kM * Shape::kK) {}
    template <class RA, class RB> __device__ void run(RA const &A, RB const &B, int64_t r0, int64_t c0, int64_t K, Frag &acc) {
        for (int64_t k0 = 0; k0 < K; k0 += Shape::kK) {
            for (int i = threadIdx.x; i < Shape::kM * Shape::kK; i += blockDim.x) sA[i] = A.at(r0 + i / Shape::kK, k0 + i % Shape::kK);
            for (int i = threadIdx.x; i < Shape::kK * Shape::kN; i += blockDim.x) sB[i] = B.at(k0 + i / Shape::kN, c0 + i % Shape::kN);
            __syncthreads();
            const int tr = (threadIdx.x / 8) * 4, tc = (threadIdx.x % 8) * 4;
            #pragma unroll 4
            for (int kk = 0; kk < Shape::kK; ++kk)
                for (int i = 0; i < 4; ++i) for (int j = 0; j < 4; ++j)
                    acc[i * 4 + j] = fmaf(sA[(tr + i) * Shape::kK + kk], sB[kk * Shape::kN + tc + j], acc[i * 4 + j]);
            __syncthreads();
        }
    }
};
}
extern "C" __global__ void gemm_kernel(const float *A, const float *B, float *C, int64_t M, int64_t N, int64_t K) {
    using Shape = tiny::GemmShape<32, 32, 16>;
    extern __shared__ __align__(16) char smem[];
    const int64_t tiles_n = (N + Shape::kN - 1) / Shape::kN;
    const int64_t r0 = blockIdx.x / tiles_n * Shape::kM, c0 = blockIdx.x % tiles_n * Shape::kN;
    tiny::TensorRef<tiny::RowMajor> ra{A, {K}, M, K}, rb{B, {N}, K, N};
    tiny::Mainloop<Shape> loop(smem);
    typename tiny::Mainloop<Shape>::Frag acc;
    acc.clear();
    loop.run(ra, rb, r0, c0, K, acc);
    const int tr = (threadIdx.x / 8) * 4, tc = (threadIdx.x % 8) * 4;
    for (int i = 0; i < 4; ++i) for (int j = 0; j < 4; ++j)
        if (r0 + tr + i < M && c0 + tc + j < N) C[(r0 + tr + i) * N + c0 + tc + j] = acc[i * 4 + j];
}
