/* A graph under one workload: the shapes of its lines, and their values. */
#include "core/graph_private.h"

#include "core/error.h"
#include "core/expression.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- shapes ---- */

struct resolving {
    const struct hone_graph *graph;
    const struct hone_graph_argument *arguments;
    const struct hone_graph_step *step;
    struct hone_name rows[HONE_GRAPH_ARGUMENTS_MAX];
    struct hone_names names;
    struct hone_error *error;
};

static void name_numbers(struct resolving *resolving) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < resolving->graph->argument_count; i++) {
        const enum hone_graph_role role = resolving->graph->arguments[i].role;
        const double number = resolving->arguments[i].number;
        if (role != HONE_GRAPH_INTEGER && role != HONE_GRAPH_REAL)
            continue;
        resolving->rows[count++] = (struct hone_name){
            .name = resolving->graph->arguments[i].name,
            .is_real = role == HONE_GRAPH_REAL,
            .integer = role == HONE_GRAPH_INTEGER ? (int64_t)number : 0,
            .real = number,
        };
    }
    resolving->names = (struct hone_names){resolving->rows, count};
}

static int fail(const struct resolving *resolving, uint32_t column, const char *what,
                const char *why) {
    return hone_graph_fail(resolving->graph, resolving->step->line, column, resolving->error,
                           "%s: %s", what, why);
}

static int count_of(struct hone_array *array) {
    array->count = 1;
    for (uint32_t i = 0; i < array->ndim; i++)
        if (array->shape[i] < 0 ||
            __builtin_mul_overflow(array->count, array->shape[i], &array->count) ||
            array->count > HONE_GRAPH_ELEMENTS_MAX)
            return -E2BIG;
    return 0;
}

/* One number of an attribute. */
static int number_of(const struct resolving *resolving, const struct hone_attribute *attribute,
                     const char *text, uint32_t column, double *value) {
    struct hone_error why = {""};
    int64_t whole;
    if (attribute->kind == HONE_ATTRIBUTE_REAL) {
        if (hone_expression_real(text, &resolving->names, value, &why) < 0)
            return fail(resolving, column, attribute->name, why.text);
        return 0;
    }
    if (hone_expression_integer(text, &resolving->names, &whole, &why) < 0)
        return fail(resolving, column, attribute->name, why.text);
    if (whole > (int64_t)1 << 53 || whole < -((int64_t)1 << 53))
        return fail(resolving, column, attribute->name, "expected a number within 2^53");
    *value = (double)whole;
    return 0;
}

/* "[a, b]", of which brackets and text are the graph's; at most as many numbers as dimensions. */
static int list_of(const struct resolving *resolving, const struct hone_attribute *attribute,
                   const char *text, uint32_t column, struct hone_attribute_value *value) {
    const char *at = text + 1;
    value->count = 0;
    if (at[strspn(at, " \t")] == ']' && !at[strspn(at, " \t") + 1])
        return 0;
    for (uint32_t depth = 0; *at;) {
        const char *end = at;
        char word[256];
        for (; *end && (depth || (*end != ',' && *end != ']')); end++)
            depth = *end == '(' ? depth + 1 : *end == ')' && depth ? depth - 1 : depth;
        if (!*end || (*end == ']' && end[1]))
            return fail(resolving, column, attribute->name, "expected ']' at the end of the list");
        if (value->count == HONE_DIMS_MAX || (size_t)(end - at) >= sizeof word)
            return fail(resolving, column, attribute->name, "the list is too long");
        snprintf(word, sizeof word, "%.*s", (int)(end - at), at);
        int result = number_of(resolving, attribute, word, column + (uint32_t)(at - text),
                               &value->values[value->count++]);
        if (result < 0)
            return result;
        at = end + 1;
    }
    return 0;
}

static int attribute_of(const struct resolving *resolving, uint32_t index,
                        struct hone_attribute_value *value) {
    const struct hone_attribute *attribute = &resolving->step->op->attributes[index];
    const char *text = resolving->step->attributes[index];
    const uint32_t column = resolving->step->attribute_columns[index];
    value->count = 1;
    if (!text) {
        value->values[0] = attribute->fallback;
        value->count = attribute->fallback != HONE_ATTRIBUTE_ABSENT ? 1u : 0u;
        return 0;
    }
    if (attribute->kind == HONE_ATTRIBUTE_FLAG) {
        value->values[0] = strcmp(text, "true") == 0;
        if (value->values[0] == 0 && strcmp(text, "false") != 0)
            return fail(resolving, column, attribute->name, "expected true or false");
        return 0;
    }
    if (attribute->kind == HONE_ATTRIBUTE_INTEGERS && text[0] == '[')
        return list_of(resolving, attribute, text, column, value);
    return number_of(resolving, attribute, text, column, &value->values[0]);
}

static int operand_of(const struct resolving *resolving, const struct hone_graph_operand *operand,
                      const struct hone_operation *operations, double *number,
                      struct hone_array *array) {
    struct hone_error why = {""};
    switch (operand->source) {
    case HONE_GRAPH_STEP:
        *array = operations[operand->index].output;
        return 0;
    case HONE_GRAPH_ARGUMENT:
        *array = resolving->arguments[operand->index].array;
        if (count_of(array) < 0)
            return fail(resolving, operand->column, operand->text, "expected fewer elements");
        return 0;
    case HONE_GRAPH_NUMBER:
        break;
    }
    *array = (struct hone_array){.count = 1, .data = number};
    double value;
    if (hone_expression_real(operand->text, &resolving->names, &value, &why) < 0)
        return fail(resolving, operand->column, "expected an operand or a number", why.text);
    if (number)
        *number = value;
    return 0;
}

