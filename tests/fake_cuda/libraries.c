/* cuBLAS and cuDNN: they check what they are given, and queue the kernels of operators.c. */
#include "hardware/cuda/launcher/cublas.h"
#include "hardware/cuda/launcher/cudnn.h"

#include "tests/fake_cuda/fake.h"

#include <stdlib.h>
#include <string.h>

#define API __attribute__((visibility("default")))
#define SPLIT 64 /* products as deep as this end with a kernel of their own */
#define INVALID 7
#define BITS(number) ((uint64_t)(int64_t)(number))

#define DECLARE(name, symbol, parameters) API int symbol parameters;
HONE_CUBLAS_CALLS(DECLARE)
HONE_CUDNN_CALLS(DECLARE)
API size_t cudnnGetVersion(void);

static uint64_t address(const void *pointer) {
    return (uint64_t)(uintptr_t)pointer;
}

/* --- cuBLAS --- */

struct handle {
    void *stream, *memory;
};

int cublasCreate_v2(void **made) {
    if (fake_is("no_cublas"))
        return 1;
    *made = calloc(1, sizeof(struct handle));
    return 0;
}

int cublasDestroy_v2(void *handle) {
    free(handle);
    return 0;
}

int cublasGetVersion_v2(void *handle, int *version) {
    *version = 130000;
    return handle ? 0 : INVALID;
}

/* As the real one: the memory that was given is given up. */
int cublasSetStream_v2(void *of, void *stream) {
    struct handle *handle = of;
    *handle = (struct handle){.stream = stream};
    return 0;
}

int cublasSetWorkspace_v2(void *of, void *memory, size_t bytes) {
    struct handle *handle = of;
    handle->memory = bytes ? memory : NULL;
    return 0;
}

int cublasSetMathMode(void *handle, int mode) {
    return handle && mode == CUBLAS_PLAIN_MATH ? 0 : INVALID;
}

/* It would allocate memory of its own during a capture, on a stream that is not captured. */
static int is_ready(const void *of) {
    const struct handle *handle = of;
    return handle->stream && handle->memory;
}

int cublasGemmStridedBatchedEx(void *handle, int transpose_a, int transpose_b, int m, int n, int k,
                               const void *alpha, const void *a, int a_type, int lda,
                               long long a_stride, const void *b, int b_type, int ldb,
                               long long b_stride, const void *beta, void *c, int c_type, int ldc,
                               long long c_stride, int batch, int compute, int algorithm) {
    const uint64_t values[] = {BITS(transpose_a), BITS(transpose_b), BITS(m),        BITS(n),
                               BITS(k),           address(a),        BITS(lda),      BITS(a_stride),
                               address(b),        BITS(ldb),         BITS(b_stride), address(c),
                               BITS(ldc),         BITS(c_stride),    BITS(batch),    BITS(a_type)};
    if (!is_ready(handle) || *(const float *)alpha != 1 || *(const float *)beta != 0 ||
        a_type != b_type || a_type != c_type || compute != CUBLAS_COMPUTE_F32 ||
        algorithm != CUBLAS_ANY_ALGORITHM || lda < (transpose_a ? k : m) ||
        ldb < (transpose_b ? n : k) || ldc < m)
        return INVALID;
    int result = fake_launch("library_product", values);
    return result || k < SPLIT ? result : fake_launch("library_reduction", values);
}

int cublasGemmEx(void *handle, int transpose_a, int transpose_b, int m, int n, int k,
                 const void *alpha, const void *a, int a_type, int lda, const void *b, int b_type,
                 int ldb, const void *beta, void *c, int c_type, int ldc, int compute,
                 int algorithm) {
    return cublasGemmStridedBatchedEx(handle, transpose_a, transpose_b, m, n, k, alpha, a, a_type,
                                      lda, 0, b, b_type, ldb, 0, beta, c, c_type, ldc, 0, 1,
                                      compute, algorithm);
}

int cublasSgemv_v2(void *handle, int transpose, int m, int n, const float *alpha, const float *a,
                   int lda, const float *x, int x_step, const float *beta, float *y, int y_step) {
    if (x_step != 1 || y_step != 1)
        return INVALID;
    return transpose
               ? cublasGemmEx(handle, 1, 0, n, 1, m, alpha, a, CUBLAS_F32, lda, x, CUBLAS_F32, m,
                              beta, y, CUBLAS_F32, n, CUBLAS_COMPUTE_F32, CUBLAS_ANY_ALGORITHM)
               : cublasGemmEx(handle, 0, 0, m, 1, n, alpha, a, CUBLAS_F32, lda, x, CUBLAS_F32, n,
                              beta, y, CUBLAS_F32, m, CUBLAS_COMPUTE_F32, CUBLAS_ANY_ALGORITHM);
}

