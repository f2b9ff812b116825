/* gate_private.h - what the files of the gate share; nobody else includes it. */
#ifndef HONE_CORE_GATE_PRIVATE_H
#define HONE_CORE_GATE_PRIVATE_H

#include "core/gate.h"
#include "core/measure_internal.h"

#define HONE_GATE_SETS 2u /* draws of each shown workload: its own, and another seed's */
/* One call of the floor baseline on every shown workload takes at most this. */
#define HONE_GATE_NAIVE_MOST_S 2.
#define HONE_GATE_ATTEMPTS 10 /* of a call that the machine stalled in */

struct hone_gate {
    const struct hone_settings *settings;
    uint64_t seed;
    struct hone_instance hardware;
    uint32_t device;
    struct hone_scorer *scorer;
    struct hone_meter *meter;
    struct hone_compile_cache *cache;
    struct hone_task **tasks;
    uint32_t task_count;
};

/* gate_open.c: many sources, compiled side by side. `sources` that do not compile keep a message.
 */
struct hone_gate_source {
    const char *name, *text, *language;
    const char *library; /* of a baseline, or NULL */
    struct hone_compiled compiled;
    struct hone_plan *plan; /* NULL: none */
    int code;
    struct hone_error error;
};
int hone_gate_compile(const struct hone_gate *gate, const struct hone_task *task,
                      struct hone_gate_source *sources, uint32_t count, struct hone_error *error);
void hone_gate_source_finish(struct hone_gate_source *source);

struct hone_gate_checking;

/* gate_stand.c: trials that share processes, laid out on the device with their sets. */
struct hone_gate_stand {
    struct hone_gate *gate;
    const struct hone_task *task;
    const struct hone_gate_trial *trials; /* all of the check's */
    uint32_t first;                       /* trial of places[0] */
    struct hone_measurement measurement;
    struct hone_stand stand;
    const struct hone_plan **plans; /* of every source: its seat is its index */
};
/* Takes as many trials from `first` on as fit together; finish it whatever this returned. */
int hone_gate_stand_init(struct hone_gate_stand *stand, const struct hone_gate_checking *check,
                         uint32_t first);
void hone_gate_stand_finish(struct hone_gate_stand *stand);
/* One image in a process of its own, started when first called and again after it died. */
struct hone_gate_process {
    struct hone_side side;
};
/* Call it once on a place with one set. The verdict is `failure`'s. */
int hone_gate_call(struct hone_gate_stand *stand, struct hone_gate_process *process, uint32_t place,
                   const struct hone_set *set, struct hone_sample *sample,
                   struct hone_failure *failure);
void hone_gate_process_stop(struct hone_gate_stand *stand, struct hone_gate_process *process);
/* The largest error of the call before, over what is allowed. */
double hone_gate_error_share(const struct hone_gate_stand *stand, uint32_t place,
                             const struct hone_set *set);

/* gate_computed.c: outputs that need no kernel. */
struct hone_gate_view { /* one output of one trial */
    const struct hone_task *task;
    const struct hone_workload *workload;
    const struct hone_set_layout *layout;
    const struct hone_set *set, *other; /* of two seeds */
    uint32_t output;
    uint32_t input; /* for what copies one; else unused */
};
enum { HONE_GATE_OF_INPUTS = 1 /* one for each input */, HONE_GATE_SECOND = 2 /* call */ };
struct hone_gate_computed {
    const char *code, *text;
    uint32_t flags;
    bool (*applies)(const struct hone_task *task, uint32_t output);
    void (*make)(const struct hone_gate_view *view, double *values);
};
extern const struct hone_gate_computed hone_gate_computed[]; /* ends with a NULL code */
/* Whether judging refuses it; -ENOMEM. `values` and `got` have room for the output, 8 bytes each.
 */
bool hone_gate_refuses(const struct hone_gate_computed *computed, const struct hone_gate_view *view,
                       double *values, void *got);
const double *hone_gate_wanted(const struct hone_gate_view *view, const struct hone_set *set);

/* gate_altered.c: the floor baseline on inputs that were altered on their way: what a kernel would
 * write that reads less of them. */
struct hone_gate_altered {
    const char *code, *text;
    uint32_t flags;
    bool low_precision;
    bool (*applies)(const struct hone_task *task);
    void (*alter)(const struct hone_gate_view *view, uint8_t *base);
};
extern const struct hone_gate_altered hone_gate_altered[]; /* ends with a NULL code */
/* A copy of the view's set with its inputs altered; free() its base. -ENOMEM. */
int hone_gate_alter(const struct hone_gate_altered *altered, const struct hone_gate_view *view,
                    struct hone_set *set);

/* gate_rules.c: what is seen without running anything; may add refusals and notes. */
struct hone_gate_seen { /* gathered while sets were at hand */
    bool *constant;     /* by trial: some output is one value */
    bool *positive;     /* by trial: no float input holds anything below zero */
};
int hone_gate_refuse(struct hone_gate_report *report, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int hone_gate_note(struct hone_gate_report *report, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int hone_gate_rules(struct hone_gate_report *report, const struct hone_gate_seen *seen);
/* gate_inputs.c */
int hone_gate_note_inputs(struct hone_gate_report *report);
bool hone_gate_caught(const struct hone_gate_report *report, const struct hone_gate_row *row,
                      enum hone_workload_set set);

/* To the three bits of fraction that e4m3 keeps; of any exponent. */
void hone_gate_round_fp8(double *values, uint32_t count);

/* gate_plan.c: what there is to try. */
#define HONE_GATE_NEVER 1e18
/* What a row does: one of the three. */
struct hone_gate_plan {
    const struct hone_gate_source *source;
    const struct hone_gate_computed *computed;
    const struct hone_gate_altered *altered; /* for the floor baseline */
    uint32_t output, input;
};

struct hone_gate_checking {
    struct hone_gate *gate;
    const struct hone_task *task;
    struct hone_gate_report *report;
    struct hone_error *error;
    struct hone_gate_source *sources; /* baselines in C, then wrong/ */
    uint32_t source_count;
    const struct hone_gate_source *floor;
    struct hone_gate_plan *plans; /* by row */
    uint32_t row_capacity;
    double *floor_ns; /* by trial; HONE_GATE_NEVER: it did not run */
    struct hone_gate_seen seen;
    double *values; /* room for any output */
    void *got;
    uint64_t room;
};
int hone_gate_list_trials(struct hone_gate_checking *check);
int hone_gate_list_sources(struct hone_gate_checking *check);
int hone_gate_list_rows(struct hone_gate_checking *check); /* needs the two before */

/* gate_emulated.c */
int hone_gate_try_emulated(const struct hone_gate_checking *check);

#endif
