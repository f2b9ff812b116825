/* Any words as an operator of a plan: what comes of them is a refusal, or a kernel or a library
 * that is told of no memory but that of the program's regions.
 *
 * The first byte chooses: the words as they are; or an operator that is made of the bytes, each
 * word a choice among a few, so that what lies behind the first checks is reached. No device, and
 * no memory: driver and libraries are functions of this file. */
#include "hardware/cuda/launcher/operator.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 512
#define BLOCKS_MOST 65535u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hone_launcher_region regions[] = {
    {.address = 0x100000000000, .bytes = 4096},
    {.address = 0x200000000000, .bytes = 1 << 20},
    {.address = 0x300000000000, .bytes = (uint64_t)40 << 30},
};
#define REGIONS (sizeof regions / sizeof *regions)

static uint64_t kernel_address(size_t region) {
    return 0x7f0000000000 - regions[region].address / 4;
}

static void expect_memory(uint64_t address, uint64_t bytes) {
    for (size_t i = 0; i < REGIONS; i++)
        if (address >= kernel_address(i) && address - kernel_address(i) <= regions[i].bytes &&
            bytes <= regions[i].bytes - (address - kernel_address(i)))
            return;
    abort();
}

static void expect_operand(const struct hone_operand *operand) {
    if (operand->address)
        expect_memory(operand->address, (uint64_t)operand->count * operand->type_bits / 8);
    else if (operand->count != 1)
        abort();
}

/* ---- the driver ---- */

static int launch(const struct cuda_launch *launch, void *function, void **parameters,
                  void **extra) {
    const struct hone_operation *operation = parameters[0];
    if (strncmp(function, "hone_op_", 8) != 0 || extra || !launch->grid[0] ||
        launch->grid[0] > BLOCKS_MOST || operation->items < 1 ||
        operation->in_count > HONE_OPERATION_OPERANDS || !operation->out.address)
        abort();
    for (uint32_t i = 0; i < operation->in_count; i++)
        expect_operand(&operation->in[i]);
    expect_operand(&operation->out);
    return 0;
}

void *library_kernel(struct launcher *launcher, const char *name) {
    static char whole[64];
    (void)launcher;
    snprintf(whole, sizeof whole, "hone_op_%s", name);
    return whole;
}

/* ---- cuBLAS ---- */

static int status; /* of every call of a library's */

static uint64_t bytes_of(int type) {
    return type == CUBLAS_F32 ? 4 : 2;
}

static void expect_matrix(const void *matrix, int type, int64_t rows, int64_t columns, int step,
                          int64_t stride, int64_t count) {
    if (rows < 1 || columns < 1 || step < rows || count < 1 || stride < 0)
        abort();
    const int64_t elements = stride * (count - 1) + (columns - 1) * step + rows;
    expect_memory((uint64_t)(uintptr_t)matrix, (uint64_t)elements * bytes_of(type));
}

static int gemm_batched(void *handle, int transpose_a, int transpose_b, int m, int n, int k,
                        const void *alpha, const void *a, int a_type, int lda, long long a_stride,
                        const void *b, int b_type, int ldb, long long b_stride, const void *beta,
                        void *c, int c_type, int ldc, long long c_stride, int batch, int compute,
                        int algorithm) {
    (void)handle, (void)alpha, (void)beta, (void)algorithm;
    if (compute != CUBLAS_COMPUTE_F32)
        abort();
    expect_matrix(a, a_type, transpose_a ? k : m, transpose_a ? m : k, lda, a_stride, batch);
    expect_matrix(b, b_type, transpose_b ? n : k, transpose_b ? k : n, ldb, b_stride, batch);
    expect_matrix(c, c_type, m, n, ldc, c_stride, batch);
    return status;
}

static int gemm(void *handle, int transpose_a, int transpose_b, int m, int n, int k,
                const void *alpha, const void *a, int a_type, int lda, const void *b, int b_type,
                int ldb, const void *beta, void *c, int c_type, int ldc, int compute,
                int algorithm) {
    return gemm_batched(handle, transpose_a, transpose_b, m, n, k, alpha, a, a_type, lda, 0, b,
                        b_type, ldb, 0, beta, c, c_type, ldc, 0, 1, compute, algorithm);
}

static struct cublas cublas = {.gemm = gemm, .gemm_batched = gemm_batched};

struct cublas *library_cublas(struct launcher *launcher) {
    return launcher->library.cublas_path ? &cublas : NULL;
}

/* ---- cuDNN ---- */

/* What was set: a tensor's extents or a filter's, and the type. */
struct descriptor {
    uint64_t elements;
    int type;
};

static int make(void **made) {
    return (*made = calloc(1, sizeof(struct descriptor))) ? 0 : 1;
}

static int forget(void *made) {
    free(made);
    return 0;
}

