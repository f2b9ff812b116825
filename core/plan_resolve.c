#include "core/plan_private.h"

#include "core/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALKED_MAX (16u * HONE_PLAN_STEPS_MAX) /* statements, those of repeats each time */
#define GRID_X_MAX INT64_C(0x7fffffff)
#define GRID_MAX 65535
#define BLOCK_MAX 1024
#define BLOCK_Z_MAX 64
#define CLUSTER_MAX 8

/* What an expression gives under this workload; it depends on nothing else, so once is enough. */
struct value {
    bool known;
    union {
        int64_t integer;
        double real;
    };
};

struct resolving {
    const struct hone_plan *plan;
    const struct hone_workload *workload;
    struct hone_error *error;
    struct hone_name names[HONE_AXES_MAX + PLAN_DEVICE_NAMES + HONE_PLAN_CONSTANTS_MAX];
    struct value *values;           /* by expression */
    uint32_t slots[PLAN_SLOTS_MAX]; /* what each name stands for now */
    int64_t left[PLAN_DEPTH_MAX];   /* of each repeat */
    struct hone_plan_program *program;
    struct hone_plan_step *steps;
    uint32_t step_capacity;
    struct hone_plan_argument *arguments;
    uint32_t argument_count, argument_capacity;
    struct hone_plan_segment *segments;
    uint32_t segment_capacity;
    uint32_t words;
};

