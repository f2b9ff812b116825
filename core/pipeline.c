#include "core/pipeline_private.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/evidence.h"
#include "core/rewards.h"
#include "core/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hone_stage_end(struct hone_step *step, uint32_t verdict, uint32_t reason, const char *format,
                   ...) {
    step->verdict = verdict;
    step->reason = reason;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(step->message, sizeof step->message, format, arguments);
    va_end(arguments);
    return 0;
}

bool hone_stage_emulates(const struct hone_stage_run *run) {
    const struct hone_instance *hardware = run->pipeline->hardware;
    return hardware->loaded.plugin->hardware->supports(hardware->self, run->pipeline->device_index,
                                                       run->step->language) ==
           HONE_EMULATED_LANGUAGE;
}

static struct hone_finding_list findings_of(struct hone_step *step) {
    return (struct hone_finding_list){step->findings, step->finding_count, HONE_FINDINGS_MAX,
                                      step->findings_lost};
}

/* Keep what a detector found; a finding that costs the step ends it with `verdict`. */
static int take_findings(struct hone_stage_run *run, int code, const struct hone_finding_list *list,
                         uint32_t verdict) {
    struct hone_step *step = run->step;
    if (code)
        return code;
    step->finding_count = list->count;
    step->findings_lost = list->lost;
    /* What an earlier stage found that costs the step has ended it there. */
    for (uint32_t i = 0; i < list->count && !step->verdict; i++)
        if (list->rows[i].severity >= HONE_ZERO)
            return hone_stage_end(step, verdict, HONE_REASON_FINDING, "%s: %s", list->rows[i].rule,
                                  list->rows[i].text);
    return 0;
}

static int inspect_source(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    struct hone_finding_list list = findings_of(step);
    int code = hone_scorer_inspect_source(run->scorer, step->task->id, step->language, step->source,
                                          step->source_bytes, &list, run->error);
    return take_findings(run, code, &list, HONE_POLICY_VIOLATION);
}

/* Has the episode this step belongs to no time left? Then the step is over. */
static bool is_late(struct hone_step *step) {
    if (step->verdict || !step->until_ns || hone_now_ns() < step->until_ns)
        return false;
    hone_stage_end(step, HONE_TIMED_OUT, HONE_REASON_BUDGET,
                   "the step used up what was left of its episode's budget of wall seconds");
    step->incomplete = true;
    return true;
}

/* The kernels that a plan launches, separated by spaces. The caller frees; NULL: no memory. */
static char *list_kernels(const struct hone_plan *plan) {
    uint32_t count;
    size_t bytes = 1;
    const struct hone_plan_entry *entries = hone_plan_entries(plan, &count);
    for (uint32_t i = 0; i < count; i++)
        bytes += strlen(entries[i].name) + 1;
    char *list = malloc(bytes), *end = list;
    if (!list)
        return NULL;
    *list = '\0';
    for (uint32_t i = 0; i < count; i++)
        if (entries[i].kind == HONE_STEP_LAUNCH)
            end += sprintf(end, "%s%s", end == list ? "" : " ", entries[i].name);
    return list;
}

static int inspect_image(struct hone_stage_run *run, const struct hone_instance *backend,
                         struct hone_built *built) {
    struct hone_step *step = run->step;
    const struct hone_hardware_ops *ops = backend->loaded.plugin->hardware;
    struct hone_finding_list list = findings_of(step);
    built->task = step->task->id;
    built->language = step->language;
    built->entries = step->kernels;
    int code = HONE_HAS(ops, listing)
                   ? ops->listing(backend->self, built->image, built->image_bytes, &built->listing,
                                  &built->listing_bytes)
                   : 0;
    if (code)
        return hone_fail(run->error, code, "%s: cannot read the image that it made",
                         backend->loaded.plugin->name);
    code = hone_scorer_inspect_binary(run->scorer, built, &list, run->error);
    return take_findings(run, code, &list, HONE_POLICY_VIOLATION);
}

