/* evidence.h - everything that was measured and found in one step.
 *
 * One contiguous block of bytes: the struct, then its arrays at the offsets it names. The same
 * bytes go to rewards and detectors, into the run store, and back out of it for rescoring, so that
 * a reward is a pure function of them. Arrays carry their element size: rows may grow at the end,
 * and the accessors below step by the size the writer used.
 *
 * Measurements carry their unit in the name. One that is absent is NaN (never 0) and its bit in
 * `valid` is clear. Times are medians over rounds, in nanoseconds of CLOCK_MONOTONIC read by the
 * supervisor. Verdicts and reasons are outcomes, never errors.
 */
#ifndef HONE_EVIDENCE_H
#define HONE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#define HONE_EVIDENCE_VERSION 1u

enum hone_verdict { /* how a step ended; numbers are stored, so they only grow */
                    HONE_UNDECIDED = 0,
                    HONE_PASSED,
                    HONE_PARTIAL,
                    HONE_REJECTED,
                    HONE_COMPILE_FAILED,
                    HONE_POLICY_VIOLATION,
                    HONE_CRASHED,
                    HONE_TIMED_OUT,
                    HONE_WRONG,
                    HONE_HACKED,
                    HONE_INFRA_FAILED,
                    HONE_VERDICT_COUNT,
};

enum hone_reason { /* why; numbers are stored, so they only grow */
                   HONE_REASON_NONE = 0,
                   /* wrong */
                   HONE_REASON_VALUES,
                   HONE_REASON_NON_FINITE,
                   HONE_REASON_UNWRITTEN,
                   HONE_REASON_OUT_OF_BOUNDS,
                   HONE_REASON_INPUT_CHANGED,
                   HONE_REASON_NONDETERMINISTIC,
                   /* rejected */
                   HONE_REASON_TASK,
                   HONE_REASON_LANGUAGE,
                   HONE_REASON_OPTION,
                   HONE_REASON_SOURCE_SIZE,
                   HONE_REASON_PLAN,
                   HONE_REASON_BUDGET,
                   HONE_REASON_EPISODE_OVER,
                   HONE_REASON_QUARANTINED,
                   /* compile_failed, policy_violation */
                   HONE_REASON_COMPILER,
                   HONE_REASON_LINKER,
                   HONE_REASON_IMPORT,
                   HONE_REASON_SECTION,
                   HONE_REASON_SYSTEM_CALL,
                   HONE_REASON_LIMIT,
                   /* crashed */
                   HONE_REASON_SIGNAL,
                   HONE_REASON_EXIT,
                   HONE_REASON_WORKER_LOST,
                   /* timed_out */
                   HONE_REASON_COMPILE_TIME,
                   HONE_REASON_CALL_TIME,
                   HONE_REASON_STEP_TIME,
                   /* hacked */
                   HONE_REASON_FINDING,
                   /* infra_failed */
                   HONE_REASON_WORKER,
                   HONE_REASON_PLUGIN,
                   HONE_REASON_SYSTEM,
                   HONE_REASON_CANCELLED,
                   HONE_REASON_COUNT,
};

enum hone_stage { /* bit i of a stage mask is stage i */
                  HONE_STAGE_ADMIT,
                  HONE_STAGE_INSPECT_SOURCE,
                  HONE_STAGE_COMPILE,
                  HONE_STAGE_INSPECT_BINARY,
                  HONE_STAGE_VERIFY,
                  HONE_STAGE_TIME,
                  HONE_STAGE_PROFILE,
                  HONE_STAGE_INSPECT_RUN,
                  HONE_STAGE_SCORE,
                  HONE_STAGE_OBSERVE,
                  HONE_STAGE_COUNT,
};

enum hone_workload_set { HONE_DEBUG = 1, HONE_VERIFY, HONE_BENCH, HONE_HIDDEN };

enum hone_severity { HONE_NOTE = 1, HONE_WARN, HONE_ZERO, HONE_QUARANTINE };

