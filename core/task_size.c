#include "core/error.h"
#include "core/sample.h"
#include "core/task_read.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define ALIGNMENT 64
#define WORKSPACE_BYTES ((int64_t)64 << 20) /* where the task does not say */

static const struct {
    const char *name;
    uint32_t bytes;
} dtypes[] = {
    [HONE_F64] = {"f64", 8},   [HONE_F32] = {"f32", 4},   [HONE_F16] = {"f16", 2},
    [HONE_BF16] = {"bf16", 2}, [HONE_I64] = {"i64", 8},   [HONE_I32] = {"i32", 4},
    [HONE_U8] = {"u8", 1},     [HONE_BOOL] = {"bool", 1}, [HONE_U32] = {"u32", 4},
    [HONE_U64] = {"u64", 8},
};

uint32_t hone_dtype_bytes(enum hone_dtype dtype) {
    return dtypes[dtype].bytes;
}

const char *hone_dtype_name(enum hone_dtype dtype) {
    return dtypes[dtype].name;
}

uint32_t hone_task_names(const struct hone_task *task, const struct hone_workload *workload,
                         struct hone_name names[HONE_AXES_MAX]) {
    for (uint32_t i = 0; i < task->axis_count; i++)
        names[i] = (struct hone_name){.name = task->axes[i].name, .integer = workload->axes[i]};
    return task->axis_count;
}

/* Shape and count of one argument; `dimension` is where it went wrong, or ndim for the whole. */
static int size_of(const struct hone_task *task, const struct hone_workload *workload, uint32_t arg,
                   int64_t shape[HONE_DIMS_MAX], int64_t *count, uint32_t *dimension,
                   struct hone_error *error) {
    const struct hone_arg *argument = &task->args[arg];
    struct hone_name rows[HONE_AXES_MAX];
    struct hone_names names = {rows, hone_task_names(task, workload, rows)};
    int64_t bytes = hone_dtype_bytes(argument->dtype);
    *count = hone_arg_is_tensor(argument);
    bool too_large = false;
    for (*dimension = 0; *dimension < argument->ndim; ++*dimension) {
        int64_t *extent = &shape[*dimension];
        int result = hone_expression_integer(argument->shape[*dimension], &names, extent, error);
        if (result < 0)
            return result;
        if (*extent < 0)
            return hone_fail(error, -EINVAL, "expected a size of 0 or more, \"%.60s\" is %lld",
                             argument->shape[*dimension], (long long)*extent);
        too_large |= __builtin_mul_overflow(*count, *extent, count);
    }
    if (too_large || *count > HONE_TENSOR_BYTES_MAX / bytes)
        return hone_fail(error, -EINVAL, "expected at most 2^31 bytes, the shape has more");
    return 0;
}

int64_t hone_task_shape(const struct hone_task *task, const struct hone_workload *workload,
                        uint32_t arg, int64_t shape[HONE_DIMS_MAX]) {
    int64_t own[HONE_DIMS_MAX], count;
    uint32_t dimension;
    int result = size_of(task, workload, arg, shape ? shape : own, &count, &dimension, NULL);
    return result < 0 ? result : count;
}

int hone_task_check_arg(const struct hone_task *task, const struct hone_workload *workload,
                        uint32_t arg, uint32_t *dimension, struct hone_error *error) {
    int64_t shape[HONE_DIMS_MAX], count;
    return size_of(task, workload, arg, shape, &count, dimension, error);
}

uint64_t hone_workload_bytes(const struct hone_task *task, const struct hone_workload *workload) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_tensor(&task->args[i]))
            bytes += (uint64_t)hone_task_shape(task, workload, i, NULL) *
                     hone_dtype_bytes(task->args[i].dtype);
    return bytes;
}

static uint64_t place(uint64_t *total, int64_t count, uint32_t bytes) {
    uint64_t offset = *total;
    uint64_t size = (uint64_t)count * bytes;
    *total += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return offset;
}

