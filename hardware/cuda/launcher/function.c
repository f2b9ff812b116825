/* The libraries' functions that the plan of a baseline may call. Matrices are row-major and
 * compact, integers int64_t; memory is all of one dtype. */
#include "hardware/cuda/launcher/step.h"

#include <errno.h>
#include <string.h>

struct call {
    const uint64_t *words;
    uint32_t type_code, type_bits;
};

static int64_t integer(const struct call *call, uint32_t index) {
    return (int64_t)call->words[index];
}

static float real(const struct call *call, uint32_t index) {
    const uint32_t bits = (uint32_t)call->words[index];
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int run_product(struct cublas *cublas, const struct call *call, uint32_t at, int64_t batch) {
    const struct cublas_product product = {
        .batch = batch,
        .transpose_a = integer(call, at) != 0,
        .transpose_b = integer(call, at + 1) != 0,
        .m = integer(call, at + 2),
        .n = integer(call, at + 3),
        .k = integer(call, at + 4),
        .a = call->words[at + 5],
        .b = call->words[at + 6],
        .c = call->words[at + 7],
        .type_code = call->type_code,
        .type_bits = call->type_bits,
    };
    return cublas_product(cublas, &product);
}

static int run_gemm(struct launcher *launcher, const struct call *call) {
    struct cublas *cublas = library_cublas(launcher);
    return cublas ? run_product(cublas, call, 0, 1) : -ENOENT;
}

static int run_batched(struct launcher *launcher, const struct call *call) {
    struct cublas *cublas = library_cublas(launcher);
    return cublas ? run_product(cublas, call, 1, integer(call, 0)) : -ENOENT;
}

static int run_gemv(struct launcher *launcher, const struct call *call) {
    struct cublas *cublas = library_cublas(launcher);
    return cublas ? cublas_matrix_vector(cublas, integer(call, 0), integer(call, 1), call->words[2],
                                         call->words[3], call->words[4])
                  : -ENOENT;
}

static int run_geam(struct launcher *launcher, const struct call *call) {
    struct cublas *cublas = library_cublas(launcher);
    return cublas ? cublas_matrix_sum(cublas, integer(call, 1), integer(call, 2),
                                      integer(call, 0) != 0, real(call, 3), call->words[4],
                                      real(call, 5), call->words[6], call->words[7])
                  : -ENOENT;
}

static int run_softmax(struct launcher *launcher, const struct call *call) {
    struct cudnn *cudnn = library_cudnn(launcher);
    return cudnn ? cudnn_softmax(cudnn, integer(call, 0), integer(call, 1), call->type_code,
                                 call->type_bits, call->words[2], call->words[3])
                 : -ENOENT;
}

static int run_convolution(struct launcher *launcher, const struct call *call) {
    struct cudnn *cudnn = library_cudnn(launcher);
    const int64_t taps = integer(call, 5), padding = integer(call, 6);
    const struct cudnn_convolution convolution = {
        .n = integer(call, 0),
        .c = integer(call, 1),
        .h = integer(call, 2),
        .w = integer(call, 3),
        .o = integer(call, 4),
        .r = taps,
        .s = taps,
        .padding = {padding, padding},
        .stride = {1, 1},
        .dilation = {1, 1},
        .groups = 1,
        .type_code = call->type_code,
        .type_bits = call->type_bits,
        .x = call->words[7],
        .weight = call->words[8],
        .bias = call->words[9],
        .y = call->words[10],
        .relu = true,
    };
    return cudnn ? cudnn_convolution(cudnn, &convolution) : -ENOENT;
}

/* Of arguments: i an int64_t, f a float, p memory. */
static const struct function {
    const char *name, *arguments;
    int (*run)(struct launcher *launcher, const struct call *call);
    bool only_f32;
} functions[] = {
    /* transpose_a, transpose_b, m, n, k, a, b, c: c [m, n] = a b */
    {"cublas_gemm", "iiiiippp", run_gemm, false},
    /* batch, and the same */
    {"cublas_gemm_batched", "iiiiiippp", run_batched, false},
    /* m, n, a, x, y: y [m] = a [m, n] x */
    {"cublas_gemv", "iippp", run_gemv, true},
    /* transpose_a, m, n, alpha, a, beta, b, out: out [m, n] = alpha a + beta b */
    {"cublas_geam", "iiifpfpp", run_geam, true},
    /* rows, columns, x, y */
    {"cudnn_softmax", "iipp", run_softmax, false},
    /* n, c, h, w, o, taps, padding, x, weight, bias, y */
    {"cudnn_conv2d_bias_relu", "iiiiiiipppp", run_convolution, false},
};

static const struct function *find(const char *name) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

/* The dtype of the memory; 0: there are several. */
static uint16_t type_of(const struct hone_launcher_entry *entry) {
    uint16_t type = 0;
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        if (entry->kinds[i] != HONE_ARGUMENT_POINTER)
            continue;
        if (type && type != entry->types[i])
            return 0;
        type = entry->types[i];
    }
    return type;
}

static bool takes(const struct function *function, const struct hone_launcher_entry *entry) {
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        const uint32_t wanted = function->arguments[i] == 'p'   ? HONE_ARGUMENT_POINTER
                                : function->arguments[i] == 'i' ? HONE_ARGUMENT_INT64
                                                                : HONE_ARGUMENT_F32;
        if (entry->kinds[i] != wanted)
            return false;
    }
    return true;
}

const char *function_check(const struct hone_launcher_entry *entry) {
    const struct function *function = find(entry->name);
    const uint16_t type = type_of(entry);
    if (!function)
        return "is no function of a library";
    if (strlen(function->arguments) != entry->argument_count || !takes(function, entry))
        return "takes other arguments";
    if (!type || (function->only_f32 && type != HONE_LAUNCHER_F32))
        return "does not take memory of this dtype";
    return NULL;
}

/* What a library cannot do is a fault of the baseline, and so ours. */
int function_queue(const struct queueing *queueing, const struct hone_launcher_entry *entry,
                   const uint64_t *words) {
    struct launcher *launcher = queueing->launcher;
    const struct library *library = &launcher->library;
    const struct function *function = find(entry->name);
    const uint16_t type = type_of(entry);
    const struct call call = {words, type & 0xff, (uint32_t)type >> 8};
    const int result = function->run(launcher, &call);
    if (result == 0)
        return 0;
    if (result == -ENOENT)
        return launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0, "%s",
                             strncmp(entry->name, "cudnn", 5) ? library->cublas_text
                                                              : library->cudnn_text);
    if (result == -ENOTSUP)
        return launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0,
                             "line %u: %.60s cannot do this", entry->line, entry->name);
    return launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0,
                         "line %u: %.60s failed: status %d", entry->line, entry->name, result);
}
