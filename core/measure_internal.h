/* measure_internal.h - what the files that measure share: a meter, one measurement, its stand and
 * sides.
 *
 * A stand is a choice of workloads laid out in the arenas, `batch` times each. A side is a process
 * of one image on that stand. A call copies inputs, poisons outputs, lets the side go, and judges;
 * or has a device make the former, and tell of the latter.
 */
#ifndef HONE_CORE_MEASURE_INTERNAL_H
#define HONE_CORE_MEASURE_INTERNAL_H

#include "core/arena.h"
#include "core/deviation.h"
#include "core/measure.h"
#include "core/plan.h"
#include "core/pool.h"
#include "core/precision.h"

/* The measuring parameters: part of the protocol, whose hash every time is stored with. */
#define ROUNDS_LEAST 9u
#define ROUNDS_MOST 121u
#define BATCH_MOST 6u
#define PAIRS_MOST 4u /* pairs before both processes are replaced */
/* A go is batched until the score baseline takes this long: waking a process costs 4 us, and a
 * candidate may be a few times faster. */
#define GO_LEAST_NS 400e3
/* Arguments of a batch: beyond this, preparing the last slot evicts the first from a shared cache
 * (an identical copy's interval grew from 0.03 to 0.10 wide). */
#define BATCH_BYTES (4u << 20)
#define CALL_LIMIT_NS 100000000u /* or so many times the floor baseline's median: */
#define CALL_LIMIT_FACTOR 20
#define CHECKING_FACTOR 10      /* of a call's limit, for the checking build */
#define EMULATED_CALL_FACTOR 20 /* the same for an emulated candidate */
#define EMULATED_STEP_FACTOR 4  /* of a step's limit */
#define GPU_STEP_FACTOR 12      /* half a gigabyte is copied, poisoned and judged for every call */
#define GO_SAMPLES 63u          /* goes of nothing remembered ... */
#define GO_SAMPLES_PROCESS 5u   /* ... and run in each new process */
#define STALL_FACTOR 30 /* wall clock allowed for a call's limit of CPU time, on a busy machine */
#define STALL_NS 200000000u /* the least that is multiplied by it */
#define BASELINE_LIMIT_NS 10000000000u
#define START_LIMIT_NS 2000000000u
#define STACK_BYTES (8u << 20)
#define REGIONS_MOST 120u         /* of one process; every tensor of every slot has one */
#define MEMORY_SPARE (256u << 20) /* what a process may have beyond its arguments and stack */
#define NOISE_FACTOR 1.05         /* a sample is noisy when wall > factor * cpu + slack */
#define NOISE_SLACK_NS 20e3
#define COVERAGE 0.95
#define CALIBRATION_CALLS 2u   /* of one process; the last is timed */
#define CALIBRATION_SAMPLES 3u /* processes */
#define VERIFY_CALLS 3u        /* on workloads that are cheap */

/* splitmix64 from getrandom(): order of pairs, choice of sets. One draw tells all later ones. */
struct hone_random {
    uint64_t state;
};
uint64_t hone_random_next(struct hone_random *random);
/* For what a candidate may read: at most 256 bytes from the kernel, which tell nothing of each
 * other; from `random` when the kernel has none. */
void hone_random_fill(struct hone_random *random, void *bytes, uint32_t size);

/* The errors of a side's results, added up. */
struct hone_errors {
    struct hone_deviation_sums deviation;
    struct hone_precision_sums precision;
};

/* The same, told. */
struct hone_errors_told {
    struct hone_deviation deviation;
    struct hone_precision precision;
};

/* Medians remembered for a task: its baselines on this device. */
struct hone_known {
    uint64_t task_hash;
    bool known[HONE_BASELINES_MAX];
    double *ns[HONE_BASELINES_MAX];  /* by workload; NaN for all but bench ones */
    struct hone_errors_told *honest; /* by workload: of a call of each baseline, the worst */
    struct hone_known *next;
};

