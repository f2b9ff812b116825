#include "hardware/cuda/launcher/cudnn.h"

#include "hardware/cuda/launcher/symbols.h"
#include "plugins/tensor.h"

#include <errno.h>
#include <limits.h>

static const struct symbol calls[] = {
#define PLACE(name, symbol, parameters) {#symbol, offsetof(struct cudnn, name)},
    HONE_CUDNN_CALLS(PLACE){"cudnnGetVersion", offsetof(struct cudnn, version)},
#undef PLACE
};

static const float one = 1, zero = 0;

int cudnn_open(struct cudnn *cudnn, const char *path, char *text, size_t size) {
    return symbols_open(path, calls, sizeof calls / sizeof *calls, cudnn, &cudnn->object, text,
                        size);
}

int cudnn_start(struct cudnn *cudnn, void *stream, uint64_t memory, size_t bytes) {
    int result = cudnn->create(&cudnn->handle);
    if (result)
        return result;
    cudnn->memory = memory;
    cudnn->bytes = bytes;
    result = cudnn->set_stream(cudnn->handle, stream);
    if (result)
        cudnn_stop(cudnn);
    return result;
}

void cudnn_stop(struct cudnn *cudnn) {
    if (cudnn->handle)
        cudnn->destroy(cudnn->handle);
    cudnn->handle = NULL;
}

static int type_of(uint32_t code, uint32_t bits) {
    if (bits == 16)
        return code == HONE_TYPE_BFLOAT ? CUDNN_BF16 : code == HONE_TYPE_FLOAT ? CUDNN_F16 : -1;
    return bits == 32 && code == HONE_TYPE_FLOAT ? CUDNN_F32 : -1;
}

static bool fits(const int64_t *values, size_t count, int64_t least) {
    for (size_t i = 0; i < count; i++)
        if (values[i] < least || values[i] > INT_MAX)
            return false;
    return true;
}

int cudnn_softmax(struct cudnn *cudnn, int64_t rows, int64_t columns, uint32_t type_code,
                  uint32_t type_bits, uint64_t x, uint64_t y) {
    const int type = type_of(type_code, type_bits);
    void *tensor = NULL;
    if (type < 0 || !fits((int64_t[]){rows, columns}, 2, 1))
        return -ENOTSUP;
    int result = cudnn->tensor_create(&tensor);
    if (result == 0)
        result = cudnn->tensor_set(tensor, CUDNN_NCHW, type, (int)rows, (int)columns, 1, 1);
    if (result == 0)
        result =
            cudnn->softmax(cudnn->handle, CUDNN_ACCURATE_SOFTMAX, CUDNN_SOFTMAX_OF_ROW, &one,
                           tensor, (const void *)(uintptr_t)x, &zero, tensor, (void *)(uintptr_t)y);
    if (tensor)
        cudnn->tensor_destroy(tensor);
    return result;
}

/* What the library's descriptors of one convolution are. */
struct descriptors {
    void *x, *weight, *y, *bias, *convolution, *activation;
};

static int64_t extent(const struct cudnn_convolution *call, int axis) {
    const int64_t size = axis ? call->w : call->h, taps = axis ? call->s : call->r;
    return (size + 2 * call->padding[axis] - call->dilation[axis] * (taps - 1) - 1) /
               call->stride[axis] +
           1;
}

static int create(struct cudnn *cudnn, struct descriptors *made) {
    int result = cudnn->tensor_create(&made->x);
    result = result ? result : cudnn->tensor_create(&made->y);
    result = result ? result : cudnn->tensor_create(&made->bias);
    result = result ? result : cudnn->filter_create(&made->weight);
    result = result ? result : cudnn->convolution_create(&made->convolution);
    return result ? result : cudnn->activation_create(&made->activation);
}

static void destroy(struct cudnn *cudnn, struct descriptors *made) {
    if (made->x)
        cudnn->tensor_destroy(made->x);
    if (made->y)
        cudnn->tensor_destroy(made->y);
    if (made->bias)
        cudnn->tensor_destroy(made->bias);
    if (made->weight)
        cudnn->filter_destroy(made->weight);
    if (made->convolution)
        cudnn->convolution_destroy(made->convolution);
    if (made->activation)
        cudnn->activation_destroy(made->activation);
}