int cublasSgeam(void *handle, int transpose_a, int transpose_b, int m, int n, const float *alpha,
                const float *a, int lda, const float *beta, const float *b, int ldb, float *c,
                int ldc) {
    uint32_t bits[2];
    memcpy(&bits[0], alpha, sizeof *alpha);
    memcpy(&bits[1], beta, sizeof *beta);
    const uint64_t values[] = {BITS(transpose_a), BITS(m),    BITS(n),  address(a) ? bits[0] : 0,
                               address(a),        BITS(lda),  bits[1],  address(b),
                               BITS(ldb),         address(c), BITS(ldc)};
    if (!is_ready(handle) || transpose_b || lda < (transpose_a ? n : m) || ldb < m || ldc < m)
        return INVALID;
    return fake_launch("library_sum", values);
}

/* --- cuDNN --- */

/* Any descriptor: what was set, in order. */
struct descriptor {
    int values[8];
    int groups, math;
};

static int make(void **made) {
    *made = calloc(1, sizeof(struct descriptor));
    return 0;
}

static int forget(void *made) {
    free(made);
    return 0;
}

int cudnnCreate(void **made) {
    return fake_is("no_cudnn") ? 1 : make(made);
}

int cudnnDestroy(void *handle) {
    return forget(handle);
}

size_t cudnnGetVersion(void) {
    return 91300;
}

int cudnnSetStream(void *handle, void *stream) {
    return handle && stream ? 0 : INVALID;
}

int cudnnCreateTensorDescriptor(void **tensor) {
    return make(tensor);
}

int cudnnDestroyTensorDescriptor(void *tensor) {
    return forget(tensor);
}

int cudnnSetTensor4dDescriptor(void *of, int format, int type, int n, int c, int h, int w) {
    struct descriptor *tensor = of;
    *tensor = (struct descriptor){.values = {n, c, h, w, type}};
    return format == CUDNN_NCHW && n > 0 && c > 0 && h > 0 && w > 0 ? 0 : INVALID;
}

int cudnnCreateFilterDescriptor(void **filter) {
    return make(filter);
}

int cudnnDestroyFilterDescriptor(void *filter) {
    return forget(filter);
}

int cudnnSetFilter4dDescriptor(void *filter, int type, int format, int k, int c, int h, int w) {
    return cudnnSetTensor4dDescriptor(filter, format, type, k, c, h, w);
}

int cudnnCreateConvolutionDescriptor(void **convolution) {
    return make(convolution);
}

int cudnnDestroyConvolutionDescriptor(void *convolution) {
    return forget(convolution);
}

int cudnnSetConvolution2dDescriptor(void *of, int pad_h, int pad_w, int stride_h, int stride_w,
                                    int dilation_h, int dilation_w, int mode, int type) {
    struct descriptor *convolution = of;
    memcpy(convolution->values, (int[]){pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w},
           6 * sizeof(int));
    return mode == CUDNN_CORRELATION && type == CUDNN_F32 ? 0 : INVALID;
}

int cudnnSetConvolutionMathType(void *of, int math) {
    ((struct descriptor *)of)->math = math;
    return 0;
}

int cudnnSetConvolutionGroupCount(void *of, int groups) {
    ((struct descriptor *)of)->groups = groups;
    return 0;
}

/* Its favourites are a transform, one that cannot be, and one that wants too much memory. */
int cudnnGetConvolutionForwardAlgorithm_v7(void *handle, void *x, void *weight, void *convolution,
                                           void *y, int most, int *count,
                                           struct cudnn_choice *choices) {
    const struct cudnn_choice mine[] = {
        {.algorithm = 6, .math = CUDNN_F32_MATH},
        {.algorithm = 2, .status = INVALID, .math = CUDNN_F32_MATH},
        {.algorithm = 1, .bytes = (size_t)1 << 32, .math = CUDNN_F32_MATH},
        {.algorithm = 0, .math = ((struct descriptor *)convolution)->math},
    };
    (void)handle, (void)x, (void)weight, (void)y;
    for (*count = 0; *count < most && *count < 4; ++*count)
        choices[*count] = mine[*count];
    return 0;
}