struct hone_meter {
    const struct hone_hardware_ops *ops;
    void *hardware;
    uint32_t device;
    struct hone_device description;
    void *runner;
    bool lost; /* the runner must be replaced before the next measurement */
    struct hone_arenas arenas;
    struct hone_pool *pool;
    struct hone_meter_options options;
    struct hone_random random;
    uint64_t run; /* this meter's own stream of bench and verify draws */
    uint32_t pattern;
    struct hone_known *known;
    double go_wall_ns[GO_SAMPLES], go_cpu_ns[GO_SAMPLES]; /* of goes of nothing, the latest */
    uint32_t go_samples;
    double go_costs_wall_ns, go_costs_cpu_ns; /* their medians; taken off every measured go */
};

/* How a call or a start of a process ended that did not go well. */
struct hone_failure {
    uint32_t verdict; /* HONE_UNDECIDED: it went well */
    uint32_t reason, facts;
    struct hone_mismatch mismatch;
    char message[1024];
};

/* How one image is called on a place: the words of its calls, and the scratch memory that its plan
 * asks for, which no other image's process sees. */
struct hone_seat {
    struct hone_plan_program *program;        /* NULL: no plan */
    const struct hone_plan_segment *segments; /* of the program; or `whole` */
    struct hone_plan_segment whole;           /* all that is called without a plan */
    uint64_t *words; /* batch * word_count: by segment, then by slot; and a row to spare */
    uint32_t word_count, segment_count;
    uint32_t first_workspace; /* in the table: by slot, then by workspace */
};

/* An argument where a device may keep it: whether it makes it, and places for what is brought back
 * of an output, made when they are first needed. */
struct hone_remote_tensor {
    bool made;
    uint64_t digest; /* of what the last call wrote */
    void *elements;
    double *sums;
};

/* One workload on a stand. */
struct hone_place {
    const struct hone_workload *workload;
    struct hone_shelf *shelf;
    struct hone_workload_row *row; /* NULL: nobody reports it */
    double scale_ns;               /* what the floor baseline takes; 0 when unknown */
    uint64_t limit_ns;             /* of a call of the candidate; 0: what follows from scale_ns */
    uint32_t batch;
    uint32_t pattern;      /* of the poison, next; so that each sees every kind */
    uint32_t shown;        /* sets the present processes saw */
    uint32_t first_buffer; /* in the table: by slot, then by tensor */
    struct hone_seat *seats;
    struct hone_remote_tensor *remote; /* by argument */
    bool kept;      /* the device has what the last call wrote, and the host has not */
    bool ran;       /* by both processes that are up, so that a call on it may be timed */
    double call_ns; /* what the last verified call on it took */
};

struct hone_stand {
    struct hone_table table;
    struct hone_place *places;
    uint32_t count, capacity;
    uint32_t tensors;                     /* of one slot */
    const struct hone_plan *const *plans; /* of each seat, NULL: none; must outlive the stand */
    uint32_t seat_count;                  /* images that run here */
};

/* What a buffer's `owner` says: an argument, or a seat's workspace. */
#define OWNER_WORKSPACE 0x100u
static inline uint32_t hone_owner_workspace(uint32_t seat, uint32_t index) {
    return (seat + 1) * OWNER_WORKSPACE | index;
}
static inline bool hone_owner_is_seen(uint32_t owner, uint32_t seat) {
    return owner < OWNER_WORKSPACE || owner / OWNER_WORKSPACE == seat + 1;
}

/* What a plan asks of a place, for one call. */
struct hone_seat_needs {
    uint64_t workspace_bytes;
    uint32_t words, workspaces;
};

struct hone_side {
    const char *name; /* of a baseline; NULL: the candidate */
    struct hone_image image;
    uint32_t seat; /* on the stand */
    void *process;
    void *operators;     /* another, which runs the operators of its plan; NULL: it has none */
    bool checking;       /* a process of the checking build */
    bool untimed;        /* what its calls take is nobody's score */
    uint32_t order;      /* enum hone_order: of an emulated block's threads */
    uint64_t order_seed; /* HONE_ORDER_RANDOM */
    struct hone_errors *errors; /* takes up what a right call wrote; NULL: nobody asks */
    /* For whoever compares outputs of several calls: of those that a device keeps it tells a digest
     * by this seed, 0: it does not; or they are brought back. */
    uint64_t digest_seed;
    bool fetches;
};