static int check_output(const struct resolving *resolving, struct hone_array *output) {
    const struct hone_graph_step *step = resolving->step;
    char found[HONE_SHAPE_TEXT], wanted[HONE_SHAPE_TEXT];
    if (count_of(output) < 0)
        return hone_graph_fail(resolving->graph, step->line, step->columns[1], resolving->error,
                               "%s: the result %s is too large, expected at most 2^28 elements",
                               step->op->name, hone_shape_text(output, found));
    if (step->argument == UINT32_MAX)
        return 0;
    const struct hone_array *argument = &resolving->arguments[step->argument].array;
    if (argument->ndim == output->ndim &&
        memcmp(argument->shape, output->shape, output->ndim * sizeof *output->shape) == 0)
        return 0;
    return hone_graph_fail(resolving->graph, step->line, step->columns[0], resolving->error,
                           "%s is %s, but the line gives %s", step->name,
                           hone_shape_text(argument, wanted), hone_shape_text(output, found));
}

int hone_graph_resolve(const struct hone_graph *graph, const struct hone_graph_argument *arguments,
                       struct hone_operation *operations, double *numbers,
                       struct hone_error *error) {
    struct resolving resolving = {.graph = graph, .arguments = arguments, .error = error};
    name_numbers(&resolving);
    for (uint32_t i = 0; i < graph->step_count; i++) {
        const struct hone_graph_step *step = resolving.step = &graph->steps[i];
        struct hone_operation *operation = &operations[i];
        struct hone_error why = {""};
        int result = 0;
        *operation = (struct hone_operation){.op = step->op, .operand_count = step->operand_count};
        for (uint32_t k = 0; result == 0 && k < step->operand_count; k++)
            result = operand_of(&resolving, &step->operands[k], operations,
                                numbers ? &numbers[i * HONE_OPERANDS_MAX + k] : NULL,
                                &operation->operands[k]);
        for (uint32_t k = 0; result == 0 && step->op->attributes[k].name; k++)
            result = attribute_of(&resolving, k, &operation->attributes[k]);
        if (result < 0)
            return result;
        if (step->op->shape(operation, &why) < 0)
            return fail(&resolving, step->columns[1], step->op->name, why.text);
        result = check_output(&resolving, &operation->output);
        if (result < 0)
            return result;
    }
    return 0;
}

int hone_graph_check(const struct hone_graph *graph, const struct hone_graph_argument *arguments,
                     struct hone_error *error) {
    struct hone_operation *operations = calloc(graph->step_count + 1u, sizeof *operations);
    if (!operations)
        return hone_fail(error, -ENOMEM, "out of memory");
    int result = hone_graph_resolve(graph, arguments, operations, NULL, error);
    free(operations);
    return result;
}

/* ---- values ---- */

/* Where a line's operands lie now that the lines above have run. */
static void find_data(const struct hone_graph_step *step,
                      const struct hone_graph_argument *arguments,
                      const struct hone_operation *operations, struct hone_operation *operation) {
    for (uint32_t k = 0; k < step->operand_count; k++) {
        const struct hone_graph_operand *operand = &step->operands[k];
        if (operand->source == HONE_GRAPH_STEP)
            operation->operands[k].data = operations[operand->index].output.data;
        else if (operand->source == HONE_GRAPH_ARGUMENT)
            operation->operands[k].data = arguments[operand->index].array.data;
    }
}

static int run_step(const struct hone_graph *graph, uint32_t index,
                    const struct hone_graph_argument *arguments, struct hone_operation *operations,
                    struct hone_error *error) {
    const struct hone_graph_step *step = &graph->steps[index];
    struct hone_operation *operation = &operations[index];
    struct hone_error why = {""};
    find_data(step, arguments, operations, operation);
    operation->output.data = malloc((size_t)operation->output.count * sizeof(double) + 1);
    int result = operation->output.data ? step->op->run(operation, &why) : -ENOMEM;
    if (result < 0)
        return hone_fail(error, result, "%.100s: line %u, column %u: %s: %s", graph->file,
                         step->line, step->columns[1], step->op->name,
                         result == -ENOMEM ? "out of memory" : why.text);
    for (uint32_t i = 0; i <= index; i++)
        if (graph->steps[i].last_use == index && graph->steps[i].argument == UINT32_MAX) {
            free(operations[i].output.data);
            operations[i].output.data = NULL;
        }
    return 0;
}

/* Outputs are written last, as an inout's input may be read until then. */
int hone_graph_run(const struct hone_graph *graph, const struct hone_graph_argument *arguments,
                   struct hone_error *error) {
    struct hone_operation *operations = calloc(graph->step_count + 1u, sizeof *operations);
    double *numbers = calloc(graph->step_count + 1u, HONE_OPERANDS_MAX * sizeof *numbers);
    int result = operations && numbers ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    if (result == 0)
        result = hone_graph_resolve(graph, arguments, operations, numbers, error);
    for (uint32_t i = 0; result == 0 && i < graph->step_count; i++)
        result = run_step(graph, i, arguments, operations, error);
    for (uint32_t i = 0; result == 0 && i < graph->step_count; i++)
        if (graph->steps[i].argument != UINT32_MAX)
            memcpy(arguments[graph->steps[i].argument].out, operations[i].output.data,
                   (size_t)operations[i].output.count * sizeof(double));
    for (uint32_t i = 0; operations && i < graph->step_count; i++)
        free(operations[i].output.data);
    free(operations);
    free(numbers);
    return result;
}
