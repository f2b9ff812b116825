/* task_graph.h - a task's graphs: its arguments as they know them, and the lines of one as the
 * operators that a plan's `op NAME args=(...)` may name. It is the oracle's graph, or the one in
 * the file that "operators": {"graph": NAME} in task.json names, which says the same in operators
 * that are worth a library's while.
 *
 * An operator's NAME is that of its line's value, or the operator's own where the task has one line
 * of it only: `op h` and `op matmul` are both `h = matmul(x, weight)`. Its args are the tensors the
 * line reads, in order, then the one it writes; numbers and attributes are the line's own.
 * Immutable as the task is; any thread.
 */
#ifndef HONE_CORE_TASK_GRAPH_H
#define HONE_CORE_TASK_GRAPH_H

#include "core/graph.h"

/* What a graph is told about the task's arguments and axes. Tensors have shapes and no data. */
struct hone_task_graph_view {
    uint32_t count; /* the task's arguments, in order, then axes that are no argument */
    struct hone_graph_argument arguments[HONE_ARGS_MAX + HONE_AXES_MAX];
};
void hone_task_graph_view(const struct hone_task *task, const struct hone_workload *workload,
                          struct hone_task_graph_view *view);

struct hone_task_operator {
    const char *name;      /* of the line's value */
    const char *operation; /* of the table: "matmul" */
    uint32_t step;         /* of the graph */
    uint32_t argument_count;
    struct {
        const char *name; /* in the graph */
        enum hone_dtype dtype;
        uint32_t operand; /* of the operation; UINT32_MAX: its output */
    } arguments[HONE_OPERANDS_MAX + 1];
};

uint32_t hone_task_operator_count(const struct hone_task *task);
/* The operator of line `index`, which must exist. */
void hone_task_operator_at(const struct hone_task *task, uint32_t index,
                           struct hone_task_operator *op);
/* By name. -ENOENT with a text that lists what there is; -EINVAL: several lines of that operator.
 */
int hone_task_operator(const struct hone_task *task, const char *name,
                       struct hone_task_operator *op, struct hone_error *error);

/* Whether a library in single precision can run it: its floats are f32 or of 16 bits, and its
 * indices are integers of an argument. Else `culprit` is an argument for which that is not so. */
bool hone_task_operator_is_single(const struct hone_task_operator *op, uint32_t *culprit);

/* The operation behind it under one workload: shapes, attributes, and the numbers among its
 * operands in `numbers`. */
int hone_task_operation(const struct hone_task *task, const struct hone_workload *workload,
                        const struct hone_task_operator *op, struct hone_operation *operation,
                        double numbers[HONE_OPERANDS_MAX], struct hone_error *error);

#endif
