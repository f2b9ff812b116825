/* step.h - one step on its way from source text to observation.
 *
 * Legal transitions of `state`: new -> queued (hone_engine_submit) -> running (a worker) -> done (a
 * worker) -> collected (hone_engine_collect, on the submitter's thread). Fields are the submitter's
 * before `queued` and after `collected`, the worker's in between; `cancel` is anybody's.
 */
#ifndef HONE_CORE_STEP_H
#define HONE_CORE_STEP_H

#include "core/measure.h"
#include "core/plan.h"
#include "core/scorer.h"
#include "core/task.h"

#include <stdatomic.h>

#define HONE_REWARDS_MAX 16
#define HONE_FINDINGS_MAX 64

enum hone_step_flag {
    HONE_STEP_FORCE = 1u << 0, /* do not answer from the result cache */
    HONE_STEP_PROFILE = 1u << 1,
    HONE_STEP_CONFIRM = 1u << 2,
    HONE_STEP_LAST = 1u << 3, /* the agent ends its episode with it */
};

struct hone_step {
    /* What is asked. */
    const struct hone_task *task;
    const struct hone_task *view; /* of the task, once it is measured; NULL before */
    char language[16];
    char options[128];
    char *source; /* owned; NUL-terminated */
    uint64_t source_bytes;
    uint32_t stages; /* mask */
    uint32_t flags;  /* enum hone_step_flag */
    uint32_t turn, turns;
    uint64_t group;
    uint64_t episode_seed, debug_seed;
    /* What its episode has left for it: of a compiler's and of the device's time, and until when on
     * CLOCK_MONOTONIC; 0: no end. */
    uint64_t compile_budget_ns, device_budget_ns, until_ns;
    double parent_kernel_ns, parent_speedup, best_kernel_ns, best_speedup; /* NaN: none */
    double parent_coverage, parent_roofline_fraction;

    /* How it went. */
    uint32_t verdict, reason;
    char message[1024];
    char *diagnostics;              /* of the compiler; owned; may be NULL */
    struct hone_evidence *evidence; /* owned; never NULL; complete whatever the verdict */
    double reward;                  /* NaN for infra_failed */
    double parts[HONE_REWARDS_MAX];
    char quarantined[HONE_NAME_SIZE]; /* the rule this candidate is rejected for; empty: none */
    bool cached, incomplete;
    uint64_t device_ns; /* what it is charged for measuring */
    uint64_t repeats;   /* when cached: the id of the step first measured */
    uint64_t id;        /* given by the submitter; 0 if it keeps none */

    /* While it runs. */
    struct hone_plan *plan;        /* NULL: none */
    uint32_t plan_steps, op_steps; /* of one call, the most over the shown workloads */
    void *image;                   /* what the compiler made */
    uint64_t image_bytes;
    void *native_image; /* of an emulated one, what it is on a GPU; NULL: not known */
    uint64_t native_image_bytes;
    const char *listing, *native_listing; /* in the images; NULL: none */
    uint64_t listing_bytes, native_listing_bytes;
    char *kernels; /* that the plan launches, separated by spaces; owned; NULL: no plan */
    struct hone_measure_result measured;
    struct hone_finding findings[HONE_FINDINGS_MAX];
    uint32_t finding_count, findings_lost;
    uint64_t stage_ns[HONE_STAGE_COUNT];
    uint32_t stages_ran;
    atomic_uint stage; /* the one running now: progress, for anybody */
    atomic_int cancel;

    void (*done)(void *context, struct hone_step *step); /* on the submitter's thread */
    void *context;
    struct hone_step *next; /* queues */
};

struct hone_step *hone_step_create(const struct hone_task *task, const char *language,
                                   const char *source, uint64_t source_bytes);
void hone_step_destroy(struct hone_step *step);

#endif