static int inspect_binary(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    step->kernels = step->plan ? list_kernels(step->plan) : NULL;
    if (step->plan && !step->kernels)
        return hone_fail(run->error, -ENOMEM, "no memory for the names of a plan's kernels");
    struct hone_built built = {.image = step->image, .image_bytes = step->image_bytes};
    int code = inspect_image(run, run->pipeline->hardware, &built);
    step->listing = built.listing;
    step->listing_bytes = built.listing_bytes;
    if (code || step->verdict || !step->native_image)
        return code;
    struct hone_built native = {.image = step->native_image,
                                .image_bytes = step->native_image_bytes};
    code = inspect_image(run, hone_native_backend(run->pipeline->native, step->stages), &native);
    step->native_listing = native.listing;
    step->native_listing_bytes = native.listing_bytes;
    return code;
}

/* Verify and time in one turn at the device: another candidate in between would gain nothing. */
static int measure(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    const struct hone_pipeline *pipeline = run->pipeline;
    struct hone_measure_request request = {
        .candidate = {.bytes = step->image, .size = step->image_bytes, .plan = step->plan},
        .stages = step->stages &
                  (1u << HONE_STAGE_VERIFY | 1u << HONE_STAGE_TIME | 1u << HONE_STAGE_PROFILE),
        .episode_seed = step->episode_seed,
        .debug_seed = step->debug_seed,
        .needs = step->stages & 1u << HONE_STAGE_INSPECT_RUN ? pipeline->needs : 0,
        .advised = pipeline->advised,
        .emulated = hone_stage_emulates(run),
        .budget_ns = step->device_budget_ns,
        .until_ns = step->until_ns,
        .confirm = step->flags & HONE_STEP_CONFIRM,
        .profile = (step->flags & HONE_STEP_PROFILE || pipeline->needs & HONE_NEED_PROFILE) &&
                   step->stages & 1u << HONE_STAGE_PROFILE,
        .cancel = &step->cancel,
    };
    int code = hone_baselines_get(pipeline->baselines, step->task, step->language, request.emulated,
                                  &step->view, request.baselines, run->error);
    if (code)
        return code;
    request.task = step->view;
    code = hone_station_measure(pipeline->station, &request, &step->measured, run->error);
    if (code)
        return code;
    step->incomplete |= step->measured.incomplete;
    step->device_ns = step->measured.spent_ns;
    if (step->measured.verdict)
        hone_stage_end(step, step->measured.verdict, step->measured.reason, "%s",
                       step->measured.message);
    return 0;
}

static int inspect_run(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    int code = hone_evidence_build(step, &run->pipeline->device);
    if (code)
        return code;
    struct hone_finding_list list = findings_of(step);
    code = hone_scorer_inspect_run(run->scorer, step->evidence, &list, run->error);
    return take_findings(run, code, &list, HONE_HACKED);
}

/* What the stages in the mask add up to when nothing objected. */
static void conclude(struct hone_step *step) {
    const uint32_t needed =
        1u << HONE_STAGE_VERIFY | 1u << HONE_STAGE_TIME | 1u << HONE_STAGE_INSPECT_RUN;
    if (step->verdict)
        return;
    if ((step->stages_ran & needed) == needed)
        hone_stage_end(step, HONE_PASSED, HONE_REASON_NONE, "passed");
    else
        hone_stage_end(step, HONE_PARTIAL, HONE_REASON_NONE,
                       "nothing failed in the stages that were asked for; not a final result");
}

static int score(struct hone_stage_run *run) {
    struct hone_step *step = run->step;
    conclude(step);
    int code = hone_evidence_build(step, &run->pipeline->device);
    return code ? code : hone_rewards_score(run->pipeline->rewards, run->scorer, step, run->error);
}

/* The stages, in the order of enum hone_stage. One without a function passes through: timing and
 * profiling are done in verify's turn at the device, and observing is the front's (feedback.c
 * renders the text). `always` stages run whatever the verdict; inspecting a run is worth it for
 * wrong and crashed ones too. */
static const struct stage {
    int (*run)(struct hone_stage_run *);
    bool always;
} stages[HONE_STAGE_COUNT] = {
    [HONE_STAGE_ADMIT] = {hone_stage_admit, false},
    [HONE_STAGE_INSPECT_SOURCE] = {inspect_source, false},
    [HONE_STAGE_COMPILE] = {hone_stage_compile, false},
    [HONE_STAGE_INSPECT_BINARY] = {inspect_binary, false},
    [HONE_STAGE_VERIFY] = {measure, false},
    [HONE_STAGE_TIME] = {NULL, false},
    [HONE_STAGE_PROFILE] = {NULL, false},
    [HONE_STAGE_INSPECT_RUN] = {inspect_run, true},
    [HONE_STAGE_SCORE] = {score, true},
    [HONE_STAGE_OBSERVE] = {NULL, true},
};

