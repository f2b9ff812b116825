/* cublas.h - cuBLAS 11 and later, found at run time: the calls that the launcher makes.
 *
 * No header of the toolkit is needed: handles are void pointers, and the few numbers below are the
 * library's binary interface (tests/test_cuda_library.c compares them with the toolkit's headers
 * where there are some). Results are cublasStatus_t: 0 is good. Matrices here are row-major, as
 * everywhere in hone; the library's own are column-major, which is the transpose.
 */
#ifndef HONE_CUDA_LAUNCHER_CUBLAS_H
#define HONE_CUDA_LAUNCHER_CUBLAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CUBLAS_NO_TRANSPOSE = 0,
    CUBLAS_TRANSPOSE = 1,
    CUBLAS_PLAIN_MATH = 0,
    CUBLAS_F32 = 0, /* cudaDataType */
    CUBLAS_F16 = 2,
    CUBLAS_BF16 = 14,
    CUBLAS_COMPUTE_F32 = 68, /* in f32, never in tf32 */
    CUBLAS_ANY_ALGORITHM = -1,
};

/* member, symbol, parameters */
#define HONE_CUBLAS_CALLS(CALL)                                                                    \
    CALL(create, cublasCreate_v2, (void **handle))                                                 \
    CALL(destroy, cublasDestroy_v2, (void *handle))                                                \
    CALL(version, cublasGetVersion_v2, (void *handle, int *version))                               \
    CALL(set_stream, cublasSetStream_v2, (void *handle, void *stream))                             \
    CALL(set_workspace, cublasSetWorkspace_v2, (void *handle, void *memory, size_t bytes))         \
    CALL(set_math, cublasSetMathMode, (void *handle, int mode))                                    \
    CALL(gemm, cublasGemmEx,                                                                       \
         (void *handle, int transpose_a, int transpose_b, int m, int n, int k, const void *alpha,  \
          const void *a, int a_type, int lda, const void *b, int b_type, int ldb,                  \
          const void *beta, void *c, int c_type, int ldc, int compute, int algorithm))             \
    CALL(gemm_batched, cublasGemmStridedBatchedEx,                                                 \
         (void *handle, int transpose_a, int transpose_b, int m, int n, int k, const void *alpha,  \
          const void *a, int a_type, int lda, long long a_stride, const void *b, int b_type,       \
          int ldb, long long b_stride, const void *beta, void *c, int c_type, int ldc,             \
          long long c_stride, int batch, int compute, int algorithm))                              \
    CALL(gemv, cublasSgemv_v2,                                                                     \
         (void *handle, int transpose, int m, int n, const float *alpha, const float *a, int lda,  \
          const float *x, int x_step, const float *beta, float *y, int y_step))                    \
    CALL(geam, cublasSgeam,                                                                        \
         (void *handle, int transpose_a, int transpose_b, int m, int n, const float *alpha,        \
          const float *a, int lda, const float *beta, const float *b, int ldb, float *c, int ldc))

#define HONE_CUBLAS_MEMBER(name, symbol, parameters) int(*name) parameters;
struct cublas {
    void *object;
    HONE_CUBLAS_CALLS(HONE_CUBLAS_MEMBER)
    void *handle;
};
#undef HONE_CUBLAS_MEMBER

/* 0, or -1 with a text. */
int cublas_open(struct cublas *cublas, const char *path, char *text, size_t size);
/* A handle on the stream, whose calls use this device memory and no other. */
int cublas_start(struct cublas *cublas, void *stream, uint64_t memory, size_t bytes);
/* The handle again; what it knew is gone. NULL is allowed. */
void cublas_stop(struct cublas *cublas);

/* c = a b, `batch` times, one behind the other: c is [m, n], a [m, k] or transposed [k, m], b
 * [k, n] or transposed [n, k]; all of one type, `type_bits` and a code of tensor.h. */
struct cublas_product {
    int64_t batch, m, n, k;
    bool transpose_a, transpose_b, same_b; /* same_b: one b for all */
    uint32_t type_code, type_bits;
    uint64_t a, b, c;
};

/* All enqueue on the stream. A status of the library, or -ENOTSUP: too large, or of a type that it
 * has not. */
int cublas_product(struct cublas *cublas, const struct cublas_product *product);
/* y [m] = a [m, n] x [n], f32. */
int cublas_matrix_vector(struct cublas *cublas, int64_t m, int64_t n, uint64_t a, uint64_t x,
                         uint64_t y);
/* out [m, n] = alpha a + beta b, f32; a [m, n], or transposed [n, m]. */
int cublas_matrix_sum(struct cublas *cublas, int64_t m, int64_t n, bool transpose_a, float alpha,
                      uint64_t a, float beta, uint64_t b, uint64_t out);

#endif
