#include "core/gate_private.h"

#include "core/error.h"
#include "core/task_view.h"
#include "core/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LANGUAGE "cuda"

static bool is_emulated(const struct hone_gate *gate) {
    return gate->hardware.loaded.plugin->hardware->supports(gate->hardware.self, gate->device,
                                                            LANGUAGE) == HONE_EMULATED_LANGUAGE;
}

static uint32_t list_sources(const struct hone_task *view, struct hone_gate_source *sources) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->baseline_count; i++)
        if (!view->baselines[i].library)
            sources[count++] = (struct hone_gate_source){.name = view->baselines[i].name,
                                                         .text = view->baselines[i].source,
                                                         .language = LANGUAGE};
    for (uint32_t i = 0; i < view->file_count; i++)
        if (hone_task_is_wrong(view, view->files[i].name, LANGUAGE))
            sources[count++] = (struct hone_gate_source){
                .name = view->files[i].name, .text = view->files[i].text, .language = LANGUAGE};
    return count;
}

static int verify(const struct hone_gate_checking *check, const struct hone_task *view,
                  const struct hone_gate_source *source, struct hone_gate_emulated *out) {
    const struct hone_compiled *compiled = &source->compiled;
    out->verdict = compiled->verdict;
    snprintf(out->message, sizeof out->message, "%s", compiled->message);
    if (compiled->verdict)
        return 0;
    const struct hone_measure_request request = {
        .task = view,
        .candidate = {.bytes = compiled->image,
                      .size = compiled->image_bytes,
                      .plan = source->plan},
        .emulated = true,
        .stages = 1u << HONE_STAGE_VERIFY,
        .episode_seed = check->gate->seed,
        .debug_seed = check->gate->seed,
    };
    struct hone_measure_result result;
    int status = -EAGAIN;
    for (int attempt = 0; status == -EAGAIN && attempt < HONE_GATE_ATTEMPTS; attempt++)
        status = hone_measure(check->gate->meter, &request, &result, check->error);
    if (status)
        return status;
    out->verdict = result.verdict;
    snprintf(out->message, sizeof out->message, "%.500s", result.message);
    free(result.rows);
    return 0;
}

static int try_sources(const struct hone_gate_checking *check, const struct hone_task *view,
                       struct hone_gate_source *sources, uint32_t count) {
    struct hone_gate_report *report = check->report;
    int status = hone_gate_compile(check->gate, view, sources, count, check->error);
    for (uint32_t i = 0; !status && i < count; i++) {
        struct hone_gate_emulated *one = &report->emulated[report->emulated_count++];
        one->honest = strncmp(sources[i].name, "wrong/", 6) != 0;
        snprintf(one->code, sizeof one->code, "%s%s", sources[i].name, one->honest ? ".cu" : "");
        status = verify(check, view, &sources[i], one);
    }
    for (uint32_t i = 0; i < count; i++)
        hone_gate_source_finish(&sources[i]);
    return status;
}

int hone_gate_try_emulated(const struct hone_gate_checking *check) {
    if (!is_emulated(check->gate))
        return 0;
    struct hone_task *view = hone_task_view_create(check->task, LANGUAGE, true);
    if (!view)
        return -ENOMEM;
    const size_t most = view->baseline_count + view->file_count + 1;
    struct hone_gate_source *sources = calloc(most, sizeof *sources);
    check->report->emulated = calloc(most, sizeof *check->report->emulated);
    int status = sources && check->report->emulated ? 0 : -ENOMEM;
    if (!status)
        status = try_sources(check, view, sources, list_sources(view, sources));
    free(sources);
    hone_task_view_destroy(view);
    return status;
}
