#include "core/oracle.h"

#include "core/element.h"
#include "core/error.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an output holds before the oracle ran: a NaN no computation makes. */
#define UNWRITTEN 0x7ff8486f6e6521aau

void hone_oracle_prepare(const struct hone_task *task, const struct hone_set_layout *layout,
                         void *memory) {
    const uint64_t unwritten = UNWRITTEN;
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        if (!hone_arg_is_output(arg))
            continue;
        double *out = (void *)((char *)memory + layout->oracle_offset[i]);
        if (arg->role == HONE_INOUT)
            hone_elements_read(arg->dtype, (char *)memory + layout->input_offset[i],
                               (uint32_t)layout->count[i], out);
        else
            for (int64_t k = 0; k < layout->count[i]; k++)
                memcpy(&out[k], &unwritten, sizeof unwritten);
    }
}

/* From here on a value of this dtype is rounded to infinity: the truth then is infinity. */
static double infinite_from(enum hone_dtype dtype) {
    return dtype == HONE_F32    ? 0x1.ffffffp127
           : dtype == HONE_F16  ? 65520
           : dtype == HONE_BF16 ? 0x1.ffp127
                                : (double)INFINITY;
}

int hone_oracle_check(const struct hone_task *task, const struct hone_set_layout *layout,
                      void *memory, struct hone_error *error) {
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        if (!hone_arg_is_output(arg))
            continue;
        double *out = (void *)((char *)memory + layout->oracle_offset[i]);
        const double limit = infinite_from(arg->dtype);
        for (int64_t k = 0; k < layout->count[i]; k++) {
            uint64_t bits;
            memcpy(&bits, &out[k], sizeof bits);
            if (bits == UNWRITTEN && arg->role == HONE_OUT)
                return hone_fail(error, -EREMOTEIO,
                                 "%s: the oracle left element %lld of %s unwritten, expected it to "
                                 "write all %lld",
                                 task->id, (long long)k, arg->name, (long long)layout->count[i]);
            if (fabs(out[k]) >= limit)
                out[k] = copysign((double)INFINITY, out[k]);
        }
    }
    return 0;
}

/* An input of the task's element type, which one oracle shall read in all of them: as doubles. */
static bool is_widened(const struct hone_arg *arg) {
    return arg->varies && !hone_arg_is_output(arg);
}

static double *widen(const struct hone_task *task, const struct hone_set_layout *layout,
                     uint32_t index, const void *memory) {
    const uint64_t count = (uint64_t)layout->count[index];
    double *values = malloc((count + 1) * sizeof *values);
    if (values)
        hone_elements_read(task->args[index].dtype,
                           (const char *)memory + layout->input_offset[index], (uint32_t)count,
                           values);
    return values;
}

/* An argument as a 64-bit word (plugins/hardware.h). */
static uint64_t word_of(const struct hone_task *task, const struct hone_workload *workload,
                        const struct hone_set_layout *layout, uint32_t index, void *memory) {
    const struct hone_arg *arg = &task->args[index];
    uint64_t word = 0;
    if (hone_arg_is_tensor(arg)) {
        uint64_t offset =
            hone_arg_is_output(arg) ? layout->oracle_offset[index] : layout->input_offset[index];
        return (uint64_t)(uintptr_t)((char *)memory + offset);
    }
    if (arg->role == HONE_AXIS)
        return (uint64_t)workload->axes[arg->axis];
    double scalar = workload->scalar[index];
    float single = (float)scalar;
    if (arg->dtype == HONE_F64)
        memcpy(&word, &scalar, sizeof scalar);
    else if (arg->dtype == HONE_F32)
        memcpy(&word, &single, sizeof single);
    else
        word = (uint64_t)(int64_t)scalar;
    return word;
}

int hone_oracle_run(const struct hone_oracle *oracle, const struct hone_task *task,
                    const struct hone_workload *workload, const struct hone_set_layout *layout,
                    void *memory, struct hone_error *error) {
    uint64_t words[HONE_ARGS_MAX] = {0};
    double *widened[HONE_ARGS_MAX] = {NULL};
    int result = 0;
    for (uint32_t i = 0; i < task->arg_count && !result; i++) {
        words[i] = word_of(task, workload, layout, i, memory);
        if (!is_widened(&task->args[i]))
            continue;
        widened[i] = widen(task, layout, i, memory);
        words[i] = (uint64_t)(uintptr_t)widened[i];
        result = widened[i] ? 0 : hone_fail(error, -ENOMEM, "%s: out of memory", task->id);
    }
    if (!result) {
        hone_oracle_prepare(task, layout, memory);
        oracle->call(words);
        result = hone_oracle_check(task, layout, memory, error);
    }
    for (uint32_t i = 0; i < task->arg_count; i++)
        free(widened[i]);
    return result;
}

int hone_oracle_open(const struct hone_task *task, struct hone_oracle *oracle,
                     struct hone_error *error) {
    struct hone_error why = {{0}};
    char *prelude = hone_task_prelude(task, "oracle", true);
    char *epilogue = hone_task_epilogue(task, "oracle", true);
    char *text = NULL;
    int result = -ENOMEM;
    if (!prelude || !epilogue ||
        asprintf(&text, "#include <stdint.h>\n%s\n#line 1 \"oracle.c\"\n%s\n#line 1 \"call\"\n%s\n",
                 prelude, task->oracle, epilogue) < 0) {
        text = NULL;
        hone_fail(&why, result, "out of memory");
        goto out;
    }
    result = hone_oracle_build(text, oracle, &why);
out:
    if (result)
        hone_fail(error, result, "%s: %.440s", task->id, why.text);
    free(text);
    free(prelude);
    free(epilogue);
    return result;
}
