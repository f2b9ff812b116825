/* One step of a plan under one workload: its arguments, its launch or its operator, its place among
 * the others. */
#include "core/plan_resolve.h"

#include "core/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define GRID_X_MAX INT64_C(0x7fffffff)
#define GRID_MAX 65535
#define BLOCK_MAX 1024
#define BLOCK_Z_MAX 64
#define CLUSTER_MAX 8

static int resolve_item(struct hone_resolving *resolving, const struct hone_plan_item *item,
                        struct hone_plan_argument *out) {
    const struct hone_plan *plan = resolving->plan;
    struct hone_resolved_value *value;
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
    int code = hone_resolving_compute(resolving, item->index, &value);
    if (code)
        return code;
    if (item->type == HONE_ARGUMENT_INT32 &&
        (value->integer < INT32_MIN || value->integer > INT32_MAX))
        return hone_resolving_fail_value(
            resolving, item->index, "the (int)", value->integer,
            "does not fit 32 bits: pass it without the cast, as int64_t");
    if (item->type == HONE_ARGUMENT_F32) {
        const float narrow = (float)value->real;
        memcpy(&out->word, &narrow, sizeof narrow);
    } else {
        memcpy(&out->word, &value->integer, sizeof out->word);
    }
    return 0;
}

static int resolve_dimensions(struct hone_resolving *resolving, const uint32_t *expressions,
                              const char *const what[3], const int64_t most[3],
                              const char *const limits[3], uint32_t out[3]) {
    for (uint32_t i = 0; i < 3; i++) {
        int64_t size = 1;
        int code = expressions[i] ? hone_resolving_integer(resolving, expressions[i], &size) : 0;
        if (code)
            return code;
        if (size < 1)
            return hone_resolving_fail_value(
                resolving, expressions[i], what[i], size,
                "must be at least 1: write max(1, ...), or put the launch between "
                "`if` and `end`");
        if (size > most[i])
            return hone_resolving_fail_value(resolving, expressions[i], what[i], size, limits[i]);
        out[i] = (uint32_t)size;
    }
    return 0;
}

/* The limits are CUDA's (Programming Guide, "Technical Specifications per Compute Capability"). */
static int resolve_launch(struct hone_resolving *resolving, const struct hone_plan_statement *from,
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
        return hone_resolving_fail_value(resolving, dimensions[3], "the block's number of threads",
                                         threads, "must be at most 1024");
    if (step->cluster[0] * step->cluster[1] * step->cluster[2] > CLUSTER_MAX)
        return hone_resolving_fail_at(resolving, dimensions[6], "a cluster has at most 8 blocks");
    for (uint32_t i = 0; i < 3; i++)
        if (step->grid[i] % step->cluster[i])
            return hone_resolving_fail_at(resolving, dimensions[6 + i],
                                          "the grid must be a multiple of the cluster");
    int64_t shared = 0;
    code = from->shared ? hone_resolving_integer(resolving, from->shared, &shared) : 0;
    if (!code && (shared < 0 || shared > resolving->plan->shared_most)) {
        char limit[80];
        snprintf(limit, sizeof limit, "must be from 0 to %" PRId64 " bytes on this device",
                 resolving->plan->shared_most);
        code = hone_resolving_fail_value(resolving, from->shared, "shared", shared, limit);
    }
    step->shared_bytes = (uint32_t)shared;
    return code;
}

static int add_argument(struct hone_resolving *resolving, const struct hone_plan_item *item) {
    struct hone_plan_argument *rows =
        hone_plan_grow(resolving->arguments, resolving->argument_count,
                       &resolving->argument_capacity, sizeof *resolving->arguments);
    if (!rows)
        return hone_fail(resolving->error, -ENOMEM, "out of memory for a plan");
    resolving->arguments = rows;
    return resolve_item(resolving, item, &rows[resolving->argument_count++]);
}

static int resolve_operator(struct hone_resolving *resolving,
                            const struct hone_plan_statement *from,
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
        return hone_resolving_fail(resolving, from->line, from->column, "%.300s",
                                   hidden ? "the operator cannot be run" : reason.text);
    for (uint32_t i = 0; i < from->item_count; i++)
        elements[i] = hone_resolving_elements(resolving, resolving->slots[items[i].index]);
    if (hone_plan_check_operands(&resolving->program->operations[from->entry], from->name,
                                 arguments, elements, hidden, &culprit, text))
        return hone_resolving_fail(resolving, from->line, items[culprit].column, "%s", text);
    return 0;
}

/* A step follows those of its kind in one go. */
static int add_to_segment(struct hone_resolving *resolving, const struct hone_plan_step *step,
                          uint32_t index) {
    struct hone_plan_program *program = resolving->program;
    const bool operators = step->kind == HONE_STEP_OP;
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

int hone_resolving_add_step(struct hone_resolving *resolving,
                            const struct hone_plan_statement *from) {
    struct hone_plan_program *program = resolving->program;
    const uint32_t first = resolving->argument_count, index = program->step_count;
    struct hone_plan_step step = {.kind = from->step,
                                  .entry = from->entry,
                                  .name = from->name,
                                  .line = from->line,
                                  .argument_count = from->item_count};
    if (index == HONE_PLAN_STEPS_MAX)
        return hone_resolving_fail(resolving, from->line, from->column,
                                   "more than %d steps in one call", HONE_PLAN_STEPS_MAX);
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
        return hone_resolving_fail(
            resolving, from->line, from->column,
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