static int fail(const struct resolving *resolving, uint32_t line, uint32_t column,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The place in the source, what is wrong, and on which workload; of a hidden one neither name nor
 * sizes. */
static int fail(const struct resolving *resolving, uint32_t line, uint32_t column,
                const char *format, ...) {
    struct hone_error *error = resolving->error;
    const struct hone_workload *workload = resolving->workload;
    if (!error)
        return -EINVAL;
    size_t used = (size_t)snprintf(error->text, sizeof error->text,
                                   "%s:%u:%u: error: ", resolving->plan->file, line, column);
    va_list arguments;
    va_start(arguments, format);
    used += (size_t)vsnprintf(error->text + used, sizeof error->text - used, format, arguments);
    va_end(arguments);
    if (used < sizeof error->text)
        snprintf(error->text + used, sizeof error->text - used,
                 workload->set == HONE_HIDDEN ? ", on a hidden workload" : ", on workload %s",
                 workload->id);
    return -EINVAL;
}

static int fail_at(const struct resolving *resolving, uint32_t index, const char *what) {
    const struct hone_plan_expression *at = &resolving->plan->expressions[index];
    return fail(resolving, at->line, at->column, "%s", what);
}

/* "the grid's x is 70000, at most 65535", the first number of hidden workloads left out. */
static int fail_value(const struct resolving *resolving, uint32_t index, const char *what,
                      int64_t value, const char *limit) {
    const struct hone_plan_expression *at = &resolving->plan->expressions[index];
    if (resolving->workload->set == HONE_HIDDEN)
        return fail(resolving, at->line, at->column, "%s %s", what, limit);
    return fail(resolving, at->line, at->column, "%s is %" PRId64 ": %s", what, value, limit);
}

static int compute(struct resolving *resolving, uint32_t index, struct value **out) {
    const struct hone_plan_expression *expression = &resolving->plan->expressions[index];
    const struct hone_names names = {resolving->names, resolving->plan->name_count};
    struct value *value = *out = &resolving->values[index];
    struct hone_error reason;
    uint32_t column = 1;
    if (value->known)
        return 0;
    if (expression->is_real
            ? hone_expression_real_part(expression->text, &names, &value->real, &column, &reason)
            : hone_expression_integer_part(expression->text, &names, &value->integer, &column,
                                           &reason))
        return fail(resolving, expression->line, expression->column + column - 1, "%.300s",
                    reason.text);
    value->known = true;
    return 0;
}

static int compute_integer(struct resolving *resolving, uint32_t index, int64_t *number) {
    struct value *value;
    int code = compute(resolving, index, &value);
    *number = code ? 0 : value->integer;
    return code;
}

/* ---- workspaces ---- */

static int resolve_workspaces(struct resolving *resolving, struct hone_plan_workspace *rows) {
    const struct hone_plan *plan = resolving->plan;
    const uint64_t most = hone_task_workspace(plan->task, resolving->workload);
    uint64_t left = most;
    for (uint32_t i = 0; i < plan->workspace_count; i++) {
        const struct hone_plan_scratch *from = &plan->workspaces[i];
        const uint32_t element = hone_dtype_bytes(from->dtype);
        int64_t count;
        int code = compute_integer(resolving, from->count, &count);
        if (code)
            return code;
        if (count < 0)
            return fail_value(resolving, from->count, "the number of elements", count,
                              "must not be below 0");
        if ((uint64_t)count > left / element) {
            char text[128];
            snprintf(text, sizeof text, "the workspaces of a call have %" PRIu64 " bytes in all",
                     most);
            return resolving->workload->set == HONE_HIDDEN
                       ? fail_at(resolving, from->count, "too much memory")
                       : fail_at(resolving, from->count, text);
        }
        const uint64_t bytes = (uint64_t)count * element;
        left -= bytes;
        rows[i] = (struct hone_plan_workspace){from->name, from->dtype, count, bytes, from->zero};
    }
    return 0;
}

/* ---- steps ---- */

static int resolve_item(struct resolving *resolving, const struct hone_plan_item *item,
                        struct hone_plan_argument *out) {
    const struct hone_plan *plan = resolving->plan;
    struct value *value;
    *out = (struct hone_plan_argument){.value = HONE_PLAN_WORD};
    if (item->kind == ITEM_SLOT) {
        const uint32_t slot = resolving->slots[item->index];
        out->value = slot < HONE_ARGS_MAX ? HONE_PLAN_TENSOR : HONE_PLAN_WORKSPACE;
        out->index = slot < HONE_ARGS_MAX ? slot : slot - HONE_ARGS_MAX;
        return 0;
    }
    if (item->kind == ITEM_SCALAR) {
        out->word =
            hone_arg_word(&plan->task->args[item->index], resolving->workload->scalar[item->index]);
        return 0;
    }
    int code = compute(resolving, item->index, &value);
    if (code)
        return code;
    if (item->type == HONE_ARGUMENT_INT32 &&
        (value->integer < INT32_MIN || value->integer > INT32_MAX))
        return fail_value(resolving, item->index, "the (int)", value->integer,
                          "does not fit 32 bits: pass it without the cast, as int64_t");
    if (item->type == HONE_ARGUMENT_F32) {
        const float narrow = (float)value->real;
        memcpy(&out->word, &narrow, sizeof narrow);
    } else {
        memcpy(&out->word, &value->integer, sizeof out->word);
    }
    return 0;
}

static int resolve_dimensions(struct resolving *resolving, const uint32_t *expressions,
                              const char *const what[3], const int64_t most[3],
                              const char *const limits[3], uint32_t out[3]) {
    for (uint32_t i = 0; i < 3; i++) {
        int64_t size = 1;
        int code = expressions[i] ? compute_integer(resolving, expressions[i], &size) : 0;
        if (code)
            return code;
        if (size < 1)
            return fail_value(resolving, expressions[i], what[i], size,
                              "must be at least 1: write max(1, ...), or put the launch between "
                              "`if` and `end`");
        if (size > most[i])
            return fail_value(resolving, expressions[i], what[i], size, limits[i]);
        out[i] = (uint32_t)size;
    }
    return 0;
}

/* The limits are CUDA's (Programming Guide, "Technical Specifications per Compute Capability"). */
static int resolve_launch(struct resolving *resolving, const struct hone_plan_statement *from,
                          struct hone_plan_step *step) {
    static const char *const grid[] = {"the grid's x", "the grid's y", "the grid's z"};
    static const char *const block[] = {"the block's x", "the block's y", "the block's z"};
    static const char *const cluster[] = {"the cluster's x", "the cluster's y", "the cluster's z"};
    static const int64_t grid_most[] = {GRID_X_MAX, GRID_MAX, GRID_MAX};
    static const int64_t block_most[] = {BLOCK_MAX, BLOCK_MAX, BLOCK_Z_MAX};
    static const int64_t cluster_most[] = {CLUSTER_MAX, CLUSTER_MAX, CLUSTER_MAX};
    static const char *const grid_limits[] = {"must be below 2147483648", "must be at most 65535",
                                              "must be at most 65535"};
    static const char *const block_limits[] = {"must be at most 1024", "must be at most 1024",
                                               "must be at most 64"};
    static const char *const cluster_limits[] = {"must be at most 8", "must be at most 8",
                                                 "must be at most 8"};
    const uint32_t *dimensions = from->dimensions;
    int code = resolve_dimensions(resolving, dimensions, grid, grid_most, grid_limits, step->grid);
    if (!code)
        code = resolve_dimensions(resolving, dimensions + 3, block, block_most, block_limits,
                                  step->block);
    if (!code)
        code = resolve_dimensions(resolving, dimensions + 6, cluster, cluster_most, cluster_limits,
                                  step->cluster);
    if (code)
        return code;
    const int64_t threads = (int64_t)step->block[0] * step->block[1] * step->block[2];
    if (threads > BLOCK_MAX)
        return fail_value(resolving, dimensions[3], "the block's number of threads", threads,
                          "must be at most 1024");
    if (step->cluster[0] * step->cluster[1] * step->cluster[2] > CLUSTER_MAX)
        return fail_at(resolving, dimensions[6], "a cluster has at most 8 blocks");
    for (uint32_t i = 0; i < 3; i++)
        if (step->grid[i] % step->cluster[i])
            return fail_at(resolving, dimensions[6 + i],
                           "the grid must be a multiple of the cluster");
    int64_t shared = 0;
    code = from->shared ? compute_integer(resolving, from->shared, &shared) : 0;
    if (!code && (shared < 0 || shared > resolving->plan->shared_most)) {
        char limit[80];
        snprintf(limit, sizeof limit, "must be from 0 to %" PRId64 " bytes on this device",
                 resolving->plan->shared_most);
        code = fail_value(resolving, from->shared, "shared", shared, limit);
    }
    step->shared_bytes = (uint32_t)shared;
    return code;
}

static int add_argument(struct resolving *resolving, const struct hone_plan_item *item) {
    struct hone_plan_argument *rows =
        hone_plan_grow(resolving->arguments, resolving->argument_count,
                       &resolving->argument_capacity, sizeof *resolving->arguments);
    if (!rows)
        return hone_fail(resolving->error, -ENOMEM, "out of memory for a plan");
    resolving->arguments = rows;
    return resolve_item(resolving, item, &rows[resolving->argument_count++]);
}

static int64_t elements_of(const struct resolving *resolving, uint32_t slot) {
    if (slot < HONE_ARGS_MAX)
        return hone_task_shape(resolving->plan->task, resolving->workload, slot, NULL);
    return resolving->program->workspaces[slot - HONE_ARGS_MAX].count;
}

static int resolve_operator(struct resolving *resolving, const struct hone_plan_statement *from,
                            const struct hone_plan_argument *arguments) {
    const struct hone_plan *plan = resolving->plan;
    const bool hidden = resolving->workload->set == HONE_HIDDEN;
    const struct hone_plan_item *items = &plan->items[from->item];
    int64_t elements[HONE_OPERANDS_MAX + 1];
    char text[HONE_PLAN_OPERANDS_TEXT];
    struct hone_error reason = {""};
    uint32_t culprit;
    int code = hone_plan_resolve_operation(plan, resolving->workload, from->entry,
                                           &resolving->program->operations, &reason);
    if (code == -ENOMEM)
        return hone_fail(resolving->error, code, "%s", reason.text);
    if (code)
        return fail(resolving, from->line, from->column, "%.300s",
                    hidden ? "the operator cannot be run" : reason.text);
    for (uint32_t i = 0; i < from->item_count; i++)
        elements[i] = elements_of(resolving, resolving->slots[items[i].index]);
    if (hone_plan_check_operands(&resolving->program->operations[from->entry], from->name,
                                 arguments, elements, hidden, &culprit, text))
        return fail(resolving, from->line, items[culprit].column, "%s", text);
    return 0;
}

/* A step follows those of its kind in one go. */
static int add_to_segment(struct resolving *resolving, const struct hone_plan_step *step,
                          uint32_t index) {
    struct hone_plan_program *program = resolving->program;
    const bool operators = step->kind == HONE_STEP_OP && !resolving->plan->operators_within;
    const uint32_t words = hone_plan_count_words(program, step), count = program->segment_count;
    if (!count || resolving->segments[count - 1].operators != operators) {
        struct hone_plan_segment *rows =
            hone_plan_grow(resolving->segments, count, &resolving->segment_capacity, sizeof *rows);
        if (!rows)
            return hone_fail(resolving->error, -ENOMEM, "out of memory for a plan");
        resolving->segments = rows;
        rows[program->segment_count++] =
            (struct hone_plan_segment){operators, index, 0, resolving->words++, 1};
    }
    struct hone_plan_segment *segment = &resolving->segments[program->segment_count - 1];
    segment->step_count++;
    segment->word_count += words;
    resolving->words += words;
    return 0;
}

static int add_step(struct resolving *resolving, const struct hone_plan_statement *from) {
    struct hone_plan_program *program = resolving->program;
    const uint32_t first = resolving->argument_count, index = program->step_count;
    struct hone_plan_step step = {.kind = from->step,
                                  .entry = from->entry,
                                  .name = from->name,
                                  .line = from->line,
                                  .argument_count = from->item_count};
    if (index == HONE_PLAN_STEPS_MAX)
        return fail(resolving, from->line, from->column, "more than %d steps in one call",
                    HONE_PLAN_STEPS_MAX);
    int code = step.kind == HONE_STEP_LAUNCH ? resolve_launch(resolving, from, &step) : 0;
    for (uint32_t i = 0; !code && i < from->item_count; i++)
        code = add_argument(resolving, &resolving->plan->items[from->item + i]);
    step.arguments =
        resolving->arguments ? resolving->arguments + first : NULL; /* until it grows */
    if (!code && step.kind == HONE_STEP_OP)
        code = resolve_operator(resolving, from, step.arguments);
    if (!code)
        code = add_to_segment(resolving, &step, index);
    if (code)
        return code;
    if (resolving->words > HONE_PLAN_WORDS_MAX)
        return fail(resolving, from->line, from->column,
                    "the steps of one call have too many arguments: fewer steps, or fewer "
                    "arguments");
    struct hone_plan_step *rows =
        hone_plan_grow(resolving->steps, index, &resolving->step_capacity, sizeof step);
    if (!rows)
        return hone_fail(resolving->error, -ENOMEM, "out of memory for a plan");
    resolving->steps = rows;
    resolving->steps[program->step_count++] = step;
    program->launch_count += step.kind == HONE_STEP_LAUNCH;
    program->call_count += step.kind == HONE_STEP_CALL;
    program->op_count += step.kind == HONE_STEP_OP;
    return 0;
}

/* ---- control ---- */

static int swap(struct resolving *resolving, const struct hone_plan_statement *statement) {
    uint32_t *first = &resolving->slots[statement->first];
    uint32_t *second = &resolving->slots[statement->second];
    if (elements_of(resolving, *first) != elements_of(resolving, *second))
        return fail(resolving, statement->line, statement->column,
                    "only memory of the same size can be swapped");
    const uint32_t kept = *first;
    *first = *second;
    *second = kept;
    return 0;
}

/* Which statement is next. */
static int walk_statement(struct resolving *resolving, uint32_t *next) {
    const struct hone_plan_statement *statement = &resolving->plan->statements[*next];
    int64_t number = 0;
    int code = 0;
    ++*next;
    switch (statement->kind) {
    case PLAN_STEP:
        return add_step(resolving, statement);
    case PLAN_SWAP:
        return swap(resolving, statement);
    case PLAN_ELSE:
        *next = statement->target;
        return 0;
    case PLAN_END:
        if (resolving->plan->statements[statement->target].kind == PLAN_REPEAT &&
            --resolving->left[statement->level] > 0)
            *next = statement->target + 1;
        return 0;
    case PLAN_IF:
        code = compute_integer(resolving, statement->condition, &number);
        if (!number)
            *next = statement->target;
        return code;
    default: /* PLAN_REPEAT */
        code = compute_integer(resolving, statement->condition, &number);
        if (!code && number < 0)
            return fail_value(resolving, statement->condition, "the number of repeats", number,
                              "must not be below 0");
        resolving->left[statement->level] = number;
        if (!number)
            *next = statement->target;
        return code;
    }
}

static int walk(struct resolving *resolving) {
    const struct hone_plan *plan = resolving->plan;
    uint32_t next = 0, walked = 0;
    while (next < plan->statement_count) {
        const struct hone_plan_statement *statement = &plan->statements[next];
        if (walked++ == WALKED_MAX)
            return fail(resolving, statement->line, statement->column,
                        "the plan repeats too much: more than %u lines in one call", WALKED_MAX);
        int code = walk_statement(resolving, &next);
        if (code)
            return code;
    }
    if (resolving->program->step_count == 0)
        return fail(resolving, plan->statements[0].line, plan->statements[0].column,
                    "the plan has no step");
    return 0;
}

static void prepare_names(struct resolving *resolving) {
    const struct hone_plan *plan = resolving->plan;
    memcpy(resolving->names, plan->names, sizeof resolving->names);
    for (uint32_t i = 0; i < plan->task->axis_count; i++)
        resolving->names[i].integer = resolving->workload->axes[i];
    for (uint32_t i = 0; i < PLAN_SLOTS_MAX; i++)
        resolving->slots[i] = i;
}

/* Arguments may have moved while they grew. */
static void tie_arguments(struct resolving *resolving) {
    const struct hone_plan_argument *next = resolving->arguments;
    for (uint32_t i = 0; i < resolving->program->step_count; i++) {
        resolving->steps[i].arguments = next;
        if (next)
            next += resolving->steps[i].argument_count;
    }
    resolving->program->steps = resolving->steps;
}

int hone_plan_resolve(const struct hone_plan *plan, const struct hone_workload *workload,
                      struct hone_plan_program **out, struct hone_error *error) {
    struct resolving resolving = {.plan = plan, .workload = workload, .error = error};
    struct hone_plan_workspace *workspaces = calloc(plan->workspace_count + 1, sizeof *workspaces);
    struct hone_plan_program *program = calloc(1, sizeof *program);
    resolving.values = calloc(plan->expression_count, sizeof *resolving.values);
    resolving.program = program;
    *out = NULL;
    int code = 0;
    if (!workspaces || !program || !resolving.values) {
        free(workspaces);
        code = hone_fail(error, -ENOMEM, "out of memory for a plan");
    } else {
        program->workspaces = workspaces;
        program->workspace_count = plan->workspace_count;
        program->operators_within = plan->operators_within;
        prepare_names(&resolving);
        code = resolve_workspaces(&resolving, workspaces);
    }
    if (!code)
        code = walk(&resolving);
    if (program)
        tie_arguments(&resolving);
    if (program) {
        program->arguments = resolving.arguments;
        program->segments = resolving.segments;
    }
    free(resolving.values);
    if (code)
        hone_plan_program_destroy(program);
    else
        *out = program;
    if (!code)
        program->word_count = resolving.words;
    return code;
}

void hone_plan_program_destroy(struct hone_plan_program *program) {
    if (!program)
        return;
    free((void *)program->steps);
    free((void *)program->segments);
    free(program->operations);
    free((void *)program->arguments);
    free((void *)program->workspaces);
    free(program);
}
