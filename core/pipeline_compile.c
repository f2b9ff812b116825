/* The stage of compilers: for the device, and for the hardware that it emulates. */
#include "core/pipeline_private.h"

#include "core/clock.h"
#include "core/verdict.h"

#include <stdlib.h>

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
        hone_stage_end(
            step, HONE_TIMED_OUT, HONE_REASON_BUDGET,
            "the compiler used up what was left of its episode's budget of compile or wall "
            "seconds");
}

/* What does not compile for the hardware it is for is worth nothing there, however it does here. */
static int compile_natively(struct hone_stage_run *run, struct hone_compile_input *input) {
    struct hone_step *step = run->step;
    const struct hone_instance *backend = hone_native_backend(run->pipeline->native, step->stages);
    if (step->verdict || !backend || !hone_stage_emulates(run))
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
        hone_stage_end(step, compiled.verdict, compiled.reason, "for a GPU: %s", compiled.message);
    }
    hone_compiled_finish(&compiled);
    return 0;
}

int hone_stage_compile(struct hone_stage_run *run) {
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
        hone_stage_end(step, compiled.verdict, compiled.reason, "%s", compiled.message);
    hone_compiled_finish(&compiled);
    code = compile_natively(run, &input);
    blame_budget(step, budget_ns && budget_ns < limit_ns);
    return code;
}