struct hone_spent { /* or the two clocks at one moment */
    uint64_t wall_ns, core_ns;
};
/* A candidate reads the poison, which lies around the mean of what is wanted: of an output of one
 * element that is the right result, for whoever can tell its draw. So nothing that can be read may
 * tell of another draw: neither the meter's stream, nor what lies in other outputs and workspaces
 * of the same call, all of which a plan can make long enough to find their seed. */
struct hone_poisoning {
    uint8_t secret[32]; /* of one go */
    uint32_t pattern;
};
uint64_t hone_poisoning_output(const struct hone_poisoning *poisoning, uint32_t slot, uint32_t arg);
uint64_t hone_poisoning_workspace(const struct hone_poisoning *poisoning, uint32_t slot,
                                  uint32_t index);

struct hone_measurement {
    struct hone_meter *meter;
    const struct hone_measure_request *request;
    const struct hone_task *task;
    struct hone_measure_result *result;
    struct hone_error *error;
    const struct hone_known *known;
    struct hone_workload *hidden; /* drawn for this measurement */
    uint32_t hidden_count;
    struct hone_spent begun; /* measure_limit.c; moved on by what is nobody's to pay */
    uint64_t goes_ns;        /* of a core, in all goes */
    bool no_core_clock;      /* the device has none */
    double *least_ns;        /* of the candidate's timed calls, by workload; 0: of none */
};

/* A gate measures without a request. */
static inline bool hone_is_emulated(const struct hone_measurement *measurement) {
    return measurement->request && measurement->request->emulated;
}

/* What a go took, for one call of its batch. */
struct hone_sample {
    double wall_ns, cpu_ns;         /* operators included */
    double own_wall_ns, own_cpu_ns; /* without them */
    bool noisy;                     /* the two disagree */
};

/* measure_limit.c */
void hone_spending_begin(struct hone_measurement *measurement);
/* What was spent since a mark is nobody's to pay. */
struct hone_spent hone_spending_mark(const struct hone_measurement *measurement);
void hone_spending_excuse(struct hone_measurement *measurement, const struct hone_spent *from);
void hone_spending_add(struct hone_measurement *measurement, const struct hone_go_result *done);
uint64_t hone_spending_ns(const struct hone_measurement *measurement); /* what counts */
uint64_t hone_step_limit_ns(const struct hone_measurement *measurement);
/* Which limit has passed: the step's, its episode's budget, or what a machine may take for it all.
 */
enum { HONE_LIMIT_STEP = 1, HONE_LIMIT_BUDGET, HONE_LIMIT_MACHINE };
int hone_measure_check(const struct hone_measurement *measurement); /* 0, -ECANCELED, or one */
/* In words; or -EAGAIN, since the machine is nobody's fault. */
int hone_measure_end(const struct hone_measurement *measurement, int limit, uint32_t rounds,
                     struct hone_failure *failure);

/* measure_stand.c */
void hone_stand_finish(struct hone_stand *stand, struct hone_pool *pool);
struct hone_place *hone_stand_add(struct hone_stand *stand, const struct hone_workload *workload,
                                  uint32_t batch);
/* Needs `plans` and `seat_count`. */
int hone_stand_lay_out(struct hone_measurement *measurement, struct hone_stand *stand);
/* Write the words of a seat's calls anew, without the plan steps of source line `line`; 0: whole.
 * How many steps are left out of one call. */
uint32_t hone_stand_leave_out(const struct hone_task *task, struct hone_stand *stand,
                              struct hone_place *place, uint32_t seat, uint32_t line);
/* All zero but words without a plan. */
int hone_seat_needs(const struct hone_task *task, const struct hone_plan *plan,
                    const struct hone_workload *workload, struct hone_seat_needs *needs,
                    struct hone_error *error);
uint32_t hone_task_tensors(const struct hone_task *task);

/* measure_pace.c: how often what is run, from what it costs. */
struct hone_round_cost {
    double budget_ns;    /* for what is timed, of all rounds */
    double timed_ns[2];  /* of a pair on every workload, by side: what is timed */
    double spent_ns;     /* with copying, poisoning and judging */
    double replacing_ns; /* both processes */
};
/* Rounds, and in *pairs, at first the most, how many of them one pair of processes serves; there
 * are sets for `ready` now. */