static int convolve(void *x, const void *x_data, void *weight, const void *weight_data,
                    void *convolution, int algorithm, void *memory, const void *bias, void *y_data,
                    int bias_kind) {
    const struct descriptor *of_x = x, *of_weight = weight, *how = convolution;
    const int *sizes = of_x->values, *taps = of_weight->values;
    const uint64_t values[] = {
        BITS(sizes[0]),       BITS(sizes[1]),       BITS(sizes[2]),       BITS(sizes[3]),
        BITS(taps[0]),        BITS(taps[1]),        BITS(taps[2]),        BITS(taps[3]),
        address(x_data),      address(weight_data), address(bias),        address(y_data),
        BITS(how->values[0]), BITS(how->values[1]), BITS(how->values[2]), BITS(how->values[3]),
        BITS(bias_kind),      BITS(sizes[4]),       BITS(how->values[4]), BITS(how->values[5])};
    if (algorithm != 0 || !memory || how->groups * taps[1] != sizes[1] ||
        how->math != (sizes[4] == CUDNN_F32 ? CUDNN_F32_MATH : CUDNN_TENSOR_MATH))
        return INVALID;
    return fake_launch("library_convolution", values);
}

int cudnnConvolutionForward(void *handle, const void *alpha, void *x, const void *x_data,
                            void *weight, const void *weight_data, void *convolution, int algorithm,
                            void *memory, size_t bytes, const void *beta, void *y, void *y_data) {
    (void)handle, (void)bytes, (void)y;
    return *(const float *)alpha == 1 && *(const float *)beta == 0
               ? convolve(x, x_data, weight, weight_data, convolution, algorithm, memory, NULL,
                          y_data, 0)
               : INVALID;
}

int cudnnConvolutionBiasActivationForward(void *handle, const void *alpha, void *x,
                                          const void *x_data, void *weight, const void *weight_data,
                                          void *convolution, int algorithm, void *memory,
                                          size_t bytes, const void *alpha2, void *z,
                                          const void *z_data, void *bias, const void *bias_data,
                                          void *activation, void *y, void *y_data) {
    const struct descriptor *of_bias = bias, *of_weight = weight, *kind = activation;
    (void)handle, (void)bytes;
    return *(const float *)alpha == 1 && *(const float *)alpha2 == 0 && z == y &&
                   z_data == y_data && of_bias->values[1] == of_weight->values[0] &&
                   kind->values[0] == CUDNN_RELU
               ? convolve(x, x_data, weight, weight_data, convolution, algorithm, memory, bias_data,
                          y_data, 2)
               : INVALID;
}

int cudnnAddTensor(void *handle, const void *alpha, void *a, const void *a_data, const void *beta,
                   void *c, void *c_data) {
    const struct descriptor *of_a = a, *of_c = c;
    const int *sizes = of_c->values;
    const uint64_t values[] = {BITS(sizes[0]),  BITS(sizes[1]),  BITS(sizes[2] * sizes[3]),
                               address(a_data), address(c_data), BITS(sizes[4])};
    (void)handle;
    return *(const float *)alpha == 1 && *(const float *)beta == 1 && of_a->values[1] == sizes[1]
               ? fake_launch("library_bias", values)
               : INVALID;
}

int cudnnCreateActivationDescriptor(void **activation) {
    return make(activation);
}

int cudnnDestroyActivationDescriptor(void *activation) {
    return forget(activation);
}

int cudnnSetActivationDescriptor(void *of, int mode, int nan, double coefficient) {
    ((struct descriptor *)of)->values[0] = mode;
    (void)coefficient;
    return nan == CUDNN_KEEP_NAN ? 0 : INVALID;
}

int cudnnSoftmaxForward(void *handle, int algorithm, int mode, const void *alpha, void *x,
                        const void *x_data, const void *beta, void *y, void *y_data) {
    const struct descriptor *of_x = x;
    const uint64_t values[] = {BITS(of_x->values[0]), BITS(of_x->values[1]), address(x_data),
                               address(y_data), BITS(of_x->values[4])};
    (void)handle;
    return algorithm == CUDNN_ACCURATE_SOFTMAX && mode == CUDNN_SOFTMAX_OF_ROW && x == y &&
                   *(const float *)alpha == 1 && *(const float *)beta == 0
               ? fake_launch("library_softmax", values)
               : INVALID;
}