static int set_extents(void *of, int type, int n, int c, int h, int w) {
    struct descriptor *descriptor = of;
    uint64_t elements = (uint64_t)n * (uint64_t)c;
    if (n < 1 || c < 1 || h < 1 || w < 1 || __builtin_mul_overflow(elements, h, &elements) ||
        __builtin_mul_overflow(elements, w, &elements))
        return 1;
    *descriptor = (struct descriptor){elements, type};
    return 0;
}

static int tensor_set(void *tensor, int format, int type, int n, int c, int h, int w) {
    return format == CUDNN_NCHW ? set_extents(tensor, type, n, c, h, w) : 1;
}

static int filter_set(void *filter, int type, int format, int k, int c, int h, int w) {
    return format == CUDNN_NCHW ? set_extents(filter, type, k, c, h, w) : 1;
}

static int convolution_set(void *convolution, int pad_h, int pad_w, int stride_h, int stride_w,
                           int dilation_h, int dilation_w, int mode, int type) {
    (void)convolution, (void)mode, (void)type;
    if (pad_h < 0 || pad_w < 0 || stride_h < 1 || stride_w < 1 || dilation_h < 1 || dilation_w < 1)
        abort();
    return 0;
}

static int take_number(void *of, int number) {
    (void)of, (void)number;
    return 0;
}

static int activation_set(void *activation, int mode, int nan, double coefficient) {
    (void)activation, (void)mode, (void)nan, (void)coefficient;
    return 0;
}

static int choose(void *handle, void *x, void *weight, void *convolution, void *y, int most,
                  int *count, struct cudnn_choice *choices) {
    (void)handle, (void)x, (void)weight, (void)convolution, (void)y, (void)choices;
    *count = most;
    return status;
}

static void expect_tensor(const struct descriptor *of, const void *data) {
    expect_memory((uint64_t)(uintptr_t)data, of->elements * bytes_of(of->type));
}

static int convolve(void *handle, const void *alpha, void *x, const void *x_data, void *weight,
                    const void *weight_data, void *convolution, int algorithm, void *memory,
                    size_t bytes, const void *beta, void *y, void *y_data) {
    (void)handle, (void)alpha, (void)convolution, (void)algorithm, (void)memory, (void)bytes;
    (void)beta;
    expect_tensor(x, x_data);
    expect_tensor(weight, weight_data);
    expect_tensor(y, y_data);
    return status;
}

static int add(void *handle, const void *alpha, void *a, const void *a_data, const void *beta,
               void *c, void *c_data) {
    (void)handle, (void)alpha, (void)beta;
    expect_tensor(a, a_data);
    expect_tensor(c, c_data);
    return status;
}

static int softmax(void *handle, int algorithm, int mode, const void *alpha, void *x,
                   const void *x_data, const void *beta, void *y, void *y_data) {
    (void)algorithm, (void)mode;
    return add(handle, alpha, x, x_data, beta, y, y_data);
}

static struct cudnn cudnn = {
    .tensor_create = make,
    .tensor_destroy = forget,
    .tensor_set = tensor_set,
    .filter_create = make,
    .filter_destroy = forget,
    .filter_set = filter_set,
    .convolution_create = make,
    .convolution_destroy = forget,
    .convolution_set = convolution_set,
    .convolution_math = take_number,
    .convolution_groups = take_number,
    .activation_create = make,
    .activation_destroy = forget,
    .activation_set = activation_set,
    .choose = choose,
    .convolve = convolve,
    .add = add,
    .softmax = softmax,
};

struct cudnn *library_cudnn(struct launcher *launcher) {
    return launcher->library.cudnn_path ? &cudnn : NULL;
}

/* ---- words out of bytes ---- */

struct bytes {
    const uint8_t *at, *end;
};

static uint32_t take(struct bytes *bytes, uint32_t below) {
    return bytes->at == bytes->end ? 0 : *bytes->at++ % below;
}

struct writing {
    uint64_t words[WORDS_MAX];
    uint32_t count;
};

static void put(struct writing *to, uint64_t word) {
    if (to->count < WORDS_MAX)
        to->words[to->count++] = word;
}

static void put_name(struct writing *to, const char *name) {
    char bytes[8 * HONE_OPERATOR_NAME_WORDS] = "";
    uint64_t words[HONE_OPERATOR_NAME_WORDS];
    snprintf(bytes, sizeof bytes, "%s", name);
    memcpy(words, bytes, sizeof words);
    for (size_t i = 0; i < HONE_OPERATOR_NAME_WORDS; i++)
        put(to, words[i]);
}

/* Mostly small, so that operands fit in regions and agree. */
static uint64_t take_extent(struct bytes *bytes) {
    static const uint64_t far[] = {64, 1024, 65536, 1u << 31, (uint64_t)1 << 40, INT64_MAX, ~0ull};
    const uint32_t choice = take(bytes, 32);
    return choice < 25 ? choice % 9 : far[choice - 25];
}

