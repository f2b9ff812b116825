/* The first stage: whether a step is one at all, before anything is spent on it. */
#include "core/pipeline_private.h"

#include "core/error.h"
#include "core/task_graph.h"
#include "core/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_known_option(const char *const *known, const char *word, size_t length) {
    for (; known && *known; known++)
        if (strlen(*known) == length && !memcmp(*known, word, length))
            return true;
    return false;
}

static int admit_options(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    const struct hone_instance *hardware = run->pipeline->hardware;
    const char *const *known =
        hardware->loaded.plugin->hardware->options(hardware->self, step->language);
    for (const char *word = step->options; *word;) {
        size_t length = strcspn(word, " ");
        if (length && !is_known_option(known, word, length)) {
            char list[256] = "";
            size_t used = 0;
            for (const char *const *name = known; name && *name && used < sizeof list; name++)
                used += (size_t)snprintf(list + used, sizeof list - used, " %s", *name);
            return hone_stage_end(step, HONE_REJECTED, HONE_REASON_OPTION,
                                  "unknown option `%.*s`; a candidate in %s may choose from:%s",
                                  (int)length, word, step->language, list);
        }
        word += length + (word[length] == ' ');
    }
    return 0;
}

/* What a plan comes to on one workload. 0 with the step ended, or a negative errno. */
static int try_plan(struct hone_stage_run *run, const struct hone_workload *workload) {
    struct hone_step *step = run->step;
    struct hone_plan_program *program;
    struct hone_error error;
    int code = hone_plan_resolve(step->plan, workload, &program, &error);
    if (code == -ENOMEM)
        return hone_fail(run->error, code, "%s", error.text);
    if (code)
        return hone_stage_end(step, HONE_REJECTED, HONE_REASON_PLAN, "%s", error.text);
    if (program->step_count > step->plan_steps)
        step->plan_steps = program->step_count;
    if (program->op_count > step->op_steps)
        step->op_steps = program->op_count;
    hone_plan_program_destroy(program);
    return 0;
}

/* The first operator of the plan that the device's library lacks; NULL: none. */
static const char *find_lacking(const struct hone_stage_run *run) {
    const struct hone_instance *hardware = run->pipeline->hardware;
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    const struct hone_task *task = run->step->task;
    struct hone_task_operator op;
    if (!HONE_HAS(ops, has_operator))
        return NULL;
    for (uint32_t i = 0; i < hone_task_operator_count(task); i++) {
        hone_task_operator_at(task, i, &op);
        if (hone_plan_runs_operator(run->step->plan, i) &&
            !ops->has_operator(hardware->self, run->pipeline->device_index, op.operation))
            return op.operation;
    }
    return NULL;
}

/* Operators need a library; and native ones beside an emulated baseline would win whatever is
 * around them. */
static int admit_operators(const struct hone_stage_run *run) {
    const struct hone_pipeline *pipeline = run->pipeline;
    if (!hone_device_has(pipeline->hardware, pipeline->device_index, "operators"))
        return hone_stage_end(run->step, HONE_REJECTED, HONE_REASON_PLAN,
                              "device %s has no library of operators: write the plan without `op`",
                              pipeline->device.id);
    const char *lacking = find_lacking(run);
    if (lacking)
        return hone_stage_end(
            run->step, HONE_REJECTED, HONE_REASON_PLAN,
            "the library of device %s has no operator `%s`: write this step yourself",
            pipeline->device.id, lacking);
    if (hone_stage_emulates(run) && run->step->stages & 1u << HONE_STAGE_TIME)
        return hone_stage_end(
            run->step, HONE_REJECTED, HONE_REASON_PLAN,
            "device %s emulates %s, and its operators do not run emulated: their time says "
            "nothing beside that of an emulated baseline; write the plan without `op`, or "
            "ask for no stage after verify",
            pipeline->device.id, run->step->language);
    return 0;
}

/* On every workload that is shown, so that what is wrong with it comes before the compiler. */
static int admit_plan(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    const struct hone_task *task = step->task;
    struct hone_error error;
    int code = hone_plan_parse(task, step->language, step->source, step->source_bytes,
                               &run->pipeline->device, &step->plan, &error);
    if (code == -ENOMEM)
        return hone_fail(run->error, code, "%s", error.text);
    if (code)
        return hone_stage_end(step, HONE_REJECTED, HONE_REASON_PLAN, "%s", error.text);
    const uint32_t most = hone_measure_workspaces_most(task);
    if (hone_plan_workspace_count(step->plan) > most)
        return hone_stage_end(
            step, HONE_REJECTED, HONE_REASON_PLAN,
            "the plan has %u workspaces; for this task at most %u are accepted: put several "
            "into one",
            hone_plan_workspace_count(step->plan), most);
    for (uint32_t i = 0; step->plan && !code && !step->verdict && i < task->workload_count; i++)
        code = try_plan(run, &task->workloads[i]);
    if (!code && !step->verdict && step->op_steps)
        return admit_operators(run);
    return code;
}

static bool has_baseline(const struct hone_task *task, const char *language) {
    for (uint32_t i = 0; i < task->baseline_count + task->cuda_baseline_count; i++)
        if (strcmp(task->baselines[i].language, language) == 0)
            return true;
    return false;
}

int hone_stage_admit(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    const struct hone_pipeline *pipeline = run->pipeline;
    const struct hone_instance *hardware = pipeline->hardware;
    uint64_t most = (uint64_t)hone_settings_integer(pipeline->settings, "limits", "source_bytes");
    if (step->task->source_limit_bytes && step->task->source_limit_bytes < most)
        most = step->task->source_limit_bytes;
    if (*step->quarantined)
        return hone_stage_end(
            step, HONE_REJECTED, HONE_REASON_QUARANTINED,
            "this source, byte for byte, is in quarantine since %s caught it: write another",
            step->quarantined);
    if (step->source_bytes > most)
        return hone_stage_end(step, HONE_REJECTED, HONE_REASON_SOURCE_SIZE,
                              "the source has %llu bytes; at most %llu are accepted",
                              (unsigned long long)step->source_bytes, (unsigned long long)most);
    if (!step->source_bytes)
        return hone_stage_end(step, HONE_REJECTED, HONE_REASON_SOURCE_SIZE, "the source is empty");
    if (!hardware->loaded.plugin->hardware->supports(hardware->self, pipeline->device_index,
                                                     step->language))
        return hone_stage_end(step, HONE_REJECTED, HONE_REASON_LANGUAGE,
                              "language `%s` does not run on device %s; use `c`", step->language,
                              pipeline->device.id);
    if (step->stages & 1u << HONE_STAGE_TIME && !has_baseline(step->task, step->language))
        return hone_stage_end(
            step, HONE_REJECTED, HONE_REASON_LANGUAGE,
            "task %s has no baseline in %s to time a candidate against; it can be verified "
            "only (stages up to verify)",
            step->task->id, step->language);
    int code = admit_options(run);
    if (code || step->verdict)
        return code;
    return admit_plan(run);
}
