/* The words of a call: steps of the candidate's in the form of plugins/hardware.h, operators in
 * that of plugins/operators.h. */
#include "core/plan_private.h"

#include "plugins/operators.h"
#include "plugins/tensor.h"

#include <string.h>

/* What arguments stand for; without `to` words are only counted. */
struct writer {
    const uint64_t *tensors, *workspaces;
    uint64_t *to;
    uint32_t count;
};

static void put(struct writer *writer, uint64_t word) {
    if (writer->to)
        writer->to[writer->count] = word;
    writer->count++;
}

static void put_argument(struct writer *writer, const struct hone_plan_argument *argument) {
    if (argument->value == HONE_PLAN_WORD)
        put(writer, argument->word);
    else if (!writer->to)
        writer->count++;
    else
        put(writer, argument->value == HONE_PLAN_TENSOR ? writer->tensors[argument->index]
                                                        : writer->workspaces[argument->index]);
}

static uint64_t pair(uint64_t low, uint64_t high) {
    return low | high << 32;
}

/* ---- the candidate's own ---- */

static void put_own(struct writer *writer, const struct hone_plan_step *step) {
    put(writer, pair(step->kind, step->entry));
    put(writer, step->argument_count);
    if (step->kind == HONE_STEP_LAUNCH) {
        put(writer, pair(step->grid[0], step->grid[1]));
        put(writer, pair(step->grid[2], step->shared_bytes));
        put(writer, pair(step->block[0], step->block[1]));
        put(writer, pair(step->block[2], step->line));
        put(writer, pair(step->cluster[0] | step->cluster[1] << 16, step->cluster[2]));
    }
    for (uint32_t k = 0; k < step->argument_count; k++)
        put_argument(writer, &step->arguments[k]);
}

/* ---- operators ---- */

static void put_name(struct writer *writer, const char *name) {
    char bytes[8 * HONE_OPERATOR_NAME_WORDS] = "";
    uint64_t words[HONE_OPERATOR_NAME_WORDS];
    memcpy(bytes, name, strnlen(name, sizeof bytes - 1));
    memcpy(words, bytes, sizeof words);
    for (uint32_t i = 0; i < HONE_OPERATOR_NAME_WORDS; i++)
        put(writer, words[i]);
}

static uint64_t kind_of(enum hone_dtype dtype, uint32_t ndim) {
    const uint64_t code = dtype == HONE_F32 || dtype == HONE_F16 ? HONE_TYPE_FLOAT
                          : dtype == HONE_BF16                   ? HONE_TYPE_BFLOAT
                          : dtype == HONE_U8                     ? HONE_TYPE_UINT
                                                                 : HONE_TYPE_INT;
    return code | (uint64_t)(8 * hone_dtype_bytes(dtype)) << 8 | (uint64_t)ndim << 16;
}

static void put_tensor(struct writer *writer, const struct hone_plan_argument *argument,
                       enum hone_dtype dtype, const struct hone_array *array) {
    put_argument(writer, argument);
    put(writer, kind_of(dtype, array->ndim));
    for (uint32_t i = 0; i < array->ndim; i++)
        put(writer, (uint64_t)array->shape[i]);
}

static void put_number(struct writer *writer, double number) {
    const float narrow = (float)number;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    put(writer, 0);
    put(writer, kind_of(HONE_F32, 0));
    put(writer, bits);
}

static uint32_t count_attributes(const struct hone_operation *operation) {
    uint32_t count = 0;
    for (uint32_t i = 0; operation->op->attributes[i].name; i++)
        count += operation->attributes[i].count > 0;
    return count;
}

static void put_operator(struct writer *writer, const struct hone_plan_operation *row,
                         const struct hone_plan_argument *argument) {
    const struct hone_operation *operation = &row->operation;
    put(writer, pair(operation->operand_count, count_attributes(operation)));
    put_name(writer, operation->op->name);
    for (uint32_t i = 0, next = 0; i <= operation->operand_count; i++) {
        const bool is_output = i == operation->operand_count;
        const struct hone_array *array = is_output ? &operation->output : &operation->operands[i];
        if (!is_output && array->data) {
            put_number(writer, *array->data);
            continue;
        }
        put_tensor(writer, &argument[next], row->op.arguments[next].dtype, array);
        next++;
    }
    for (uint32_t i = 0; operation->op->attributes[i].name; i++) {
        const struct hone_attribute_value *value = &operation->attributes[i];
        if (!value->count)
            continue;
        put_name(writer, operation->op->attributes[i].name);
        put(writer, value->count);
        for (uint32_t k = 0; k < value->count; k++) {
            uint64_t bits;
            memcpy(&bits, &value->values[k], sizeof bits);
            put(writer, bits);
        }
    }
}

/* ---- calls ---- */

/* Among other steps, with a head that says what it is and how long. */
static void put_operator_step(struct writer *writer, const struct hone_plan_program *program,
                              const struct hone_plan_step *step) {
    const uint32_t head = writer->count;
    put(writer, 0);
    put_operator(writer, &program->operations[step->entry], step->arguments);
    if (writer->to)
        writer->to[head] = pair(HONE_STEP_OP, writer->count - head - 1);
}

static void put_step(struct writer *writer, const struct hone_plan_program *program,
                     const struct hone_plan_step *step) {
    if (step->kind != HONE_STEP_OP)
        put_own(writer, step);
    else if (program->operators_within)
        put_operator_step(writer, program, step);
    else
        put_operator(writer, &program->operations[step->entry], step->arguments);
}

uint32_t hone_plan_count_words(const struct hone_plan_program *program,
                               const struct hone_plan_step *step) {
    struct writer writer = {0};
    put_step(&writer, program, step);
    return writer.count;
}

void hone_plan_program_words_without(const struct hone_plan_program *program, uint32_t line,
                                     const uint64_t *tensors, const uint64_t *workspaces,
                                     uint64_t *words) {
    struct writer writer = {.tensors = tensors, .workspaces = workspaces, .to = words};
    for (uint32_t i = 0; i < program->segment_count; i++) {
        const struct hone_plan_segment *segment = &program->segments[i];
        const bool whole = segment->operators || !line;
        writer.count = segment->word;
        put(&writer, 0);
        for (uint32_t k = segment->step; k < segment->step + segment->step_count; k++)
            if (whole || program->steps[k].line != line) {
                put_step(&writer, program, &program->steps[k]);
                words[segment->word]++;
            }
    }
}

void hone_plan_program_words(const struct hone_plan_program *program, const uint64_t *tensors,
                             const uint64_t *workspaces, uint64_t *words) {
    hone_plan_program_words_without(program, 0, tensors, workspaces, words);
}
