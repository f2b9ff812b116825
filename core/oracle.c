#include "core/oracle.h"

#include "core/error.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an output holds before the oracle ran: a NaN no computation makes. */
#define UNWRITTEN 0x7ff8486f6e6521aau

static double half_to_double(uint16_t bits) {
    int exponent = bits >> 10 & 31;
    double fraction = bits & 1023;
    double value = exponent == 31  ? (fraction > 0 ? (double)NAN : (double)INFINITY)
                   : exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(fraction + 1024, exponent - 25);
    return bits >> 15 ? -value : value;
}

static double element(enum hone_dtype dtype, const void *data, int64_t index) {
    float single;
    uint32_t bits;
    switch (dtype) {
    case HONE_F64:
        return ((const double *)data)[index];
    case HONE_F32:
        return (double)((const float *)data)[index];
    case HONE_F16:
        return half_to_double(((const uint16_t *)data)[index]);
    case HONE_BF16:
        bits = (uint32_t)((const uint16_t *)data)[index] << 16;
        memcpy(&single, &bits, sizeof single);
        return (double)single;
    case HONE_I64:
        return (double)((const int64_t *)data)[index];
    case HONE_I32:
        return (double)((const int32_t *)data)[index];
    case HONE_U8:
    case HONE_BOOL:
        return (double)((const uint8_t *)data)[index];
    }
    return (double)NAN;
}

void hone_oracle_prepare(const struct hone_task *task, const struct hone_set_layout *layout,
                         void *memory) {
    const uint64_t unwritten = UNWRITTEN;
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        if (!hone_arg_is_output(arg))
            continue;
        double *out = (void *)((char *)memory + layout->oracle_offset[i]);
        const char *in = (char *)memory + layout->input_offset[i];
        for (int64_t k = 0; k < layout->count[i]; k++)
            if (arg->role == HONE_INOUT)
                out[k] = element(arg->dtype, in, k);
            else
                memcpy(&out[k], &unwritten, sizeof unwritten);
    }
}

int hone_oracle_check(const struct hone_task *task, const struct hone_set_layout *layout,
                      const void *memory, struct hone_error *error) {
    for (uint32_t i = 0; i < task->arg_count; i++) {
        if (task->args[i].role != HONE_OUT)
            continue;
        const char *out = (const char *)memory + layout->oracle_offset[i];
        for (int64_t k = 0; k < layout->count[i]; k++) {
            uint64_t bits;
            memcpy(&bits, out + 8 * k, sizeof bits);
            if (bits == UNWRITTEN)
                return hone_fail(error, -EIO,
                                 "%s: the oracle left element %lld of %s unwritten, expected it to "
                                 "write all %lld",
                                 task->id, (long long)k, task->args[i].name,
                                 (long long)layout->count[i]);
        }
    }
    return 0;
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
    for (uint32_t i = 0; i < task->arg_count; i++)
        words[i] = word_of(task, workload, layout, i, memory);
    hone_oracle_prepare(task, layout, memory);
    oracle->call(words);
    return hone_oracle_check(task, layout, memory, error);
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
