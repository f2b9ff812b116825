#include "core/step.h"

#include "core/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct hone_step *hone_step_create(const struct hone_task *task, const char *language,
                                   const char *source, uint64_t source_bytes) {
    struct hone_step *step = calloc(1, sizeof *step);
    if (!step)
        return NULL;
    step->source = malloc(source_bytes + 1);
    step->evidence = calloc(1, sizeof *step->evidence);
    if (!step->source || !step->evidence) {
        hone_step_destroy(step);
        return NULL;
    }
    hone_evidence_clear(step->evidence);
    memcpy(step->source, source, source_bytes);
    step->source[source_bytes] = 0;
    step->source_bytes = source_bytes;
    step->task = task;
    size_t length = strnlen(language, sizeof step->language - 1);
    memcpy(step->language, language, length);
    step->stages = (1u << HONE_STAGE_COUNT) - 1;
    step->turn = 1;
    step->parent_kernel_ns = step->parent_speedup = NAN;
    step->parent_coverage = step->parent_roofline_fraction = NAN;
    step->best_kernel_ns = step->best_speedup = NAN;
    step->reward = NAN;
    return step;
}

void hone_step_destroy(struct hone_step *step) {
    if (!step)
        return;
    free(step->source);
    free(step->diagnostics);
    free(step->evidence);
    free(step->image);
    free(step->native_image);
    free(step->kernels);
    hone_plan_destroy(step->plan);
    free(step->measured.rows);
    free(step->measured.probes);
    free(step->measured.profile);
    free(step->measured.counters);
    free(step);
}
