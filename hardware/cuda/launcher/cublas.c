#include "hardware/cuda/launcher/cublas.h"

#include "hardware/cuda/launcher/symbols.h"
#include "plugins/tensor.h"

#include <errno.h>
#include <limits.h>

static const struct symbol calls[] = {
#define PLACE(name, symbol, parameters) {#symbol, offsetof(struct cublas, name)},
    HONE_CUBLAS_CALLS(PLACE)
#undef PLACE
};

int cublas_open(struct cublas *cublas, const char *path, char *text, size_t size) {
    return symbols_open(path, calls, sizeof calls / sizeof *calls, cublas, &cublas->object, text,
                        size);
}

/* The default mode does not compute f32 in tf32; and the memory is set after the stream, which
 * takes the library's own back. */
int cublas_start(struct cublas *cublas, void *stream, uint64_t memory, size_t bytes) {
    int result = cublas->create(&cublas->handle);
    if (result)
        return result;
    result = cublas->set_math(cublas->handle, CUBLAS_PLAIN_MATH);
    result = result ? result : cublas->set_stream(cublas->handle, stream);
    result =
        result ? result : cublas->set_workspace(cublas->handle, (void *)(uintptr_t)memory, bytes);
    if (result)
        cublas_stop(cublas);
    return result;
}

void cublas_stop(struct cublas *cublas) {
    if (cublas->handle)
        cublas->destroy(cublas->handle);
    cublas->handle = NULL;
}

static int type_of(const struct cublas_product *product) {
    if (product->type_bits == 16)
        return product->type_code == HONE_TYPE_BFLOAT  ? CUBLAS_BF16
               : product->type_code == HONE_TYPE_FLOAT ? CUBLAS_F16
                                                       : -1;
    return product->type_bits == 32 && product->type_code == HONE_TYPE_FLOAT ? CUBLAS_F32 : -1;
}

static bool fits(int64_t value) {
    return value > 0 && value <= INT_MAX;
}

/* The library's c is the transpose of ours: c' = b' a'. */
int cublas_product(struct cublas *cublas, const struct cublas_product *product) {
    static const float one = 1, zero = 0;
    const int type = type_of(product);
    if (type < 0 || !fits(product->batch) || !fits(product->m) || !fits(product->n) ||
        !fits(product->k))
        return -ENOTSUP;
    const int m = (int)product->m, n = (int)product->n, k = (int)product->k;
    const int of_a = product->transpose_a ? CUBLAS_TRANSPOSE : CUBLAS_NO_TRANSPOSE;
    const int of_b = product->transpose_b ? CUBLAS_TRANSPOSE : CUBLAS_NO_TRANSPOSE;
    const int lda = product->transpose_a ? m : k, ldb = product->transpose_b ? k : n;
    const void *a = (const void *)(uintptr_t)product->a, *b = (const void *)(uintptr_t)product->b;
    void *c = (void *)(uintptr_t)product->c;
    if (product->batch == 1)
        return cublas->gemm(cublas->handle, of_b, of_a, n, m, k, &one, b, type, ldb, a, type, lda,
                            &zero, c, type, n, CUBLAS_COMPUTE_F32, CUBLAS_ANY_ALGORITHM);
    return cublas->gemm_batched(cublas->handle, of_b, of_a, n, m, k, &one, b, type, ldb,
                                product->same_b ? 0 : (long long)product->k * product->n, a, type,
                                lda, (long long)product->m * product->k, &zero, c, type, n,
                                (long long)product->m * product->n, (int)product->batch,
                                CUBLAS_COMPUTE_F32, CUBLAS_ANY_ALGORITHM);
}

int cublas_matrix_vector(struct cublas *cublas, int64_t m, int64_t n, uint64_t a, uint64_t x,
                         uint64_t y) {
    static const float one = 1, zero = 0;
    if (!fits(m) || !fits(n))
        return -ENOTSUP;
    return cublas->gemv(cublas->handle, CUBLAS_TRANSPOSE, (int)n, (int)m, &one,
                        (const float *)(uintptr_t)a, (int)n, (const float *)(uintptr_t)x, 1, &zero,
                        (float *)(uintptr_t)y, 1);
}

int cublas_matrix_sum(struct cublas *cublas, int64_t m, int64_t n, bool transpose_a, float alpha,
                      uint64_t a, float beta, uint64_t b, uint64_t out) {
    if (!fits(m) || !fits(n))
        return -ENOTSUP;
    return cublas->geam(cublas->handle, transpose_a ? CUBLAS_TRANSPOSE : CUBLAS_NO_TRANSPOSE,
                        CUBLAS_NO_TRANSPOSE, (int)n, (int)m, &alpha, (const float *)(uintptr_t)a,
                        (int)(transpose_a ? m : n), &beta, (const float *)(uintptr_t)b, (int)n,
                        (float *)(uintptr_t)out, (int)n);
}