enum hone_evidence_field { /* bits of `valid` */
                           HONE_HAS_SPEEDUP = 1u << 0,
                           HONE_HAS_KERNEL_NS = 1u << 1,
                           HONE_HAS_BASELINE_NS = 1u << 2,
                           HONE_HAS_NOISE = 1u << 3,
                           HONE_HAS_COVERAGE = 1u << 4,
                           HONE_HAS_ROOFLINE = 1u << 5,
                           HONE_HAS_PARENT = 1u << 6,
                           HONE_HAS_BEST = 1u << 7,
};

enum hone_evidence_flag {
    HONE_EMULATED = 1u << 0, /* times are of an emulation, comparable only with its own kind */
    HONE_NOISY = 1u << 1,    /* samples stayed noisy after repeats */
    HONE_CONFIRMED = 1u << 2,
    HONE_COMPILED_FOR_GPU = 1u << 3, /* emulated, and NVRTC took it too */
};

/* Facts about a workload's calls that detectors turn into findings; bits of `facts`. */
enum hone_fact {
    HONE_FACT_UNWRITTEN = 1u << 0,     /* an output element still held its poison */
    HONE_FACT_GUARD_BROKEN = 1u << 1,  /* bytes beside a buffer changed */
    HONE_FACT_FAULT_BEYOND = 1u << 2,  /* fault just past a buffer */
    HONE_FACT_INPUT_CHANGED = 1u << 3, /* an input's bytes differ after the call */
    HONE_FACT_INPUT_FAULT = 1u << 4,   /* a write to a read-only input */
    HONE_FACT_NON_FINITE = 1u << 5,
    HONE_FACT_STALE = 1u << 6, /* wrong, and the right answer to inputs of an earlier call */
};

/* What detectors may need beside verdicts and times; bits of `gives` and `gathered`. The first
 * three are probes: calls that are made for them alone, after timing. */
enum hone_need {
    HONE_NEED_SAME_INPUTS = 1u << 0, /* the same inputs again */
    HONE_NEED_ONE_ELEMENT = 1u << 1, /* one element of an input changed */
    HONE_NEED_LEAVE_OUT = 1u << 2,   /* a step of the plan left out */
    HONE_NEED_DEVIATION = 1u << 3,   /* how errors are distributed */
    HONE_NEED_CPU_TIME = 1u << 4,    /* a second clock */
    HONE_NEED_CLOCK_RATE = 1u << 5,  /* the device's highest clock */
    HONE_NEED_PROFILE = 1u << 6,     /* times by kernel */
    HONE_NEED_COUNTERS = 1u << 7,
};
#define HONE_NEED_PROBES (HONE_NEED_SAME_INPUTS | HONE_NEED_ONE_ELEMENT | HONE_NEED_LEAVE_OUT)

enum hone_row_flag {
    HONE_ROW_STRESS = 1u << 0,  /* values unlike the task's ordinary ones */
    HONE_ROW_SAMPLED = 1u << 1, /* judged at some elements and by sums */
    HONE_ROW_LINKED = 1u << 2,  /* the candidate's errors go with their neighbours' */
};

#define HONE_AXES_MAX 8
#define HONE_BASELINES_MAX 4
#define HONE_NAME_SIZE 32

/* How results of one call differ from the oracle's. A tolerance is that of its element; nothing is
 * said of elements that must be exact or are not finite. Frozen. */
struct hone_deviation {
    uint64_t count;        /* elements it speaks of; 0: absent, and the rest NaN */
    double rel_l2;         /* ||got - wanted|| / ||wanted|| */
    double mean, rms;      /* of (got - wanted) / tolerance */
    double outward;        /* mean of (|got| - |wanted|) / tolerance: below 0, results shrink */
    double above[3];       /* share of elements that err by more than 1/4, 1/2, 3/4 tolerance */
    double short_mantissa; /* share of nonzero values that a smaller type holds: 21 bits of
                              significand in an f32, 24 in an f64 */
};

#define HONE_NUDGED_MOST 4

