#include "core/pipeline.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/evidence.h"
#include "core/rewards.h"
#include "core/task_graph.h"
#include "core/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One run of the pipeline, lent to its stages. */
struct run {
    const struct hone_pipeline *pipeline;
    struct hone_scorer *scorer;
    struct hone_step *step;
    struct hone_error *error;
};

static int end(struct hone_step *step, uint32_t verdict, uint32_t reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* An outcome: the step is over, and nothing failed. */
static int end(struct hone_step *step, uint32_t verdict, uint32_t reason, const char *format, ...) {
    step->verdict = verdict;
    step->reason = reason;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(step->message, sizeof step->message, format, arguments);
    va_end(arguments);
    return 0;
}

static bool is_known_option(const char *const *known, const char *word, size_t length) {
    for (; known && *known; known++)
        if (strlen(*known) == length && !memcmp(*known, word, length))
            return true;
    return false;
}

static int admit_options(struct run *run) {
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
            return end(step, HONE_REJECTED, HONE_REASON_OPTION,
                       "unknown option `%.*s`; a candidate in %s may choose from:%s", (int)length,
                       word, step->language, list);
        }
        word += length + (word[length] == ' ');
    }
    return 0;
}

static bool is_emulated(const struct run *run) {
    const struct hone_instance *hardware = run->pipeline->hardware;
    return hardware->loaded.plugin->hardware->supports(hardware->self, run->pipeline->device_index,
                                                       run->step->language) ==
           HONE_EMULATED_LANGUAGE;
}

/* What a plan comes to on one workload. 0 with the step ended, or a negative errno. */
static int try_plan(struct run *run, const struct hone_workload *workload) {
    struct hone_step *step = run->step;
    struct hone_plan_program *program;
    struct hone_error error;
    int code = hone_plan_resolve(step->plan, workload, &program, &error);
    if (code == -ENOMEM)
        return hone_fail(run->error, code, "%s", error.text);
    if (code)
        return end(step, HONE_REJECTED, HONE_REASON_PLAN, "%s", error.text);
    if (program->step_count > step->plan_steps)
        step->plan_steps = program->step_count;
    if (program->op_count > step->op_steps)
        step->op_steps = program->op_count;
    hone_plan_program_destroy(program);
    return 0;
}

