// wmma: lanes need no other lane, so they may run one after another.
#include <mma.h>
#include "check.h"
using namespace nvcuda;

template <int M, int N, int K, class T, class LayoutA, class LayoutB, class Sum>
static int check(wmma::layout_t layout) {
    typedef typename wmma::hone_element<T>::stored Stored;
    Stored a[M * K], b[K * N];
    Sum c[M * N], d[M * N];
    bool a_rows = std::is_same_v<LayoutA, wmma::row_major>,
         b_rows = std::is_same_v<LayoutB, wmma::row_major>;
    bool rows = layout == wmma::mem_row_major;
    for (int i = 0; i < M * K; i++)
        a[i] = (Stored)(float)(draw() % 9);
    for (int i = 0; i < K * N; i++)
        b[i] = (Stored)(float)(draw() % 9);
    for (int i = 0; i < M * N; i++)
        c[i] = (Sum)(float)(draw() % 9);
    for (threadIdx.x = 0; threadIdx.x < 32; threadIdx.x++) {
        wmma::fragment<wmma::matrix_a, M, N, K, T, LayoutA> left;
        wmma::fragment<wmma::matrix_b, M, N, K, T, LayoutB> right;
        wmma::fragment<wmma::accumulator, M, N, K, Sum> sum;
        wmma::load_matrix_sync(left, a, a_rows ? K : M);
        wmma::load_matrix_sync(right, b, b_rows ? N : K);
        wmma::load_matrix_sync(sum, c, rows ? N : M, layout);
        wmma::mma_sync(sum, left, right, sum);
        wmma::store_matrix_sync(d, sum, rows ? N : M, layout);
    }
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) {
            int at = rows ? m * N + n : n * M + m;
            float wanted = (float)c[at];
            for (int k = 0; k < K; k++)
                wanted += (float)a[a_rows ? m * K + k : k * M + m] *
                          (float)b[b_rows ? k * N + n : n * K + k];
            CHECK((float)d[at] == wanted);
        }
    return 0;
}

int main() {
    using namespace wmma;
    int result = check<16, 16, 16, half, row_major, col_major, float>(mem_row_major);
    result = result ? result : check<16, 16, 16, half, col_major, row_major, half>(mem_col_major);
    result = result ? result : check<32, 8, 16, half, row_major, row_major, float>(mem_row_major);
    result = result ? result
                    : check<8, 32, 16, __nv_bfloat16, col_major, col_major, float>(mem_col_major);
    result = result ? result
                    : check<16, 16, 8, precision::tf32, row_major, col_major, float>(mem_row_major);
    result =
        result ? result : check<16, 16, 16, signed char, row_major, col_major, int>(mem_row_major);
    CHECK(__float_to_tf32(1 + 0x1p-11f) == 1 + 0x1p-10f && __float_to_tf32(1 + 0x1p-12f) == 1);
    return result;
}
