/* pipeline_private.h - what the files of the pipeline's stages share; nobody else includes it. */
#ifndef HONE_PIPELINE_PRIVATE_H
#define HONE_PIPELINE_PRIVATE_H

#include "core/pipeline.h"

/* One run of the pipeline, lent to its stages. */
struct hone_stage_run {
    const struct hone_pipeline *pipeline;
    struct hone_scorer *scorer;
    struct hone_step *step;
    struct hone_error *error;
};

/* An outcome: the step is over, and nothing failed. 0. */
int hone_stage_end(struct hone_step *step, uint32_t verdict, uint32_t reason, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));
bool hone_stage_emulates(const struct hone_stage_run *run);

/* 0, whatever became of the step, or a negative errno: the environment failed. */
int hone_stage_admit(struct hone_stage_run *run);   /* pipeline_admit.c */
int hone_stage_compile(struct hone_stage_run *run); /* pipeline_compile.c */

#endif