void hone_set_layout(const struct hone_task *task, const struct hone_workload *workload,
                     struct hone_set_layout *layout) {
    *layout = (struct hone_set_layout){0};
    for (uint32_t i = 0; i < HONE_ARGS_MAX; i++)
        layout->input_offset[i] = layout->oracle_offset[i] = layout->position_offset[i] =
            layout->sum_offset[i] = UINT64_MAX;
    layout->sign_offset = layout->drawn_offset = UINT64_MAX;
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *argument = &task->args[i];
        if (!hone_arg_is_tensor(argument))
            continue;
        int64_t count = hone_task_shape(task, workload, i, NULL);
        layout->count[i] = count < 0 ? 0 : count;
        if (argument->role != HONE_OUT)
            layout->input_offset[i] =
                place(&layout->total_bytes, layout->count[i], hone_dtype_bytes(argument->dtype));
    }
    if (workload->sampled) {
        hone_sample_layout(task, workload, layout);
        return;
    }
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_output(&task->args[i]))
            layout->oracle_offset[i] = place(&layout->total_bytes, layout->count[i], 8);
}

/* Constants and the evidence for them: reference, tasks 3.3. An honest f32 sum of K terms in any
 * order stays below a quarter of these; inputs rounded to tf32 or bf16 miss them a hundredfold. */
static struct hone_tolerance default_tolerance(enum hone_dtype dtype) {
    switch (dtype) {
    case HONE_F64:
        return (struct hone_tolerance){"1e-12*scale*max(1,sqrt(K)/32)", "1e-12",
                                       "1e-13*max(1,sqrt(K)/32)"};
    case HONE_F32:
        return (struct hone_tolerance){"1e-5*scale*max(1,sqrt(K)/32)", "1e-5",
                                       "2e-6*max(1,sqrt(K)/32)"};
    case HONE_F16: /* a result rounded once is off by 2^-11 at most; one of bf16 by 5.6e-4 or more,
                      where no single element makes up the norm */
        return (struct hone_tolerance){"scale/512", "1/512", "5e-4"};
    case HONE_BF16:
        return (struct hone_tolerance){"scale/128", "1/128", "4e-3"};
    default:
        return (struct hone_tolerance){"0", "0", "0"};
    }
}

static int limit(const char *name, const char *text, const struct hone_names *names, double *value,
                 struct hone_error *error) {
    int result = hone_expression_real(text, names, value, error);
    if (result < 0)
        return result;
    if (*value < 0)
        return hone_fail(error, -EINVAL, "%s: expected 0 or more, \"%.80s\" is %g", name, text,
                         *value);
    return 0;
}

uint64_t hone_arg_word(const struct hone_arg *arg, double value) {
    uint64_t word = 0;
    float single = (float)value;
    switch (arg->dtype) {
    case HONE_F64:
        memcpy(&word, &value, sizeof value);
        return word;
    case HONE_F32:
        memcpy(&word, &single, sizeof single); /* the low half: little-endian */
        return word;
    default:
        return (uint64_t)(int64_t)value;
    }
}

static int count_terms(const struct hone_task *task, const struct hone_names *names, int64_t *terms,
                       struct hone_error *error) {
    int result = hone_expression_integer(task->reduction, names, terms, error);
    if (result == 0 && *terms < 0)
        result = hone_fail(error, -EINVAL, "reduction: expected 0 or more, \"%.80s\" is %lld",
                           task->reduction, (long long)*terms);
    return result;
}

int64_t hone_task_terms(const struct hone_task *task, const struct hone_workload *workload) {
    struct hone_name rows[HONE_AXES_MAX];
    const struct hone_names names = {rows, hone_task_names(task, workload, rows)};
    int64_t terms;
    return count_terms(task, &names, &terms, NULL) == 0 ? terms : 0;
}

