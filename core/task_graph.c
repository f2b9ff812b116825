#include "core/task_graph.h"

#include "core/error.h"
#include "core/task_read.h"
#include "plugins/operators.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIAL_DRAWS 64 /* of every hidden entry, as the parser of workloads makes */

static enum hone_graph_role role_of(const struct hone_arg *arg) {
    switch (arg->role) {
    case HONE_OUT:
        return HONE_GRAPH_OUTPUT;
    case HONE_INOUT:
        return HONE_GRAPH_INOUT;
    case HONE_AXIS:
        return HONE_GRAPH_INTEGER;
    case HONE_SCALAR:
        return arg->dtype <= HONE_BF16 ? HONE_GRAPH_REAL : HONE_GRAPH_INTEGER;
    default:
        return HONE_GRAPH_INPUT;
    }
}

void hone_task_graph_view(const struct hone_task *task, const struct hone_workload *workload,
                          struct hone_task_graph_view *view) {
    *view = (struct hone_task_graph_view){.count = task->arg_count};
    bool named[HONE_AXES_MAX] = {false};
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        struct hone_graph_argument *own = &view->arguments[i];
        *own = (struct hone_graph_argument){.name = arg->name, .role = role_of(arg)};
        if (arg->role == HONE_AXIS)
            named[arg->axis] = true;
        if (!workload)
            continue;
        own->array.ndim = arg->ndim;
        if (hone_arg_is_tensor(arg))
            own->array.count = hone_task_shape(task, workload, i, own->array.shape);
        else if (arg->role == HONE_AXIS)
            own->number = (double)workload->axes[arg->axis];
        else /* as the candidate gets it */
            own->number =
                arg->dtype == HONE_F32 ? (double)(float)workload->scalar[i] : workload->scalar[i];
    }
    for (uint32_t i = 0; i < task->axis_count; i++)
        if (!named[i])
            view->arguments[view->count++] =
                (struct hone_graph_argument){.name = task->axes[i].name,
                                             .role = HONE_GRAPH_INTEGER,
                                             .number = workload ? (double)workload->axes[i] : 0};
}

/* ---- reading ---- */

static int check_workload(const struct hone_task *task, const struct hone_graph *graph,
                          const struct hone_workload *workload, const struct hone_value *json) {
    struct hone_task_graph_view view;
    struct hone_error why = {""};
    hone_task_graph_view(task, workload, &view);
    int result = hone_graph_check(graph, view.arguments, &why);
    if (result == -ENOMEM)
        return result;
    return result < 0 ? hone_value_fail(json, "workload \"%s\": %s", workload->id, why.text) : 0;
}

/* Under every workload and many draws. */
static int check_profile(const struct hone_task *task, const struct hone_graph *graph,
                         const struct hone_value *json) {
    struct hone_error why;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < task->workload_count; i++)
        result = check_workload(task, graph, &task->workloads[i], json);
    for (uint32_t i = 0; result == 0 && i < task->hidden_count; i++)
        for (uint64_t seed = 0; result == 0 && seed < TRIAL_DRAWS; seed++) {
            struct hone_workload workload;
            if (hone_task_try_draw(task, i, seed, &workload, &why) == 0)
                result = check_workload(task, graph, &workload, json);
        }
    return result;
}

int hone_task_read_graph(const struct hone_task_reading *reading, const struct hone_value *json,
                         struct hone_graph **graph) {
    struct hone_task *task = reading->task;
    struct hone_task_graph_view view;
    struct hone_error why = {""};
    const char *name, *text;
    int result = hone_task_read_file(reading, json, &name, &text);
    if (result < 0)
        return result;
    hone_task_graph_view(task, NULL, &view);
    result = hone_graph_parse(text, hone_task_find_file(task, name)->bytes, name, view.arguments,
                              view.count, graph, &why);
    if (result < 0)
        return result == -ENOMEM ? result : hone_value_fail(json, "%s", why.text);
    for (uint32_t profile = 0; result == 0 && profile < HONE_SIZES_COUNT; profile++) {
        hone_task_choose(task, (enum hone_sizes)profile);
        result = check_profile(task, *graph, json);
    }
    hone_task_choose(task, HONE_SIZES_CPU);
    return result;
}

/* ---- the lines as operators ---- */

uint32_t hone_task_operator_count(const struct hone_task *task) {
    uint32_t count = 0;
    if (task->operators)
        hone_graph_steps(task->operators, &count);
    return count;
}

