#include "core/gate_private.h"

#include "core/error.h"
#include "core/inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HIDDEN_DRAWS 4u /* of every hidden entry */

static bool is_input(const struct hone_arg *arg) {
    return hone_arg_is_tensor(arg) && arg->role != HONE_OUT;
}

static int draw_hidden(struct hone_gate_checking *check, uint32_t entry, uint32_t draw,
                       struct hone_gate_trial *trial) {
    static const uint8_t secret[32] = "the gate's own draws";
    const struct hone_task *task = check->task;
    uint64_t seed = hone_seed(secret, task->hash64, "hidden/axes", check->gate->seed,
                              entry * HIDDEN_DRAWS + draw);
    int status = hone_task_draw(task, entry, seed, &trial->workload);
    trial->workload.set = HONE_HIDDEN;
    snprintf(trial->name, sizeof trial->name, "hidden %u.%u", entry, draw);
    return status ? hone_fail(check->error, status,
                              "%s: hidden workload %u cannot be drawn: no axes satisfy the "
                              "constraints",
                              task->id, entry)
                  : 0;
}

int hone_gate_list_trials(struct hone_gate_checking *check) {
    const struct hone_task *task = check->task;
    struct hone_gate_report *report = check->report;
    const uint32_t count = 2 * task->workload_count + HIDDEN_DRAWS * task->hidden_count;
    report->trials = calloc(count + 1, sizeof *report->trials);
    check->floor_ns = calloc(count + 1, sizeof *check->floor_ns);
    check->seen.constant = calloc(count + 1, sizeof *check->seen.constant);
    check->seen.positive = calloc(count + 1, sizeof *check->seen.positive);
    if (!report->trials || !check->floor_ns || !check->seen.constant || !check->seen.positive)
        return -ENOMEM;
    for (uint32_t i = 0; i < task->workload_count; i++) {
        struct hone_gate_trial *trial = &report->trials[report->trial_count++];
        trial->workload = task->workloads[i];
        snprintf(trial->name, sizeof trial->name, "%s", task->workloads[i].id);
        if (!task->sample.axis_count || trial->workload.sampled ||
            trial->workload.set != HONE_BENCH)
            continue;
        struct hone_gate_trial *again = &report->trials[report->trial_count++];
        *again = *trial;
        again->again = again->workload.sampled = true;
        snprintf(again->name, sizeof again->name, "%s by samples", task->workloads[i].id);
    }
    int status = 0;
    for (uint32_t i = 0; !status && i < HIDDEN_DRAWS * task->hidden_count; i++)
        status = draw_hidden(check, i / HIDDEN_DRAWS, i % HIDDEN_DRAWS,
                             &report->trials[report->trial_count++]);
    for (uint32_t i = 0; i < report->trial_count; i++)
        check->floor_ns[i] = HONE_GATE_NEVER;
    return status;
}

int hone_gate_list_sources(struct hone_gate_checking *check) {
    const struct hone_task *task = check->task;
    const uint32_t floor = hone_task_floor(task);
    check->sources = calloc(task->baseline_count + task->file_count, sizeof *check->sources);
    if (!check->sources)
        return -ENOMEM;
    for (uint32_t i = 0; i < task->baseline_count; i++) {
        const struct hone_baseline *baseline = &task->baselines[i];
        struct hone_gate_source *source = &check->sources[check->source_count++];
        source->name = baseline->name;
        source->text = baseline->source;
        source->language = baseline->language;
        source->library = baseline->library;
        if (i == floor)
            check->floor = source;
    }
    for (uint32_t i = 0; i < task->file_count; i++) {
        if (hone_task_is_wrong(task, task->files[i].name, "c"))
            check->sources[check->source_count++] = (struct hone_gate_source){
                .name = task->files[i].name, .text = task->files[i].text, .language = "c"};
    }
    return 0;
}

static int add_row(struct hone_gate_checking *check, const char *code,
                   const struct hone_gate_plan *plan, bool honest, const char *target) {
    struct hone_gate_report *report = check->report;
    if (report->row_count == check->row_capacity) {
        const uint32_t capacity = check->row_capacity ? 2 * check->row_capacity : 32;
        struct hone_gate_row *rows = realloc(report->rows, capacity * sizeof *rows);
        report->rows = rows ? rows : report->rows;
        struct hone_gate_plan *plans =
            rows ? realloc(check->plans, capacity * sizeof *plans) : NULL;
        check->plans = plans ? plans : check->plans;
        if (!rows || !plans)
            return -ENOMEM;
        check->row_capacity = capacity;
    }
    struct hone_gate_row *row = &report->rows[report->row_count];
    *row = (struct hone_gate_row){.honest = honest};
    snprintf(row->code, sizeof row->code, "%s", code);
    snprintf(row->target, sizeof row->target, "%s", target);
    row->outcomes = calloc(report->trial_count + 1, 1);
    if (!row->outcomes)
        return -ENOMEM;
    check->plans[report->row_count++] = *plan;
    return 0;
}

static int add_computed(struct hone_gate_checking *check, const struct hone_gate_computed *computed,
                        uint32_t output) {
    const struct hone_task *task = check->task;
    struct hone_gate_plan plan = {.computed = computed, .output = output};
    char target[2 * HONE_NAME_SIZE + 8];
    if (computed->applies && !computed->applies(task, output))
        return 0;
    if (!(computed->flags & HONE_GATE_OF_INPUTS))
        return add_row(check, computed->code, &plan, false, task->args[output].name);
    int status = 0;
    for (plan.input = 0; !status && plan.input < task->arg_count; plan.input++) {
        if (!is_input(&task->args[plan.input]))
            continue;
        snprintf(target, sizeof target, "%s to %s", task->args[plan.input].name,
                 task->args[output].name);
        status = add_row(check, computed->code, &plan, false, target);
    }
    return status;
}

static int add_altered(struct hone_gate_checking *check, const struct hone_gate_altered *altered) {
    const struct hone_task *task = check->task;
    struct hone_gate_plan plan = {.altered = altered};
    if (altered->applies && !altered->applies(task))
        return 0;
    if (!(altered->flags & HONE_GATE_OF_INPUTS))
        return add_row(check, altered->code, &plan, false, "");
    int status = 0;
    for (plan.input = 0; !status && plan.input < task->arg_count; plan.input++)
        if (is_input(&task->args[plan.input]))
            status = add_row(check, altered->code, &plan, false, task->args[plan.input].name);
    return status;
}

/* Honest rows first: what they take is the limit of the others. */
int hone_gate_list_rows(struct hone_gate_checking *check) {
    int status = 0;
    for (uint32_t honest = 0; honest < 2; honest++) {
        for (uint32_t i = 0; !status && i < check->source_count; i++) {
            const struct hone_gate_plan plan = {.source = &check->sources[i]};
            const bool wrong = !strncmp(plan.source->name, "wrong/", 6);
            if (wrong == honest)
                status = add_row(check, plan.source->name, &plan, !wrong, "");
        }
        if (honest)
            break;
        for (uint32_t i = 0; i < check->task->arg_count; i++)
            for (uint32_t k = 0; hone_gate_computed[k].code && !status; k++)
                if (hone_arg_is_output(&check->task->args[i]))
                    status = add_computed(check, &hone_gate_computed[k], i);
        for (uint32_t k = 0; hone_gate_altered[k].code && !status; k++)
            status = add_altered(check, &hone_gate_altered[k]);
    }
    return status;
}
