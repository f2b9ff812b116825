/* A plan under one workload: its control statements are walked, and steps come out in order. */
#include "core/plan_resolve.h"

#include "core/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALKED_MAX (16u * HONE_PLAN_STEPS_MAX) /* statements, those of repeats each time */
int hone_resolving_fail(const struct hone_resolving *resolving, uint32_t line, uint32_t column,
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

int hone_resolving_fail_at(const struct hone_resolving *resolving, uint32_t index,
                           const char *what) {
    const struct hone_plan_expression *at = &resolving->plan->expressions[index];
    return hone_resolving_fail(resolving, at->line, at->column, "%s", what);
}

int hone_resolving_fail_value(const struct hone_resolving *resolving, uint32_t index,
                              const char *what, int64_t value, const char *limit) {
    const struct hone_plan_expression *at = &resolving->plan->expressions[index];
    if (resolving->workload->set == HONE_HIDDEN)
        return hone_resolving_fail(resolving, at->line, at->column, "%s %s", what, limit);
    return hone_resolving_fail(resolving, at->line, at->column, "%s is %" PRId64 ": %s", what,
                               value, limit);
}

int hone_resolving_compute(struct hone_resolving *resolving, uint32_t index,
                           struct hone_resolved_value **out) {
    const struct hone_plan_expression *expression = &resolving->plan->expressions[index];
    const struct hone_names names = {resolving->names, resolving->plan->name_count};
    struct hone_resolved_value *value = *out = &resolving->values[index];
    struct hone_error reason;
    uint32_t column = 1;
    if (value->known)
        return 0;
    if (expression->is_real
            ? hone_expression_real_part(expression->text, &names, &value->real, &column, &reason)
            : hone_expression_integer_part(expression->text, &names, &value->integer, &column,
                                           &reason))
        return hone_resolving_fail(resolving, expression->line, expression->column + column - 1,
                                   "%.300s", reason.text);
    value->known = true;
    return 0;
}

int hone_resolving_integer(struct hone_resolving *resolving, uint32_t index, int64_t *number) {
    struct hone_resolved_value *value;
    int code = hone_resolving_compute(resolving, index, &value);
    *number = code ? 0 : value->integer;
    return code;
}

int64_t hone_resolving_elements(const struct hone_resolving *resolving, uint32_t slot) {
    if (slot < HONE_ARGS_MAX)
        return hone_task_shape(resolving->plan->task, resolving->workload, slot, NULL);
    return resolving->program->workspaces[slot - HONE_ARGS_MAX].count;
}

/* ---- workspaces ---- */

static int resolve_workspaces(struct hone_resolving *resolving, struct hone_plan_workspace *rows) {
    const struct hone_plan *plan = resolving->plan;
    const uint64_t most = hone_task_workspace(plan->task, resolving->workload);
    uint64_t left = most;
    for (uint32_t i = 0; i < plan->workspace_count; i++) {
        const struct hone_plan_scratch *from = &plan->workspaces[i];
        const uint32_t element = hone_dtype_bytes(from->dtype);
        int64_t count;
        int code = hone_resolving_integer(resolving, from->count, &count);
        if (code)
            return code;
        if (count < 0)
            return hone_resolving_fail_value(resolving, from->count, "the number of elements",
                                             count, "must not be below 0");
        if ((uint64_t)count > left / element) {
            char text[128];
            snprintf(text, sizeof text, "the workspaces of a call have %" PRIu64 " bytes in all",
                     most);
            return resolving->workload->set == HONE_HIDDEN
                       ? hone_resolving_fail_at(resolving, from->count, "too much memory")
                       : hone_resolving_fail_at(resolving, from->count, text);
        }
        const uint64_t bytes = (uint64_t)count * element;
        left -= bytes;
        rows[i] = (struct hone_plan_workspace){from->name, from->dtype, count, bytes, from->zero};
    }
    return 0;
}

/* ---- control ---- */

static int swap(struct hone_resolving *resolving, const struct hone_plan_statement *statement) {
    uint32_t *first = &resolving->slots[statement->first];
    uint32_t *second = &resolving->slots[statement->second];
    if (hone_resolving_elements(resolving, *first) != hone_resolving_elements(resolving, *second))
        return hone_resolving_fail(resolving, statement->line, statement->column,
                                   "only memory of the same size can be swapped");
    const uint32_t kept = *first;
    *first = *second;
    *second = kept;
    return 0;
}

/* Which statement is next. */
static int walk_statement(struct hone_resolving *resolving, uint32_t *next) {
    const struct hone_plan_statement *statement = &resolving->plan->statements[*next];
    int64_t number = 0;
    int code = 0;
    ++*next;
    switch (statement->kind) {
    case PLAN_STEP:
        return hone_resolving_add_step(resolving, statement);
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
        code = hone_resolving_integer(resolving, statement->condition, &number);
        if (!number)
            *next = statement->target;
        return code;
    default: /* PLAN_REPEAT */
        code = hone_resolving_integer(resolving, statement->condition, &number);
        if (!code && number < 0)
            return hone_resolving_fail_value(resolving, statement->condition,
                                             "the number of repeats", number,
                                             "must not be below 0");
        resolving->left[statement->level] = number;
        if (!number)
            *next = statement->target;
        return code;
    }
}

static int walk(struct hone_resolving *resolving) {
    const struct hone_plan *plan = resolving->plan;
    uint32_t next = 0, walked = 0;
    while (next < plan->statement_count) {
        const struct hone_plan_statement *statement = &plan->statements[next];
        if (walked++ == WALKED_MAX)
            return hone_resolving_fail(resolving, statement->line, statement->column,
                                       "the plan repeats too much: more than %u lines in one call",
                                       WALKED_MAX);
        int code = walk_statement(resolving, &next);
        if (code)
            return code;
    }
    if (resolving->program->step_count == 0)
        return hone_resolving_fail(resolving, plan->statements[0].line, plan->statements[0].column,
                                   "the plan has no step");
    return 0;
}

static void prepare_names(struct hone_resolving *resolving) {
    const struct hone_plan *plan = resolving->plan;
    memcpy(resolving->names, plan->names, sizeof resolving->names);
    for (uint32_t i = 0; i < plan->task->axis_count; i++)
        resolving->names[i].integer = resolving->workload->axes[i];
    for (uint32_t i = 0; i < PLAN_SLOTS_MAX; i++)
        resolving->slots[i] = i;
}

/* Arguments may have moved while they grew. */
static void tie_arguments(struct hone_resolving *resolving) {
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
    struct hone_resolving resolving = {.plan = plan, .workload = workload, .error = error};
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