uint32_t hone_pace_rounds(const struct hone_round_cost *cost, uint32_t ready, uint32_t *pairs);
/* Calls of one go. */
struct hone_seat_needs;
uint32_t hone_pace_batch(const struct hone_measurement *measurement,
                         const struct hone_workload *workload, const struct hone_seat_needs *needs);
/* Smaller batches, the largest first, until the regions of all are few enough; `regions` are of one
 * slot. */
void hone_pace_regions(struct hone_stand *stand, uint32_t regions);

/* measure_process.c. 0 with `failure` filled, or a negative errno: the environment failed. */
int hone_side_start(struct hone_measurement *measurement, const struct hone_stand *stand,
                    struct hone_side *side, struct hone_failure *failure);
void hone_side_stop(struct hone_measurement *measurement, struct hone_side *side);
struct hone_stop;
/* The goes of one call. */
int hone_side_go(struct hone_measurement *measurement, const struct hone_stop *stop,
                 struct hone_side *side, const struct hone_place *place, struct hone_sample *sample,
                 struct hone_failure *failure);

/* measure_side.c, likewise. */
int hone_side_call(struct hone_measurement *measurement, const struct hone_stand *stand,
                   struct hone_side *side, struct hone_place *place,
                   const struct hone_set *const *sets, uint32_t pattern, struct hone_sample *sample,
                   struct hone_failure *failure);
/* A baseline that fails is a fault of ours: puts it into words. */
int hone_side_blame(struct hone_measurement *measurement, const struct hone_side *side,
                    const struct hone_failure *failure);

/* One output as it is judged on `set`. */
struct hone_judged_output hone_side_output(const struct hone_measurement *measurement,
                                           const struct hone_place *place,
                                           const struct hone_set *set, uint32_t arg, void *got);

/* measure_remote.c: calls whose memory is the device's to fill and to look at (core/remote.h). */
bool hone_meter_serves_remote(const struct hone_meter *meter);
bool hone_call_is_remote(const struct hone_measurement *measurement, const struct hone_place *place,
                         const struct hone_side *side, const struct hone_set *const *sets);
bool hone_remote_workspace(const struct hone_plan_workspace *workspace);
/* `sets` NULL: the bytes of the host are uploaded. */
int hone_remote_prepare(struct hone_measurement *measurement, const struct hone_stand *stand,
                        const struct hone_place *place, const struct hone_side *side,
                        const struct hone_set *const *sets, const struct hone_poisoning *poisoning);
/* What was written in one slot: `sights` by argument, of those that the device made; or `failure`,
 * where a guard band was. */
int hone_remote_look(struct hone_measurement *measurement, const struct hone_stand *stand,
                     const struct hone_place *place, const struct hone_side *side, uint32_t slot,
                     const struct hone_set *set, const struct hone_poisoning *poisoning,
                     struct hone_sight *sights, struct hone_failure *failure);
/* An output into the host's memory. */
int hone_remote_fetch(struct hone_measurement *measurement, const struct hone_side *side,
                      const struct hone_buffer *buffer);

/* measure_text.c */
struct hone_stop { /* what a failure is told from */
    const struct hone_task *task;
    const struct hone_stand *stand;
    const struct hone_workload *workload; /* NULL: while starting */
    uint32_t seat;
    uint64_t limit_ns;
};
void hone_failure_of_go(const struct hone_stop *stop, const struct hone_go_result *go,
                        struct hone_failure *failure);
void hone_failure_of_output(const struct hone_stop *stop, uint32_t arg,
                            const struct hone_judgement *judgement, int64_t count,
                            double rel_l2_limit, struct hone_failure *failure);
void hone_failure_of_guard(const struct hone_stop *stop, uint32_t owner, uint64_t past,
                           uint64_t before, struct hone_failure *failure);
void hone_failure_of_plan(const struct hone_error *error, struct hone_failure *failure);
void hone_failure_of_step(uint64_t limit_ns, uint32_t rounds, struct hone_failure *failure);
/* How slow it was, beside a baseline. */
void hone_failure_add_pace(double own_ns, double baseline_ns, const char *baseline,
                           struct hone_failure *failure);
void hone_failure_of_budget(struct hone_failure *failure);

