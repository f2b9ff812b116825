/* cudnn.h - cuDNN 8 and 9, found at run time: the calls that the launcher makes; as cublas.h.
 *
 * Results are cudnnStatus_t: 0 is good.
 */
#ifndef HONE_CUDA_LAUNCHER_CUDNN_H
#define HONE_CUDA_LAUNCHER_CUDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CUDNN_F32 = 0, /* cudnnDataType_t */
    CUDNN_F16 = 2,
    CUDNN_BF16 = 9,
    CUDNN_NCHW = 0,
    CUDNN_CORRELATION = 1,
    CUDNN_TENSOR_MATH = 1, /* sums of 16-bit products in f32 */
    CUDNN_F32_MATH = 3,    /* f32 in f32, never in tf32 */
    CUDNN_RELU = 1,
    CUDNN_KEEP_NAN = 1,
    CUDNN_ACCURATE_SOFTMAX = 1,
    CUDNN_SOFTMAX_OF_ROW = 0, /* mode instance: over all but the first dimension */
    CUDNN_ALGORITHMS = 3,     /* those that sum products as they are: implicit, precomputed, gemm */
    CUDNN_CHOICES = 8,
};

/* cudnnConvolutionFwdAlgoPerf_t */
struct cudnn_choice {
    int algorithm, status;
    float ms;
    size_t bytes;
    int determinism, math, reserved[3];
};

/* member, symbol, parameters */
#define HONE_CUDNN_CALLS(CALL)                                                                     \
    CALL(create, cudnnCreate, (void **handle))                                                     \
    CALL(destroy, cudnnDestroy, (void *handle))                                                    \
    CALL(set_stream, cudnnSetStream, (void *handle, void *stream))                                 \
    CALL(tensor_create, cudnnCreateTensorDescriptor, (void **tensor))                              \
    CALL(tensor_destroy, cudnnDestroyTensorDescriptor, (void *tensor))                             \
    CALL(tensor_set, cudnnSetTensor4dDescriptor,                                                   \
         (void *tensor, int format, int type, int n, int c, int h, int w))                         \
    CALL(filter_create, cudnnCreateFilterDescriptor, (void **filter))                              \
    CALL(filter_destroy, cudnnDestroyFilterDescriptor, (void *filter))                             \
    CALL(filter_set, cudnnSetFilter4dDescriptor,                                                   \
         (void *filter, int type, int format, int k, int c, int h, int w))                         \
    CALL(convolution_create, cudnnCreateConvolutionDescriptor, (void **convolution))               \
    CALL(convolution_destroy, cudnnDestroyConvolutionDescriptor, (void *convolution))              \
    CALL(convolution_set, cudnnSetConvolution2dDescriptor,                                         \
         (void *convolution, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h,     \
          int dilation_w, int mode, int type))                                                     \
    CALL(convolution_math, cudnnSetConvolutionMathType, (void *convolution, int math))             \
    CALL(convolution_groups, cudnnSetConvolutionGroupCount, (void *convolution, int groups))       \
    CALL(choose, cudnnGetConvolutionForwardAlgorithm_v7,                                           \
         (void *handle, void *x, void *weight, void *convolution, void *y, int most, int *count,   \
          struct cudnn_choice *choices))                                                           \
    CALL(convolve, cudnnConvolutionForward,                                                        \
         (void *handle, const void *alpha, void *x, const void *x_data, void *weight,              \
          const void *weight_data, void *convolution, int algorithm, void *memory, size_t bytes,   \
          const void *beta, void *y, void *y_data))                                                \
    CALL(convolve_fused, cudnnConvolutionBiasActivationForward,                                    \
         (void *handle, const void *alpha, void *x, const void *x_data, void *weight,              \
          const void *weight_data, void *convolution, int algorithm, void *memory, size_t bytes,   \
          const void *alpha2, void *z, const void *z_data, void *bias, const void *bias_data,      \
          void *activation, void *y, void *y_data))                                                \
    CALL(add, cudnnAddTensor,                                                                      \
         (void *handle, const void *alpha, void *a, const void *a_data, const void *beta, void *c, \
          void *c_data))                                                                           \
    CALL(activation_create, cudnnCreateActivationDescriptor, (void **activation))                  \
    CALL(activation_destroy, cudnnDestroyActivationDescriptor, (void *activation))                 \
    CALL(activation_set, cudnnSetActivationDescriptor,                                             \
         (void *activation, int mode, int nan, double coefficient))                                \
    CALL(softmax, cudnnSoftmaxForward,                                                             \
         (void *handle, int algorithm, int mode, const void *alpha, void *x, const void *x_data,   \
          const void *beta, void *y, void *y_data))

#define HONE_CUDNN_MEMBER(name, symbol, parameters) int(*name) parameters;
struct cudnn {
    void *object;
    HONE_CUDNN_CALLS(HONE_CUDNN_MEMBER)
    size_t (*version)(void);
    void *handle;
    uint64_t memory; /* of the device, for convolutions */
    size_t bytes;
};
#undef HONE_CUDNN_MEMBER

/* As in cublas.h. */
int cudnn_open(struct cudnn *cudnn, const char *path, char *text, size_t size);
int cudnn_start(struct cudnn *cudnn, void *stream, uint64_t memory, size_t bytes);
void cudnn_stop(struct cudnn *cudnn);

/* y [rows, columns] = softmax of each row of x. */
int cudnn_softmax(struct cudnn *cudnn, int64_t rows, int64_t columns, uint32_t type_code,
                  uint32_t type_bits, uint64_t x, uint64_t y);

/* y [n, o, ..] = x [n, c, h, w] * weight [o, c / groups, r, s] + bias [o], not below 0 with relu.
 */
struct cudnn_convolution {
    int64_t n, c, h, w, o, r, s;
    int64_t padding[2], stride[2], dilation[2], groups;
    uint32_t type_code, type_bits;
    uint64_t x, weight, bias, y; /* bias 0: none */
    bool relu;                   /* only with a bias */
};
int cudnn_convolution(struct cudnn *cudnn, const struct cudnn_convolution *convolution);

#endif