/* The first operator of the plan that the device's library lacks; NULL: none. */
static const char *find_lacking(const struct run *run) {
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
static int admit_operators(const struct run *run) {
    const struct hone_pipeline *pipeline = run->pipeline;
    if (!hone_device_has(pipeline->hardware, pipeline->device_index, "operators"))
        return end(run->step, HONE_REJECTED, HONE_REASON_PLAN,
                   "device %s has no library of operators: write the plan without `op`",
                   pipeline->device.id);
    const char *lacking = find_lacking(run);
    if (lacking)
        return end(run->step, HONE_REJECTED, HONE_REASON_PLAN,
                   "the library of device %s has no operator `%s`: write this step yourself",
                   pipeline->device.id, lacking);
    if (is_emulated(run) && run->step->stages & 1u << HONE_STAGE_TIME)
        return end(run->step, HONE_REJECTED, HONE_REASON_PLAN,
                   "device %s emulates %s, and its operators do not run emulated: their time says "
                   "nothing beside that of an emulated baseline; write the plan without `op`, or "
                   "ask for no stage after verify",
                   pipeline->device.id, run->step->language);
    return 0;
}

/* On every workload that is shown, so that what is wrong with it comes before the compiler. */
static int admit_plan(struct run *run) {
    struct hone_step *step = run->step;
    const struct hone_task *task = step->task;
    struct hone_error error;
    int code = hone_plan_parse(task, step->language, step->source, step->source_bytes,
                               &run->pipeline->device, &step->plan, &error);
    if (code == -ENOMEM)
        return hone_fail(run->error, code, "%s", error.text);
    if (code)
        return end(step, HONE_REJECTED, HONE_REASON_PLAN, "%s", error.text);
    const uint32_t most = hone_measure_workspaces_most(task);
    if (hone_plan_workspace_count(step->plan) > most)
        return end(step, HONE_REJECTED, HONE_REASON_PLAN,
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

static int admit(struct run *run) {
    struct hone_step *step = run->step;
    const struct hone_pipeline *pipeline = run->pipeline;
    const struct hone_instance *hardware = pipeline->hardware;
    uint64_t most = (uint64_t)hone_settings_integer(pipeline->settings, "limits", "source_bytes");
    if (step->task->source_limit_bytes && step->task->source_limit_bytes < most)
        most = step->task->source_limit_bytes;
    if (*step->quarantined)
        return end(step, HONE_REJECTED, HONE_REASON_QUARANTINED,
                   "this source, byte for byte, is in quarantine since %s caught it: write another",
                   step->quarantined);
    if (step->source_bytes > most)
        return end(step, HONE_REJECTED, HONE_REASON_SOURCE_SIZE,
                   "the source has %llu bytes; at most %llu are accepted",
                   (unsigned long long)step->source_bytes, (unsigned long long)most);
    if (!step->source_bytes)
        return end(step, HONE_REJECTED, HONE_REASON_SOURCE_SIZE, "the source is empty");
    if (!hardware->loaded.plugin->hardware->supports(hardware->self, pipeline->device_index,
                                                     step->language))
        return end(step, HONE_REJECTED, HONE_REASON_LANGUAGE,
                   "language `%s` does not run on device %s; use `c`", step->language,
                   pipeline->device.id);
    if (step->stages & 1u << HONE_STAGE_TIME && !has_baseline(step->task, step->language))
        return end(step, HONE_REJECTED, HONE_REASON_LANGUAGE,
                   "task %s has no baseline in %s to time a candidate against; it can be verified "
                   "only (stages up to verify)",
                   step->task->id, step->language);
    int code = admit_options(run);
    if (code || step->verdict)
        return code;
    return admit_plan(run);
}

static struct hone_finding_list findings_of(struct hone_step *step) {
    return (struct hone_finding_list){step->findings, step->finding_count, HONE_FINDINGS_MAX,
                                      step->findings_lost};
}

/* Keep what a detector found; a finding that costs the step ends it with `verdict`. */
static int take_findings(struct run *run, int code, const struct hone_finding_list *list,
                         uint32_t verdict) {
    struct hone_step *step = run->step;
    if (code)
        return code;
    step->finding_count = list->count;
    step->findings_lost = list->lost;
    /* What an earlier stage found that costs the step has ended it there. */
    for (uint32_t i = 0; i < list->count && !step->verdict; i++)
        if (list->rows[i].severity >= HONE_ZERO)
            return end(step, verdict, HONE_REASON_FINDING, "%s: %s", list->rows[i].rule,
                       list->rows[i].text);
    return 0;
}

static int inspect_source(struct run *run) {
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
    end(step, HONE_TIMED_OUT, HONE_REASON_BUDGET,
        "the step used up what was left of its episode's budget of wall seconds");
    step->incomplete = true;
    return true;
}

static uint64_t lesser(uint64_t limit_ns, uint64_t other_ns) {
    return !limit_ns || (other_ns && other_ns < limit_ns) ? other_ns : limit_ns;
}

/* What its episode has left for a compiler; 0: no end. */
static uint64_t compile_budget(const struct hone_step *step) {
    const uint64_t now = hone_now_ns();
    const uint64_t wall_ns = !step->until_ns ? 0 : step->until_ns <= now ? 1 : step->until_ns - now;
    return lesser(step->compile_budget_ns, wall_ns);
}

/* A compiler that was ended since the episode allowed it no more. */
static void blame_budget(struct hone_step *step, bool allowed_less) {
    if (allowed_less && step->verdict == HONE_TIMED_OUT)
        end(step, HONE_TIMED_OUT, HONE_REASON_BUDGET,
            "the compiler used up what was left of its episode's budget of compile or wall "
            "seconds");
}

/* What does not compile for the hardware it is for is worth nothing there, however it does here. */
static int compile_natively(struct run *run, struct hone_compile_input *input) {
    struct hone_step *step = run->step;
    const struct hone_instance *backend = hone_native_backend(run->pipeline->native, step->stages);
    if (step->verdict || !backend || !is_emulated(run))
        return 0;
    struct hone_compiled compiled;
    input->device = HONE_NO_DEVICE;
    int code = hone_compile(run->pipeline->compile_cache, backend, input, &compiled, run->error);
    if (code)
        return code;
    step->native_image = compiled.image;
    step->native_image_bytes = compiled.image_bytes;
    compiled.image = NULL;
    step->incomplete |= compiled.incomplete;
    if (compiled.verdict) {
        free(step->diagnostics);
        step->diagnostics = compiled.diagnostics;
        compiled.diagnostics = NULL;
        end(step, compiled.verdict, compiled.reason, "for a GPU: %s", compiled.message);
    }
    hone_compiled_finish(&compiled);
    return 0;
}

static int compile(struct run *run) {
    struct hone_step *step = run->step;
    const struct hone_pipeline *pipeline = run->pipeline;
    hone_station_make_way(pipeline->station);
    const uint64_t budget_ns = compile_budget(step);
    const uint64_t limit_ns =
        (uint64_t)(hone_settings_real(pipeline->settings, "compile", "seconds") * 1e9);
    struct hone_compile_input input = {
        .task = step->task,
        .device = pipeline->device_index,
        .language = step->language,
        .source = step->source,
        .source_bytes = step->source_bytes,
        .options = step->options,
        .plan = step->plan,
        .limit_ns = lesser(limit_ns, budget_ns),
        .untimed = !(step->stages & (1u << HONE_STAGE_TIME | 1u << HONE_STAGE_PROFILE)),
        .cancel = &step->cancel,
    };
    struct hone_compiled compiled;
    int code =
        hone_compile(pipeline->compile_cache, pipeline->hardware, &input, &compiled, run->error);
    if (code)
        return code;
    step->diagnostics = compiled.diagnostics;
    compiled.diagnostics = NULL;
    step->image = compiled.image;
    step->image_bytes = compiled.image_bytes;
    compiled.image = NULL;
    step->incomplete |= compiled.incomplete;
    if (compiled.verdict)
        end(step, compiled.verdict, compiled.reason, "%s", compiled.message);
    hone_compiled_finish(&compiled);
    code = compile_natively(run, &input);
    blame_budget(step, budget_ns && budget_ns < limit_ns);
    return code;
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

static int inspect_image(struct run *run, const struct hone_instance *backend,
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

static int inspect_binary(struct run *run) {
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
static int measure(struct run *run) {
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
        .emulated = is_emulated(run),
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
        end(step, step->measured.verdict, step->measured.reason, "%s", step->measured.message);
    return 0;
}

static int inspect_run(struct run *run) {
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
        end(step, HONE_PASSED, HONE_REASON_NONE, "passed");
    else
        end(step, HONE_PARTIAL, HONE_REASON_NONE,
            "nothing failed in the stages that were asked for; not a final result");
}

static int score(struct run *run) {
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
    int (*run)(struct run *);
    bool always;
} stages[HONE_STAGE_COUNT] = {
    [HONE_STAGE_ADMIT] = {admit, false},     [HONE_STAGE_INSPECT_SOURCE] = {inspect_source, false},
    [HONE_STAGE_COMPILE] = {compile, false}, [HONE_STAGE_INSPECT_BINARY] = {inspect_binary, false},
    [HONE_STAGE_VERIFY] = {measure, false},  [HONE_STAGE_TIME] = {NULL, false},
    [HONE_STAGE_PROFILE] = {NULL, false},    [HONE_STAGE_INSPECT_RUN] = {inspect_run, true},
    [HONE_STAGE_SCORE] = {score, true},      [HONE_STAGE_OBSERVE] = {NULL, true},
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
    struct run run = {pipeline, scorer, step, error};
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
    end(step, verdict, reason, "%s", message);
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