/* What a candidate keeps values in that are no arguments: the dtype of the first output of floats.
 */
static enum hone_dtype own_dtype(const struct hone_task *task) {
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_output(&task->args[i]) && task->args[i].dtype <= HONE_BF16)
            return task->args[i].dtype;
    return HONE_F32;
}

void hone_task_operator_at(const struct hone_task *task, uint32_t index,
                           struct hone_task_operator *op) {
    uint32_t count;
    const struct hone_graph_step *steps = hone_graph_steps(task->operators, &count);
    const struct hone_graph_step *step = &steps[index];
    *op =
        (struct hone_task_operator){.name = step->name, .operation = step->op->name, .step = index};
    for (uint32_t i = 0; i <= step->operand_count; i++) {
        const bool is_output = i == step->operand_count;
        const struct hone_graph_operand *operand = &step->operands[is_output ? 0 : i];
        if (!is_output && operand->source == HONE_GRAPH_NUMBER)
            continue;
        uint32_t argument = is_output ? step->argument
                            : operand->source == HONE_GRAPH_ARGUMENT
                                ? operand->index
                                : steps[operand->index].argument;
        op->arguments[op->argument_count].name = is_output ? step->name : operand->text;
        op->arguments[op->argument_count].operand = is_output ? UINT32_MAX : i;
        op->arguments[op->argument_count++].dtype =
            argument == UINT32_MAX ? own_dtype(task) : task->args[argument].dtype;
    }
}

int hone_task_operator(const struct hone_task *task, const char *name,
                       struct hone_task_operator *op, struct hone_error *error) {
    char known[300] = "";
    size_t length = 0;
    uint32_t found = 0;
    const uint32_t count = hone_task_operator_count(task);
    for (uint32_t i = 0; i < count; i++) {
        struct hone_task_operator own;
        hone_task_operator_at(task, i, &own);
        if (strcmp(own.name, name) == 0) {
            *op = own;
            return 0;
        }
        if (strcmp(own.operation, name) == 0) {
            *op = own;
            found++;
        }
        if (length < sizeof known)
            length += (size_t)snprintf(known + length, sizeof known - length, "%s%s (%s)",
                                       i ? ", " : "", own.name, own.operation);
    }
    if (found == 1)
        return 0;
    if (found > 1)
        return hone_fail(error, -EINVAL, "\"%.40s\" is %u operators, name the value: %s", name,
                         found, known);
    if (count == 0)
        return hone_fail(error, -ENOENT, "task %s has no operators", task->id);
    return hone_fail(error, -ENOENT, "there is no operator \"%.40s\", expected one of %s", name,
                     known);
}

bool hone_task_operator_is_single(const struct hone_task_operator *op, uint32_t *culprit) {
    for (*culprit = 0; *culprit < op->argument_count; ++*culprit) {
        const uint32_t operand = op->arguments[*culprit].operand;
        const enum hone_dtype dtype = op->arguments[*culprit].dtype;
        const bool is_index =
            operand != UINT32_MAX && hone_operator_reads_indices(op->operation, operand);
        const bool is_integer = dtype == HONE_I32 || dtype == HONE_I64 || dtype == HONE_U8;
        const bool is_narrow = dtype == HONE_F32 || dtype == HONE_F16 || dtype == HONE_BF16;
        if (is_index ? !is_integer : !is_narrow)
            return false;
    }
    return true;
}

int hone_task_operation(const struct hone_task *task, const struct hone_workload *workload,
                        const struct hone_task_operator *op, struct hone_operation *operation,
                        double numbers[HONE_OPERANDS_MAX], struct hone_error *error) {
    struct hone_task_graph_view view;
    const uint32_t count = hone_task_operator_count(task);
    struct hone_operation *operations = calloc(count, sizeof *operations);
    double *all = calloc(count, HONE_OPERANDS_MAX * sizeof *all);
    int result = operations && all ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    hone_task_graph_view(task, workload, &view);
    if (result == 0)
        result = hone_graph_resolve(task->operators, view.arguments, operations, all, error);
    if (result == 0) {
        *operation = operations[op->step];
        memcpy(numbers, all + op->step * HONE_OPERANDS_MAX, HONE_OPERANDS_MAX * sizeof *numbers);
        for (uint32_t k = 0; k < operation->operand_count; k++)
            if (operation->operands[k].data)
                operation->operands[k].data = &numbers[k];
    }
    free(operations);
    free(all);
    return result;
}
