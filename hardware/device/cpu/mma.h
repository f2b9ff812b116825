/* mma.h - nvcuda::wmma: products of small matrices by a warp.
 *
 * A lane owns two rows and four columns of the result, and holds the two rows of the left matrix
 * and the four columns of the right one that they take, so that a product needs no other lane. The
 * shapes are those with 256 results; sums are kept in float or int. Where an element lies is not
 * said by CUDA either, so elements may only be treated alike. */
#ifndef HONE_DEVICE_MMA_H
#define HONE_DEVICE_MMA_H

#include "cuda_bf16.h"

namespace nvcuda {
namespace wmma {

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
enum layout_t { mem_row_major, mem_col_major };
namespace precision {
struct tf32;
}

/* What is stored of an element, and what a sum is kept in. */
template <class T> struct hone_element {
    typedef T stored;
    typedef float sum;
    static __forceinline__ float widen(T value) {
        return (float)value;
    }
};
template <> struct hone_element<precision::tf32> {
    typedef float stored;
    typedef float sum;
    static __forceinline__ float widen(float value) {
        return hone_bits<float>(hone_bits<unsigned int>(value) & ~0x1fffu);
    }
};
#define HONE_ELEMENT(T)                                                                            \
    template <> struct hone_element<T> {                                                           \
        typedef T stored;                                                                          \
        typedef int sum;                                                                           \
        static __forceinline__ int widen(T value) {                                                \
            return value;                                                                          \
        }                                                                                          \
    };
HONE_ELEMENT(signed char)
HONE_ELEMENT(unsigned char)
HONE_ELEMENT(int)
#undef HONE_ELEMENT

template <class Use, int M, int N, int K> struct hone_extent;
template <int M, int N, int K> struct hone_extent<matrix_a, M, N, K> {
    static constexpr int value = 2 * K;
};
template <int M, int N, int K> struct hone_extent<matrix_b, M, N, K> {
    static constexpr int value = 4 * K;
};
template <int M, int N, int K> struct hone_extent<accumulator, M, N, K> {
    static constexpr int value = 8;
};

template <class Use, int M, int N, int K, class T, class Layout = void> struct fragment {
    static_assert(M * N == 256 && (M == 8 || M == 16 || M == 32) && (K == 16 || K == 8),
                  "hone emulates wmma of 16x16x16, 32x8x16, 8x32x16 and, of tf32, 16x16x8");
    typedef typename hone_element<T>::stored element_type;
    static constexpr int num_elements = hone_extent<Use, M, N, K>::value;
    static constexpr int num_storage_elements = num_elements;
    element_type x[num_elements];
};

HONE_INLINE int hone_lane_of_warp() {
    return (int)((threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) & 31);
}
template <int N> HONE_INLINE int hone_first_row() {
    return hone_lane_of_warp() / (N / 4) * 2;
}
template <int N> HONE_INLINE int hone_first_column() {
    return hone_lane_of_warp() % (N / 4) * 4;
}

template <class Use, int M, int N, int K, class T, class Layout, class V>
HONE_INLINE void fill_fragment(fragment<Use, M, N, K, T, Layout> &a, const V &value) {
    for (int i = 0; i < a.num_elements; i++)
        a.x[i] = (typename hone_element<T>::stored)value;
}

/* `count` rows or columns of K elements, from `first` on; `step` apart, and their elements `along`.
 */
template <int K, class T>
HONE_INLINE void hone_load_lines(T *x, int count, const T *from, size_t step, size_t along) {
    for (int i = 0; i < count; i++)
        for (int k = 0; k < K; k++)
            x[i * K + k] = from[i * step + k * along];
}
template <int M, int N, int K, class T>
HONE_INLINE void load_matrix_sync(fragment<matrix_a, M, N, K, T, row_major> &a,
                                  const typename hone_element<T>::stored *from, unsigned stride) {
    __syncwarp();
    hone_load_lines<K>(a.x, 2, from + (size_t)hone_first_row<N>() * stride, stride, 1);
}
template <int M, int N, int K, class T>
HONE_INLINE void load_matrix_sync(fragment<matrix_a, M, N, K, T, col_major> &a,
                                  const typename hone_element<T>::stored *from, unsigned stride) {
    __syncwarp();
    hone_load_lines<K>(a.x, 2, from + hone_first_row<N>(), 1, stride);
}
template <int M, int N, int K, class T>
HONE_INLINE void load_matrix_sync(fragment<matrix_b, M, N, K, T, row_major> &b,
                                  const typename hone_element<T>::stored *from, unsigned stride) {
    __syncwarp();
    hone_load_lines<K>(b.x, 4, from + hone_first_column<N>(), 1, stride);
}
template <int M, int N, int K, class T>
HONE_INLINE void load_matrix_sync(fragment<matrix_b, M, N, K, T, col_major> &b,
                                  const typename hone_element<T>::stored *from, unsigned stride) {
    __syncwarp();
    hone_load_lines<K>(b.x, 4, from + (size_t)hone_first_column<N>() * stride, stride, 1);
}

template <int N> HONE_INLINE size_t hone_place(int i, unsigned stride, layout_t layout) {
    size_t row = (size_t)(hone_first_row<N>() + i / 4);
    size_t column = (size_t)(hone_first_column<N>() + i % 4);
    return layout == mem_row_major ? row * stride + column : column * stride + row;
}
template <int M, int N, int K, class T>
HONE_INLINE void load_matrix_sync(fragment<accumulator, M, N, K, T> &c, const T *from,
                                  unsigned stride, layout_t layout) {
    __syncwarp();
    for (int i = 0; i < 8; i++)
        c.x[i] = from[hone_place<N>(i, stride, layout)];
}
template <int M, int N, int K, class T>
HONE_INLINE void store_matrix_sync(T *to, const fragment<accumulator, M, N, K, T> &c,
                                   unsigned stride, layout_t layout) {
    __syncwarp();
    for (int i = 0; i < 8; i++)
        to[hone_place<N>(i, stride, layout)] = c.x[i];
}

template <int M, int N, int K, class T, class LayoutA, class LayoutB, class D, class C>
HONE_INLINE void mma_sync(fragment<accumulator, M, N, K, D> &d,
                          const fragment<matrix_a, M, N, K, T, LayoutA> &a,
                          const fragment<matrix_b, M, N, K, T, LayoutB> &b,
                          const fragment<accumulator, M, N, K, C> &c, bool = false) {
    for (int i = 0; i < 8; i++) {
        typename hone_element<T>::sum sum = (typename hone_element<T>::sum)c.x[i];
        for (int k = 0; k < K; k++)
            sum += hone_element<T>::widen(a.x[i / 4 * K + k]) *
                   hone_element<T>::widen(b.x[i % 4 * K + k]);
        d.x[i] = (D)sum;
    }
}

/* To nearest, ties away from zero. */
HONE_INLINE float __float_to_tf32(float value) {
    return hone_bits<float>((hone_bits<unsigned int>(value) + 0x1000u) & ~0x1fffu);
}

} // namespace wmma
} // namespace nvcuda

#endif