int hone_task_check_limits(const struct hone_task *task, const struct hone_workload *workload,
                           uint32_t arg, double rms, struct hone_limits *limits,
                           struct hone_error *error) {
    const enum hone_dtype dtype = task->args[arg].dtype;
    const struct hone_tolerance fallback = default_tolerance(dtype);
    if (dtype > HONE_BF16) { /* integers are right or wrong */
        *limits = (struct hone_limits){0};
        return 0;
    }
    struct hone_name rows[HONE_AXES_MAX + 2];
    struct hone_names names = {rows, hone_task_names(task, workload, rows)};
    int64_t terms;
    int result = count_terms(task, &names, &terms, error);
    if (result < 0)
        return result;
    rows[names.count++] = (struct hone_name){.name = "K", .integer = terms};
    /* An output of zeros shall not demand zero error of a sum that cancels. */
    limits->scale = rms > 0 ? rms : 1e-30;
    rows[names.count++] =
        (struct hone_name){.name = "scale", .is_real = true, .real = limits->scale};
    const struct hone_tolerance *own = &task->tolerance[dtype];
    result = limit("atol", own->atol ? own->atol : fallback.atol, &names, &limits->atol, error);
    if (result == 0)
        result = limit("rtol", own->rtol ? own->rtol : fallback.rtol, &names, &limits->rtol, error);
    if (result == 0)
        result = limit("rel_l2", own->rel_l2 ? own->rel_l2 : fallback.rel_l2, &names,
                       &limits->rel_l2, error);
    return result;
}

int hone_task_limits(const struct hone_task *task, const struct hone_workload *workload,
                     uint32_t arg, double rms, struct hone_limits *limits) {
    if (arg >= task->arg_count || !hone_arg_is_output(&task->args[arg]))
        return -EINVAL;
    return hone_task_check_limits(task, workload, arg, rms, limits, NULL);
}

static int cost(const char *text, const struct hone_task *task,
                const struct hone_workload *workload, double *value, struct hone_error *error) {
    *value = NAN;
    if (!text)
        return 0;
    struct hone_name rows[HONE_AXES_MAX];
    struct hone_names names = {rows, hone_task_names(task, workload, rows)};
    return limit("cost", text, &names, value, error);
}

int hone_task_check_cost(const struct hone_task *task, const struct hone_workload *workload,
                         struct hone_error *error) {
    double value;
    int result = cost(task->flops, task, workload, &value, error);
    return result < 0 ? result : cost(task->bytes, task, workload, &value, error);
}

void hone_task_cost(const struct hone_task *task, const struct hone_workload *workload,
                    double *flops, double *bytes) {
    if (cost(task->flops, task, workload, flops, NULL) < 0)
        *flops = NAN;
    if (cost(task->bytes, task, workload, bytes, NULL) < 0)
        *bytes = NAN;
}

static int workspace(const struct hone_task *task, const struct hone_workload *workload,
                     int64_t *bytes, struct hone_error *error) {
    *bytes = WORKSPACE_BYTES;
    if (!task->workspace)
        return 0;
    struct hone_name rows[HONE_AXES_MAX];
    struct hone_names names = {rows, hone_task_names(task, workload, rows)};
    int result = hone_expression_integer(task->workspace, &names, bytes, error);
    if (result == 0 && (*bytes < 0 || *bytes > HONE_TENSOR_BYTES_MAX))
        return hone_fail(error, -EINVAL, "max_bytes: expected 0..2^31, \"%.80s\" is %lld",
                         task->workspace, (long long)*bytes);
    return result;
}

int hone_task_check_workspace(const struct hone_task *task, const struct hone_workload *workload,
                              struct hone_error *error) {
    int64_t bytes;
    return workspace(task, workload, &bytes, error);
}

uint64_t hone_task_workspace(const struct hone_task *task, const struct hone_workload *workload) {
    int64_t bytes;
    return workspace(task, workload, &bytes, NULL) < 0 ? 0 : (uint64_t)bytes;
}