/* A stage needs what the ones before it made. */
static bool is_due(const struct hone_step *step, uint32_t index) {
    const struct stage *stage = &stages[index];
    if (index == HONE_STAGE_ADMIT || index >= HONE_STAGE_SCORE)
        return stage->always || !step->verdict;
    if (!(step->stages & 1u << index))
        return false;
    if (index == HONE_STAGE_INSPECT_RUN)
        return step->measured.row_count > 0;
    if (step->verdict && !stage->always)
        return false;
    return index <= HONE_STAGE_COMPILE || step->image;
}

/* The device was held once, for four stages: probes are inspection. */
static void divide_measuring(struct hone_step *step) {
    const struct hone_measure_result *measured = &step->measured;
    step->stage_ns[HONE_STAGE_VERIFY] -=
        measured->time_ns + measured->probe_ns + measured->profile_ns;
    step->stage_ns[HONE_STAGE_TIME] = measured->time_ns;
    step->stage_ns[HONE_STAGE_PROFILE] = measured->profile_ns;
}

int hone_pipeline_run(const struct hone_pipeline *pipeline, struct hone_scorer *scorer,
                      struct hone_step *step, struct hone_error *error) {
    struct hone_stage_run run = {pipeline, scorer, step, error};
    for (uint32_t i = 0; i < HONE_STAGE_COUNT; i++) {
        if ((i == HONE_STAGE_COMPILE || i == HONE_STAGE_VERIFY) && is_late(step))
            continue;
        if (!is_due(step, i))
            continue;
        atomic_store_explicit(&step->stage, i, memory_order_relaxed);
        if (!stages[i].run) {
            step->stages_ran |= 1u << i;
            continue;
        }
        uint64_t began = hone_now_ns();
        int code = stages[i].run(&run);
        if (code)
            return code;
        if (atomic_load_explicit(&step->cancel, memory_order_relaxed) && i < HONE_STAGE_SCORE)
            return hone_fail(error, -ECANCELED, "cancelled");
        step->stages_ran |= 1u << i;
        step->stage_ns[i] = hone_now_ns() - began;
        if (i == HONE_STAGE_INSPECT_RUN)
            step->stage_ns[i] += step->measured.probe_ns;
        if (i == HONE_STAGE_VERIFY)
            divide_measuring(step);
    }
    memcpy(step->evidence->stage_ns, step->stage_ns, sizeof step->stage_ns);
    step->evidence->stages = step->stages_ran;
    return 0;
}

void hone_pipeline_rewind(struct hone_step *step) {
    free(step->diagnostics);
    free(step->image);
    free(step->native_image);
    free(step->kernels);
    hone_plan_destroy(step->plan);
    free(step->measured.rows);
    free(step->measured.probes);
    free(step->measured.profile);
    free(step->measured.counters);
    step->plan = NULL;
    step->plan_steps = step->op_steps = 0;
    step->diagnostics = NULL;
    step->image = step->native_image = NULL;
    step->kernels = NULL;
    step->listing = step->native_listing = NULL;
    step->image_bytes = 0;
    hone_evidence_clear(step->evidence);
    step->measured = (struct hone_measure_result){0};
    step->verdict = step->reason = 0;
    step->message[0] = 0;
    step->finding_count = step->findings_lost = 0;
    step->stages_ran = 0;
    step->incomplete = step->cached = false;
    step->repeats = step->device_ns = 0;
    memset(step->stage_ns, 0, sizeof step->stage_ns);
}

void hone_pipeline_fail(const struct hone_pipeline *pipeline, struct hone_scorer *scorer,
                        struct hone_step *step, uint32_t verdict, uint32_t reason,
                        const char *message) {
    hone_pipeline_rewind(step);
    hone_stage_end(step, verdict, reason, "%s", message);
    step->incomplete = true;
    struct hone_error error = {""};
    if (hone_evidence_build(step, &pipeline->device) ||
        hone_rewards_score(pipeline->rewards, scorer, step, &error)) {
        step->verdict = HONE_INFRA_FAILED;
        step->reason = HONE_REASON_SYSTEM;
        step->reward = NAN;
    }
    step->evidence->verdict = step->verdict;
    step->evidence->reason = step->reason;
}
