/* `op` lines: checked against the task's operators when they are read, and against their sizes
 * under a workload. */
#include "core/plan_private.h"

#include "core/error.h"
#include "plugins/operators.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "x, weight, bias, z" */
static const char *list_arguments(const struct hone_task_operator *op, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < op->argument_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%.31s", i ? ", " : "",
                                 op->arguments[i].name);
    return text;
}

/* What the library cannot do whatever it is given. */
static int check_library(const struct hone_task_operator *op, const struct hone_plan_line *line,
                         const char *at, struct hone_error *error) {
    uint32_t culprit;
    if (hone_task_operator_is_single(op, &culprit))
        return 0;
    const char *name = op->arguments[culprit].name;
    const uint32_t operand = op->arguments[culprit].operand;
    if (operand != UINT32_MAX && hone_operator_reads_indices(op->operation, operand))
        return hone_plan_fail(
            line, at, error,
            "`op %s` takes indices from %.40s, which must be an input of i32, i64 "
            "or u8: write this step yourself",
            op->name, name);
    return hone_plan_fail(line, at, error,
                          "the library computes in f32, and %.40s is %s: write this step yourself",
                          name, hone_dtype_name(op->arguments[culprit].dtype));
}

/* Indices come from inputs alone: nothing that a candidate can write is followed into memory. */
static int check_argument(const struct hone_plan *plan, const struct hone_task_operator *op,
                          uint32_t index, const struct hone_plan_line *line,
                          const struct hone_plan_item *item, struct hone_error *error) {
    const char *at = line->text + item->column - 1, *name = op->arguments[index].name;
    const uint32_t operand = op->arguments[index].operand;
    const enum hone_dtype wanted = op->arguments[index].dtype;
    if (item->kind != ITEM_SLOT)
        return hone_plan_fail(line, at, error,
                              "argument %u of `op %s` is memory: expected %.40s, or a tensor or "
                              "workspace in its place",
                              index + 1, op->name, name);
    const bool writable =
        item->index >= HONE_ARGS_MAX || hone_arg_is_output(&plan->task->args[item->index]);
    const enum hone_dtype given = hone_plan_slot_dtype(plan, item->index);
    if (given != wanted)
        return hone_plan_fail(
            line, at, error, "argument %u of `op %s` is memory of %s: expected %s, as %.40s",
            index + 1, op->name, hone_dtype_name(given), hone_dtype_name(wanted), name);
    if (operand == UINT32_MAX && !writable)
        return hone_plan_fail(line, at, error,
                              "`op %s` writes its last argument: expected an output or a workspace",
                              op->name);
    if (operand != UINT32_MAX && writable && hone_operator_reads_indices(op->operation, operand))
        return hone_plan_fail(line, at, error,
                              "argument %u of `op %s` holds indices: expected an input of the task",
                              index + 1, op->name);
    return 0;
}

int hone_plan_check_operator(const struct hone_plan *plan, const struct hone_plan_line *line,
                             const char *at, struct hone_plan_statement *step,
                             struct hone_error *error) {
    struct hone_task_operator op;
    struct hone_error reason = {""};
    char list[320];
    if (hone_task_operator(plan->task, step->name, &op, &reason))
        return hone_plan_fail(line, at, error, "%s", reason.text);
    step->entry = op.step;
    op.name = step->name; /* as its author calls it */
    if (step->item_count != op.argument_count)
        return hone_plan_fail(line, at, error, "`op %s` takes %u arguments, not %u: args=(%s)",
                              step->name, op.argument_count, step->item_count,
                              list_arguments(&op, list, sizeof list));
    int code = check_library(&op, line, at, error);
    for (uint32_t i = 0; !code && i < op.argument_count; i++)
        code = check_argument(plan, &op, i, line, &plan->items[step->item + i], error);
    return code;
}

int hone_plan_resolve_operation(const struct hone_plan *plan, const struct hone_workload *workload,
                                uint32_t index, struct hone_plan_operation **rows,
                                struct hone_error *error) {
    if (!*rows)
        *rows = calloc(hone_task_operator_count(plan->task), sizeof **rows);
    if (!*rows)
        return hone_fail(error, -ENOMEM, "out of memory for a plan");
    struct hone_plan_operation *row = &(*rows)[index];
    if (row->operation.op)
        return 0;
    hone_task_operator_at(plan->task, index, &row->op);
    return hone_task_operation(plan->task, workload, &row->op, &row->operation, row->numbers,
                               error);
}

/* A task's tensor has a shape, a workspace has room. */
static bool fits(const struct hone_plan_argument *argument, int64_t elements, int64_t wanted) {
    return argument->value == HONE_PLAN_TENSOR ? elements == wanted : elements >= wanted;
}

int hone_plan_check_operands(const struct hone_plan_operation *row, const char *name,
                             const struct hone_plan_argument *arguments, const int64_t *elements,
                             bool hidden, uint32_t *culprit, char text[HONE_PLAN_OPERANDS_TEXT]) {
    const struct hone_task_operator *op = &row->op;
    const uint32_t last = op->argument_count - 1;
    for (uint32_t i = 0; i <= last; i++) {
        const uint32_t operand = op->arguments[i].operand;
        const int64_t wanted = operand == UINT32_MAX ? row->operation.output.count
                                                     : row->operation.operands[operand].count;
        *culprit = i;
        if (!fits(&arguments[i], elements[i], wanted)) {
            size_t used = (size_t)snprintf(text, HONE_PLAN_OPERANDS_TEXT,
                                           "argument %u of `op %s` is not as large as %.40s", i + 1,
                                           name, op->arguments[i].name);
            if (!hidden)
                snprintf(text + used, HONE_PLAN_OPERANDS_TEXT - used,
                         ": it has %" PRId64 " elements, expected %" PRId64, elements[i], wanted);
            return -EINVAL;
        }
        if (i < last && arguments[i].value == arguments[last].value &&
            arguments[i].index == arguments[last].index) {
            snprintf(text, HONE_PLAN_OPERANDS_TEXT,
                     "`op %s` cannot write what it reads: give it a workspace", name);
            return -EINVAL;
        }
    }
    return 0;
}