static void put_operand(struct writing *to, struct bytes *bytes) {
    static const uint32_t types[] = {HONE_TYPE_FLOAT | 32 << 8,  HONE_TYPE_FLOAT | 16 << 8,
                                     HONE_TYPE_BFLOAT | 16 << 8, HONE_TYPE_INT | 32 << 8,
                                     HONE_TYPE_UINT | 8 << 8,    HONE_TYPE_INT | 64 << 8};
    const uint32_t region = take(bytes, 8), type = take(bytes, 16), ndim = take(bytes, 9);
    if (region == 7) { /* a number */
        put(to, 0);
        put(to, types[type % 6] | (type > 12 ? ndim << 16 : 0));
        put(to, take(bytes, 256));
        return;
    }
    put(to, regions[region % REGIONS].address + (region > 5 ? take(bytes, 256) * 16u : 0));
    put(to, types[type < 10 ? 0 : type % 6] | ndim << 16);
    for (uint32_t i = 0; i < ndim; i++)
        put(to, take_extent(bytes));
}

static void put_attribute(struct writing *to, struct bytes *bytes) {
    static const char *const names[] = {"axis",   "axes", "start",   "step",   "groups",
                                        "stride", "eps",  "padding", "causal", "dilation",
                                        "scale",  "dims", "base",    "group",  "alpha"};
    static const double values[] = {0, 1, 2, 3, -1, -2, 0.5, 1e10, -1e300, 1e300, NAN, INFINITY};
    const uint32_t count = take(bytes, 8);
    put_name(to, names[take(bytes, sizeof names / sizeof *names)]);
    put(to, count);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[take(bytes, sizeof values / sizeof *values)], sizeof bits);
        put(to, bits);
    }
}

/* One of each way at least. */
static const char *const operators[] = {
    "relu",    "elu",    "add",       "where",       "transpose", "reshape",         "broadcast",
    "slice",   "rope",   "embedding", "matmul",      "linear",    "dequantize_w4",   "conv2d",
    "softmax", "sum",    "spmv_csr",  "log_softmax", "rmsnorm",   "layer_norm",      "attention",
    "clamp",   "matmul", "conv2d",    "softmax",     "slice",     "attention_paged",
};

static void make_words(struct writing *to, struct bytes *bytes) {
    const char *name = operators[take(bytes, sizeof operators / sizeof *operators)];
    const struct hone_operator_row *row = hone_cuda_operator(name);
    if (!row)
        abort(); /* the list above is old */
    const uint32_t more = take(bytes, 8), attributes = take(bytes, 5);
    const uint32_t operands = row->least + (more < 2 ? more : 0);
    put(to, operands | (uint64_t)attributes << 32);
    put_name(to, name);
    for (uint32_t i = 0; i <= operands; i++)
        put_operand(to, bytes);
    for (uint32_t i = 0; i < attributes; i++)
        put_attribute(to, bytes);
}

/* ---- the launcher ---- */

int launcher_fail(const struct launcher *launcher, struct hone_launcher_reply *reply, uint32_t code,
                  int result, const char *format, ...) {
    va_list arguments;
    (void)launcher, (void)result;
    va_start(arguments, format);
    vsnprintf(reply->text, sizeof reply->text, format, arguments);
    va_end(arguments);
    reply->status = code;
    return -1;
}

/* A copy of exactly its size, so that reading on is seen. */
static void run(const struct queueing *queueing, const uint64_t *words, uint32_t count) {
    uint64_t *copy = malloc(count ? count * sizeof *copy : 1);
    if (!copy)
        return;
    memcpy(copy, words, count * sizeof *copy);
    const int result = operator_queue(queueing, copy, count);
    if ((result == 0) != !queueing->reply->text[0])
        abort();
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct launcher launcher;
    struct hone_launcher_reply reply = {0};
    bool touches[HONE_LAUNCHER_REGIONS_MAX] = {false};
    const struct queueing queueing = {
        .launcher = &launcher, .reply = &reply, .touches = touches, .is_trial = false};
    struct writing writing = {.count = 0};
    if (size < 1)
        return 0;
    launcher.driver.launch = launch;
    launcher.library.cublas_path = launcher.library.cudnn_path = data[0] & 2 ? "" : NULL;
    launcher.program.buffer_count = REGIONS;
    for (size_t i = 0; i < REGIONS; i++)
        launcher.program.buffers[i] =
            (struct buffer){.region = regions[i], .kernel = kernel_address(i)};
    status = data[0] & 4 ? 1 : 0;
    if (data[0] & 1) {
        make_words(&writing, &(struct bytes){data + 1, data + size});
    } else {
        const size_t bytes = size - 1 < sizeof writing.words ? size - 1 : sizeof writing.words;
        writing.count = (uint32_t)(bytes / sizeof(uint64_t));
        memcpy(writing.words, data + 1, writing.count * sizeof(uint64_t));
    }
    run(&queueing, writing.words, writing.count);
    return 0;
}