static int describe(struct cudnn *cudnn, const struct cudnn_convolution *call, int type,
                    const struct descriptors *made) {
    const int math = type == CUDNN_F32 ? CUDNN_F32_MATH : CUDNN_TENSOR_MATH;
    int result = cudnn->tensor_set(made->x, CUDNN_NCHW, type, (int)call->n, (int)call->c,
                                   (int)call->h, (int)call->w);
    result = result ? result
                    : cudnn->tensor_set(made->y, CUDNN_NCHW, type, (int)call->n, (int)call->o,
                                        (int)extent(call, 0), (int)extent(call, 1));
    result =
        result ? result : cudnn->tensor_set(made->bias, CUDNN_NCHW, type, 1, (int)call->o, 1, 1);
    result = result ? result
                    : cudnn->filter_set(made->weight, type, CUDNN_NCHW, (int)call->o,
                                        (int)(call->c / call->groups), (int)call->r, (int)call->s);
    result = result ? result
                    : cudnn->convolution_set(made->convolution, (int)call->padding[0],
                                             (int)call->padding[1], (int)call->stride[0],
                                             (int)call->stride[1], (int)call->dilation[0],
                                             (int)call->dilation[1], CUDNN_CORRELATION, CUDNN_F32);
    result = result ? result : cudnn->convolution_groups(made->convolution, (int)call->groups);
    result = result ? result : cudnn->convolution_math(made->convolution, math);
    return result ? result : cudnn->activation_set(made->activation, CUDNN_RELU, CUDNN_KEEP_NAN, 0);
}

/* The library's favourite among those that sum products as they are, in memory that is there: its
 * transforms (FFT, Winograd) round more than f32 does. The first of them needs none, and has all.
 */
static int choose(struct cudnn *cudnn, const struct descriptors *made, int *algorithm) {
    struct cudnn_choice choices[CUDNN_CHOICES] = {{0}};
    int count = 0;
    int result = cudnn->choose(cudnn->handle, made->x, made->weight, made->convolution, made->y,
                               CUDNN_CHOICES, &count, choices);
    *algorithm = 0;
    for (int i = 0; result == 0 && i < count && i < CUDNN_CHOICES; i++)
        if (choices[i].status == 0 && choices[i].algorithm < CUDNN_ALGORITHMS &&
            choices[i].bytes <= cudnn->bytes) {
            *algorithm = choices[i].algorithm;
            break;
        }
    return result;
}

static int run(struct cudnn *cudnn, const struct cudnn_convolution *call,
               const struct descriptors *made, int algorithm) {
    const void *x = (const void *)(uintptr_t)call->x;
    const void *weight = (const void *)(uintptr_t)call->weight;
    const void *bias = (const void *)(uintptr_t)call->bias;
    void *y = (void *)(uintptr_t)call->y, *memory = (void *)(uintptr_t)cudnn->memory;
    if (call->relu)
        return cudnn->convolve_fused(cudnn->handle, &one, made->x, x, made->weight, weight,
                                     made->convolution, algorithm, memory, cudnn->bytes, &zero,
                                     made->y, y, made->bias, bias, made->activation, made->y, y);
    int result =
        cudnn->convolve(cudnn->handle, &one, made->x, x, made->weight, weight, made->convolution,
                        algorithm, memory, cudnn->bytes, &zero, made->y, y);
    if (result == 0 && call->bias)
        result = cudnn->add(cudnn->handle, &one, made->bias, bias, &one, made->y, y);
    return result;
}

int cudnn_convolution(struct cudnn *cudnn, const struct cudnn_convolution *call) {
    const int type = type_of(call->type_code, call->type_bits);
    const int64_t sizes[] = {call->n,         call->c,           call->h,
                             call->w,         call->o,           call->r,
                             call->s,         call->groups,      call->stride[0],
                             call->stride[1], call->dilation[0], call->dilation[1]};
    struct descriptors made = {0};
    int algorithm = 0;
    if (type < 0 || !fits(sizes, sizeof sizes / sizeof *sizes, 1) || !fits(call->padding, 2, 0) ||
        call->c % call->groups || (call->relu && !call->bias))
        return -ENOTSUP;
    int result = create(cudnn, &made);
    result = result ? result : describe(cudnn, call, type, &made);
    result = result ? result : choose(cudnn, &made, &algorithm);
    result = result ? result : run(cudnn, call, &made, algorithm);
    destroy(cudnn, &made);
    return result;
}
