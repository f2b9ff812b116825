#include "core/plan_private.h"

#include "core/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORE_SPARE 4096u /* for the implied step */

static void add_names(struct hone_plan *plan, const struct hone_device *device) {
    const struct hone_name of_device[PLAN_DEVICE_NAMES] = {
        {.name = "SM_COUNT", .integer = device ? device->sm_count : 0},
        {.name = "WARP_SIZE", .integer = device ? device->warp_size : 0},
        {.name = "MAX_SHARED", .integer = device ? device->max_shared_bytes : 0},
        {.name = "L2_BYTES", .integer = device ? device->l2_bytes : 0},
    };
    for (uint32_t i = 0; i < plan->task->axis_count; i++)
        plan->names[plan->name_count++] = (struct hone_name){.name = plan->task->axes[i].name};
    memcpy(plan->names + plan->name_count, of_device, sizeof of_device);
    plan->constants = plan->name_count += PLAN_DEVICE_NAMES;
    plan->shared_most =
        device && device->max_shared_bytes > 0 ? device->max_shared_bytes : PLAN_SHARED_DEFAULT;
}

static int parse(const struct hone_task *task, const char *language, const char *source,
                 uint64_t source_bytes, bool calls_library, const struct hone_device *device,
                 struct hone_plan **out, struct hone_error *error) {
    *out = NULL;
    struct hone_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return hone_fail(error, -ENOMEM, "out of memory for a plan");
    plan->task = task;
    plan->is_cuda = strcmp(language, "cuda") == 0;
    plan->file = plan->is_cuda ? "solve.cu" : "solve.c";
    plan->operators_within = device && device->flags & HONE_DEVICE_OPERATORS_WITHIN;
    plan->calls_library = calls_library;
    plan->expression_count = 1;
    plan->expression_capacity = 32;
    plan->expressions = calloc(plan->expression_capacity, sizeof *plan->expressions);
    plan->store_bytes = 2 * source_bytes + STORE_SPARE;
    plan->store = malloc(plan->store_bytes);
    add_names(plan, device);
    int code = plan->store && plan->expressions
                   ? hone_plan_read(plan, source, source + source_bytes, error)
                   : hone_fail(error, -ENOMEM, "out of memory for a plan");
    if (code || plan->statement_count == 0)
        hone_plan_destroy(plan);
    else
        *out = plan;
    return code;
}

int hone_plan_parse(const struct hone_task *task, const char *language, const char *source,
                    uint64_t source_bytes, const struct hone_device *device, struct hone_plan **out,
                    struct hone_error *error) {
    return parse(task, language, source, source_bytes, false, device, out, error);
}

int hone_plan_parse_baseline(const struct hone_task *task, const struct hone_baseline *baseline,
                             const struct hone_device *device, struct hone_plan **out,
                             struct hone_error *error) {
    return parse(task, baseline->language, baseline->source, strlen(baseline->source),
                 baseline->library != NULL, device, out, error);
}

void hone_plan_destroy(struct hone_plan *plan) {
    if (!plan)
        return;
    for (uint32_t i = 0; i < plan->entry_count; i++)
        free((void *)plan->entries[i].arguments);
    free(plan->expressions);
    free(plan->items);
    free(plan->statements);
    free(plan->store);
    free(plan);
}

const struct hone_plan_entry *hone_plan_entries(const struct hone_plan *plan, uint32_t *count) {
    *count = plan ? plan->entry_count : 0;
    return plan ? plan->entries : NULL;
}

bool hone_plan_runs_operator(const struct hone_plan *plan, uint32_t index) {
    for (uint32_t i = 0; i < plan->statement_count; i++)
        if (plan->statements[i].kind == PLAN_STEP && plan->statements[i].step == HONE_STEP_OP &&
            plan->statements[i].entry == index)
            return true;
    return false;
}

uint32_t hone_plan_workspace_count(const struct hone_plan *plan) {
    return plan ? plan->workspace_count : 0;
}

const char *hone_plan_workspace_name(const struct hone_plan *plan, uint32_t index) {
    return plan->workspaces[index].name;
}
