/* measure.h - run a candidate on its workloads: verify, then time against a baseline.
 *
 * One device measures one candidate at a time, on one thread that is pinned to the device's
 * measuring core. Every measured call gets inputs new to its process, poisoned outputs, and a check
 * of what it wrote (core/judge.h). Candidate and baseline are timed in pairs, in random order, in
 * separate processes on the same physical arenas; both are replaced every few pairs. A round is one
 * pair on every bench workload, its ratio the geometric mean of theirs, weighted as the workloads
 * are; speedup is the median over rounds and its interval the order statistics with at least 95 %
 * coverage (core/statistics.h).
 *
 * A plan with operators runs in two processes on the same memory: the candidate's, and a trusted
 * one in which the device's library runs them. Each stretch of steps is a go of its own, and a
 * call's time is their sum, a go's cost taken off each. Coverage is the candidate's share of that
 * sum: the median over rounds for each bench workload, then the mean, weighted as the workloads
 * are.
 *
 * Baselines are timed once for each task, when it is first timed, and remembered: the number of
 * rounds, the size of batches and the limit of a call follow from that. Filling input sets and this
 * calibration are not counted against the step's limit.
 */
#ifndef HONE_CORE_MEASURE_H
#define HONE_CORE_MEASURE_H

#include "core/loader.h"
#include "core/task.h"

#include <stdatomic.h>

struct hone_plan;
struct hone_meter; /* one device's runner, arenas and pools */
struct hone_scorer;

/* An image built for the device, from compile_end(). `library`: against one, so that it is a
 * baseline's; measuring such a candidate is refused. */
struct hone_image {
    const void *bytes;
    uint64_t size;
    const struct hone_plan *plan; /* NULL: none */
    bool library;
};

struct hone_measure_request {
    const struct hone_task *task;
    struct hone_image candidate;
    struct hone_image baselines[HONE_BASELINES_MAX]; /* in the task's order; [0] scores */
    bool emulated;         /* the candidate's language is: it is held against the baselines in it */
    uint32_t stages;       /* of verify, time, profile */
    uint64_t episode_seed; /* hidden and bench draws: from the master secret, never shown */
    uint64_t debug_seed;   /* debug draws: may be shown */
    bool confirm;
    uint32_t needs;     /* enum hone_need: what to gather beside verdicts and times */
    uint32_t advised;   /* those of them that change no verdict: only audits want them */
    bool profile;       /* when nothing objected, and the device can */
    uint64_t budget_ns; /* of the device; 0: no more than any step */
    uint64_t until_ns;  /* CLOCK_MONOTONIC: of the wall's clock; 0: none */
    const atomic_int *cancel;
};

/* The first wrong element, for the message of a debug or verify workload. */
struct hone_mismatch {
    bool known;
    bool hidden; /* of a hidden workload: show no values */
    char workload[HONE_NAME_SIZE];
    char argument[HONE_NAME_SIZE];
    uint32_t ndim;
    int64_t index[HONE_DIMS_MAX];
    double got, wanted;
    int64_t wrong_count, count; /* elements; of a hidden workload 0 */
};

struct hone_measure_result {
    uint32_t verdict, reason; /* HONE_UNDECIDED: nothing objected */
    uint32_t flags;           /* enum hone_evidence_flag */
    uint32_t valid;           /* enum hone_evidence_field */
    bool incomplete; /* met a wall-clock limit, of a call or of the step: not for the cache */
    double speedup, speedup_low, speedup_high, kernel_ns, baseline_ns, noise, roofline_ns;
    double coverage; /* the share of its time that the candidate's own code took: 1 without ops */
    uint32_t samples;
    uint64_t verify_ns, time_ns, profile_ns; /* how long the stages took */
    uint64_t spent_ns; /* of a core, where the device has such a clock: what it is charged */
    struct hone_workload_row *rows; /* the caller frees */
    uint32_t row_count;
    struct hone_profile_row *profile; /* the caller frees; NULL when nothing was seen */
    uint32_t profile_count;
    struct hone_profile_counter *counters; /* the caller frees */
    uint32_t counter_count;
    char profile_note[128];        /* why there is less than was asked for */
    struct hone_probe_row *probes; /* the caller frees */
    uint32_t probe_count;
    uint32_t gathered; /* enum hone_need */
    uint64_t probe_ns; /* how long probes took */
    struct hone_mismatch mismatch;
    char message[1024]; /* a sentence a model can act on; empty when nothing objected */
};

struct hone_meter_options {
    uint64_t pool_bytes;       /* for all workloads together */
    uint64_t step_limit_ns;    /* of a core's time; default 5 s */
    uint64_t timing_budget_ns; /* default 300 ms */
    const char *counters;      /* a device's set of them, for profiles; must outlive the meter;
                                  NULL or empty: none */
    uint8_t secret[32];
};

/* [setup] The hardware instance and the tasks that are measured must outlive the meter; the scorer
 * belongs to it from here on, but is not destroyed with it. Opens the device's runner, on the
 * calling thread; pinning the measuring thread is the caller's. `protocol` gets the hash of the
 * measuring parameters, hex. */
int hone_meter_create(const struct hone_instance *hardware, uint32_t device,
                      struct hone_scorer *scorer, const struct hone_meter_options *options,
                      struct hone_meter **meter, char protocol[17], struct hone_error *error);
void hone_meter_destroy(struct hone_meter *meter);

/* [device] Measure one candidate. 0, or a negative errno when the environment failed (with a text;
 * -EPIPE: the worker died with the candidate in it; -EAGAIN: the machine stalled):
 * the caller retries or reports infra_failed. -ECANCELED when asked to stop. */
int hone_measure(struct hone_meter *meter, const struct hone_measure_request *request,
                 struct hone_measure_result *result, struct hone_error *error);

/* How many workspaces a plan for this task may have: a process holds so many regions. */
uint32_t hone_measure_workspaces_most(const struct hone_task *task);

/* [device] Use idle time: start or finish one more input set. Returns within a fraction of a
 * millisecond; false when there is nothing to do. */
bool hone_meter_idle(struct hone_meter *meter);

#endif