/* Whether results are as fine as an f32 can be, of a call on ordinary inputs. Frozen. */
struct hone_precision {
    uint64_t steps; /* from one result to the next that `grain` speaks of; 0: it is NaN */
    double grain;   /* geometric mean of how far relative errors of neighbours are apart */
    double slope;   /* of its logarithm over that of the result: 0 where errors are in proportion to
                       results; -1 where small and large ones err alike, as in sums that cancel */
    double lost_bits[HONE_NUDGED_MOST]; /* of the first f32 inputs, -1 to 1: how often errors go to
                                           the side to which results would move if bits 2 to 8 of
                                           this input were others, less how often they do not; of
                                           rounding, that is chance. NaN: no such input */
    double chance[HONE_NUDGED_MOST];    /* standard deviation of each by chance, as it differs
                                           from one part of the results to the next */
};

/* A row of evidence. Hidden workloads have an empty id and no axes outside the supervisor. */
struct hone_workload_row {
    char id[HONE_NAME_SIZE];
    uint32_t set;     /* enum hone_workload_set */
    uint32_t verdict; /* passed, wrong, crashed, timed_out; undecided when it did not run */
    uint32_t reason;
    uint32_t facts;   /* enum hone_fact */
    uint32_t samples; /* timed rounds */
    uint32_t calls;   /* judged calls */
    uint32_t axis_count;
    uint32_t baseline_count;
    int64_t axes[HONE_AXES_MAX];
    double kernel_ns;
    double baseline_ns[HONE_BASELINES_MAX]; /* in the order of the evidence's baselines */
    double speedup, speedup_low, speedup_high;
    double max_error; /* largest |got - wanted| */
    double rel_l2;    /* ||got - wanted|| / ||wanted|| */
    double roofline_ns;
    double kernel_cpu_ns; /* median by the CPU clock of the process; NaN where there is none */
    double flops, bytes;  /* that a call cannot do without; NaN when the task does not say */
    struct hone_deviation deviation; /* the candidate's */
    struct hone_deviation honest;    /* the worst of the baselines', value by value */
    uint32_t flags;                  /* enum hone_row_flag */
    uint32_t reserved;
    struct hone_precision precision, honest_precision; /* the candidate's, and the worst of the
                                                          baselines', value by value */
};

/* What one probe came to. */
struct hone_probe_row {
    char id[HONE_NAME_SIZE]; /* of the workload */
    uint32_t kind;           /* enum hone_need: which probe */
    uint32_t set;            /* enum hone_workload_set */
    uint32_t calls;          /* that were to be made ... */
    uint32_t right;          /* ... and of those made, how many were right */
    uint32_t line;           /* leave_out: of the source: the plan line */
    uint32_t argument;       /* one_element: of the task: the input */
    double ns, ns_high;      /* of probed calls: median, slowest; same_inputs: of those right after
                                the first of their kind, or of those later, whichever are faster;
                                leave_out: what a call takes without the line, from pairs with it
                                and without: the median, and the upper end of its 99 % interval */
    double reference_ns, reference_ns_low; /* of calls on inputs new to the process, or of the whole
                                              plan: median, fastest */
    double moved;        /* same_inputs: most that two results for equal inputs differ; one_element:
                            how far the result moved where the oracle's moved most; in tolerances */
    double wanted_moved; /* one_element: the oracle's, in tolerances */
};

/* One kernel of a profile. */
struct hone_profile_row {
    char name[64];
    double time_ns;
    int64_t grid[3], block[3];
    uint32_t plan_step, registers, shared_bytes, local_bytes;
};

/* One hardware counter, over all kernels of the calls. Frozen. */
struct hone_profile_counter {
    char name[96];
    double value;
};

/* One thing a detector reports. */
struct hone_finding {
    char rule[HONE_NAME_SIZE];
    uint32_t severity; /* enum hone_severity */
    uint32_t line;     /* of the candidate's source, from 1; 0 when there is none */
    char text[216];    /* UTF-8, NUL-terminated */
};

struct hone_evidence {
    uint32_t size;    /* of this struct */
    uint32_t version; /* HONE_EVIDENCE_VERSION */
    uint32_t bytes;   /* of the whole block, arrays included */
    uint32_t verdict;
    uint32_t reason;
    uint32_t flags;  /* enum hone_evidence_flag */
    uint32_t valid;  /* enum hone_evidence_field */
    uint32_t stages; /* mask of the stages that ran */

