// An index as a whole is what it is on a GPU, in whatever build.
//@hone launch k grid=(2) block=(32) args=(y)
template <class T> struct is_extent { static constexpr int value = 0; };
template <> struct is_extent<dim3> { static constexpr int value = 1; };
template <class T> __device__ constexpr int kind(const T &) {
    return is_extent<T>::value * 100 + (int)sizeof(T);
}
extern "C" __global__ void k(float *y) {
    static_assert(sizeof __FILE__ == sizeof "solve.cu" && __LINE__ == 9);
    const uint3 thread = threadIdx;
    const dim3 block = blockDim;
    const bool good = kind(threadIdx) == 12 && kind(blockDim) == 112 && kind(gridDim) == 112 &&
                      kind(blockIdx) == 12 && sizeof(threadIdx) == 12 && sizeof(warpSize) == 4;
    y[blockIdx.x * block.x + thread.x] = good;
}