/* measure_verify.c, measure_time.c: the stages, and what the second needs to know first. */
int hone_measure_verify(struct hone_measurement *measurement, struct hone_failure *failure);
int hone_measure_calibrate(struct hone_measurement *measurement);
int hone_measure_time(struct hone_measurement *measurement, struct hone_failure *failure);
/* measure_profile.c: what ran in one call. */
int hone_measure_profile(struct hone_measurement *measurement, struct hone_failure *failure);

/* measure_probe.c: the probes that are needed, of a candidate that passed, in at most the time that
 * timing took. A candidate that a probe finds wrong is objected to, like any other. */
int hone_measure_probe(struct hone_measurement *measurement, struct hone_failure *failure);

/* One probe, for measure_probe.c: what it does before and after calls, on a stand of its own. */
struct hone_probing {
    struct hone_measurement *measurement;
    struct hone_stand stand;
    struct hone_side side;
    uint64_t until_ns; /* CLOCK_MONOTONIC: nothing is begun after it, but for the first of a kind */
};
int hone_probe_same_inputs(struct hone_probing *probing, struct hone_failure *failure);
int hone_probe_one_element(struct hone_probing *probing, struct hone_failure *failure);
int hone_probe_leave_out(struct hone_probing *probing, struct hone_failure *failure);
/* Another process, and an empty stand: for a probe that goes on to another workload. */
void hone_probe_renew(struct hone_probing *probing);
/* A new row, or NULL: out of memory. Earlier ones may move. */
struct hone_probe_row *hone_probe_add(struct hone_probing *probing, enum hone_need kind,
                                      const struct hone_workload *workload);
/* The workload whose calls take longest, of those that are timed. */
const struct hone_workload *hone_probe_longest(const struct hone_measurement *measurement);
/* A process on this one workload, called one at a time. */
int hone_probe_lay_out(struct hone_probing *probing, const struct hone_workload *workload,
                       struct hone_failure *failure);
/* What a call that went well took, in *ns unless that is NULL: by the CPU clock where the two
 * disagree, since then the machine was busy. */
int hone_probe_call(struct hone_probing *probing, struct hone_place *place,
                    const struct hone_set *set, double *ns, struct hone_failure *failure);
/* A copy of what the last call wrote to slot 0, and how far two such are apart in tolerances of
 * `set`, at the most. NULL: out of memory. The caller frees. */
uint8_t *hone_probe_outputs(const struct hone_probing *probing, const struct hone_place *place);
/* The same as a digest, of a call whose outputs a device keeps. */
uint64_t hone_probe_digest(const struct hone_probing *probing, const struct hone_place *place);
double hone_probe_distance(const struct hone_probing *probing, const struct hone_place *place,
                           const struct hone_set *set, const uint8_t *one, const uint8_t *other);

/* The row of workload `index` of the task. */
struct hone_workload_row *hone_measure_row(const struct hone_measurement *measurement,
                                           const struct hone_workload *workload);
/* Put a failure into the result, and into the row of the workload it happened on. */
void hone_measure_object(struct hone_measurement *measurement, struct hone_workload_row *row,
                         const struct hone_failure *failure);

/* The key of a workload's lasting shelf. */
struct hone_shelf_key hone_measure_key(const struct hone_measurement *measurement,
                                       const struct hone_workload *workload);

/* hone_meter_create() with whoever fills sets given. */
int hone_meter_open(const struct hone_instance *hardware, uint32_t device,
                    const struct hone_pool_source *source, const struct hone_meter_options *options,
                    struct hone_meter **meter, char protocol[17], struct hone_error *error);

enum { CANDIDATE, BASELINE, SIDES };

/* Times of one call on one workload, by round. */
struct hone_series {
    double *ns[SIDES];
    double *ratio;
    double *own_share; /* of the candidate's time, the rest is operators' */
    double *cpu_ns;    /* of the candidate; 0 without such a clock */
};

double hone_workload_weight(const struct hone_workload *workload);

/* Medians and intervals of complete rounds, into the result and its rows. Sorts what it is given.
 */
void hone_measure_report(struct hone_measurement *measurement, const struct hone_stand *stand,
                         struct hone_series *series, double *round_ratio, uint32_t rounds);

#endif
