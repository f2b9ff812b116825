/* pipeline.h - one step: ten stages in a row, on a worker's thread.
 *
 * A stage returns 0, and ends the step by setting its verdict, or a negative errno: the environment
 * failed, and the caller tries again or reports infra_failed.
 */
#ifndef HONE_CORE_PIPELINE_H
#define HONE_CORE_PIPELINE_H

#include "core/baselines.h"
#include "core/compile.h"
#include "core/native.h"
#include "core/scorer.h"
#include "core/settings.h"
#include "core/station.h"
#include "core/step.h"

/* What the stages work with; shared by all workers, constant while they run. */
struct hone_pipeline {
    const struct hone_settings *settings;
    const struct hone_instance *hardware;
    uint32_t device_index;
    struct hone_device device;
    struct hone_compile_cache *compile_cache;
    struct hone_native *native; /* NULL: what is emulated is compiled for that alone */
    struct hone_baselines *baselines;
    struct hone_station *station;
    const struct hone_rewards *rewards;
    uint32_t needs, advised; /* enum hone_need: what detectors need; of it, for audits alone */
};

/* Run all stages of the step's mask. 0: the step has a verdict, evidence and a reward. `scorer` is
 * this worker's own. */
int hone_pipeline_run(const struct hone_pipeline *pipeline, struct hone_scorer *scorer,
                      struct hone_step *step, struct hone_error *error);

/* Give up: the step ends infra_failed (or as told), with complete evidence and no reward. */
void hone_pipeline_fail(const struct hone_pipeline *pipeline, struct hone_scorer *scorer,
                        struct hone_step *step, uint32_t verdict, uint32_t reason,
                        const char *message);

/* Forget what an attempt left, before the next one. */
void hone_pipeline_rewind(struct hone_step *step);

#endif