    /* The result, over bench workloads. */
    double speedup, speedup_low, speedup_high; /* over the score baseline */
    double kernel_ns;                          /* geometric mean of medians */
    double baseline_ns;                        /* of the score baseline, the same way */
    double noise;                              /* median |ratio - median| / median over rounds */
    double coverage;                           /* own kernel time / all kernel time, 0 to 1 */
    double roofline_ns;
    double roofline_fraction; /* roofline_ns / kernel_ns */
    uint32_t samples;         /* rounds */
    uint32_t baseline_count;
    char baseline_name[HONE_BASELINES_MAX][HONE_NAME_SIZE]; /* [0] is the score baseline */

    /* The candidate. */
    uint32_t source_bytes, binary_bytes;
    uint32_t plan_steps, op_steps;
    char language[16];
    char device[HONE_NAME_SIZE];

    /* The episode. */
    uint32_t turn;  /* from 1 */
    uint32_t turns; /* the limit; 0: none */
    uint64_t group; /* hash of the task and the `group` option of reset */
    double parent_kernel_ns, parent_speedup;
    double best_kernel_ns, best_speedup; /* of this episode before this step */

    uint64_t stage_ns[HONE_STAGE_COUNT];

    /* Arrays: byte offsets from the start of the block. */
    uint32_t workload_offset, workload_count, workload_size;
    uint32_t profile_offset, profile_count, profile_size;
    uint32_t finding_offset, finding_count, finding_size;
    uint32_t reserved;

    /* Since the first release; `size` tells whether they are there. */
    double parent_coverage, parent_roofline_fraction;
    double clock_hz, memory_bandwidth, peak_flops; /* of the device; NaN when unknown */
    uint32_t gives;                                /* enum hone_need: what the device can give */
    uint32_t gathered;                             /* and what was gathered in this step */
    uint32_t probe_offset, probe_count, probe_size;
    uint32_t reserved_probe;
    uint32_t counter_offset, counter_count, counter_size;
    uint32_t reserved_counter;
    char profile_note[128]; /* why the profile lacks something: a code, a colon, and words */
};

static inline const struct hone_workload_row *
hone_evidence_workload(const struct hone_evidence *evidence, uint32_t index) {
    return (const struct hone_workload_row *)((const char *)evidence + evidence->workload_offset +
                                              (uint64_t)index * evidence->workload_size);
}

static inline const struct hone_profile_row *
hone_evidence_profile(const struct hone_evidence *evidence, uint32_t index) {
    return (const struct hone_profile_row *)((const char *)evidence + evidence->profile_offset +
                                             (uint64_t)index * evidence->profile_size);
}

/* Whether evidence, of whatever release, has a field that was added since the first one. */
#define HONE_EVIDENCE_HAS(evidence, field)                                                         \
    ((evidence)->size >= offsetof(struct hone_evidence, field) + sizeof((evidence)->field))

static inline uint32_t hone_evidence_probe_count(const struct hone_evidence *evidence) {
    return HONE_EVIDENCE_HAS(evidence, probe_size) ? evidence->probe_count : 0;
}

static inline const struct hone_probe_row *hone_evidence_probe(const struct hone_evidence *evidence,
                                                               uint32_t index) {
    return (const struct hone_probe_row *)((const char *)evidence + evidence->probe_offset +
                                           (uint64_t)index * evidence->probe_size);
}

static inline uint32_t hone_evidence_counter_count(const struct hone_evidence *evidence) {
    return HONE_EVIDENCE_HAS(evidence, counter_size) ? evidence->counter_count : 0;
}

static inline const struct hone_profile_counter *
hone_evidence_counter(const struct hone_evidence *evidence, uint32_t index) {
    return (const struct hone_profile_counter *)((const char *)evidence + evidence->counter_offset +
                                                 (uint64_t)index * evidence->counter_size);
}

static inline const struct hone_finding *hone_evidence_finding(const struct hone_evidence *evidence,
                                                               uint32_t index) {
    return (const struct hone_finding *)((const char *)evidence + evidence->finding_offset +
                                         (uint64_t)index * evidence->finding_size);
}

#endif
