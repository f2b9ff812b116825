/* gate.h - the admission gate: whether a task can be cheated.
 *
 * A task is accepted when its baselines agree with the oracle on every workload and on several
 * hidden draws, and when every cheat the gate knows fails on some verify and on some bench
 * workload. Kernels are compiled in the jail and run in the guest, exactly as a candidate is; what
 * can be computed from the oracle's outputs is judged without one. A task that can be sampled has
 * its bench workloads tried twice, the second time by samples: what is right must be right there,
 * which shows that its axes are what it says, and what is caught whole must be caught there. Where
 * the device emulates CUDA, so must the task's kernels in it be right and wrong. Inputs
 * are drawn from a fixed secret, so that a task accepted today is accepted tomorrow; another `seed`
 * draws others.
 *
 * One thread, the one that opened it. Results: 0 or a negative errno: the gate could not tell.
 */
#ifndef HONE_CORE_GATE_H
#define HONE_CORE_GATE_H

#include "core/compile.h"
#include "core/scorer.h"
#include "core/settings.h"
#include "core/task.h"

#include <jansson.h>
#include <stdio.h>

struct hone_gate;

/* Opens a device, its meter, a scorer, and reads the tasks of `settings`, which must outlive it. A
 * task that cannot be read is told to `refused`. */
int hone_gate_open(const struct hone_settings *settings, uint64_t seed,
                   void (*refused)(void *context, const char *text), void *context,
                   struct hone_gate **gate, struct hone_error *error);
void hone_gate_close(struct hone_gate *gate);
/* Sorted by id. */
struct hone_task *const *hone_gate_tasks(const struct hone_gate *gate, uint32_t *count);

enum hone_gate_outcome { HONE_GATE_UNTRIED = 0, HONE_GATE_PASSED, HONE_GATE_CAUGHT };

/* One workload that was tried; a hidden one is a draw. */
struct hone_gate_trial {
    struct hone_workload workload;
    char name[HONE_NAME_SIZE + 16]; /* "primes", "hidden 0.3", "square by samples" */
    bool again; /* the trial before, judged by samples: what is caught there shall be caught here */
};

/* A baseline, or one cheat: what it did on every trial. */
struct hone_gate_row {
    char code[96]; /* "naive", "zeros", "wrong/tail.c": what a refusal is called */
    char target[2 * HONE_NAME_SIZE + 8]; /* the argument it is about; or "" */
    bool honest;                         /* a baseline: must pass everywhere */
    uint8_t *outcomes;                   /* enum hone_gate_outcome, by trial */
    char message[512];                   /* of a baseline: how it failed first */
    double error_share;                  /* of a baseline: its worst error over the tolerance */
};

/* A kernel of the task's in a language that the device emulates, judged as a candidate in it is: on
 * all that is verified, in its checking build as well. */
struct hone_gate_emulated {
    char code[96]; /* "naive.cu", "wrong/barrier.cu" */
    bool honest;
    uint32_t verdict; /* HONE_UNDECIDED: nothing objected */
    char message[512];
};

struct hone_gate_reason {
    char code[96]; /* a row's, or "constant_output", "no_tail", "no_hidden" ... */
    char text[512];
};

struct hone_gate_report {
    const struct hone_task *task;
    uint32_t trial_count, row_count;
    struct hone_gate_trial *trials;
    struct hone_gate_row *rows;
    uint32_t emulated_count;
    struct hone_gate_emulated *emulated; /* none where the device emulates nothing */
    uint32_t refusal_count, note_count;
    struct hone_gate_reason *refusals; /* none: accepted */
    struct hone_gate_reason *notes;    /* what does not refuse a task, but its author should know */
    double naive_s;                    /* one call of the floor baseline on every shown workload */
    double seconds;                    /* what the check took */
};

/* The caller finishes the report, whatever this returned. */
int hone_gate_check(struct hone_gate *gate, const struct hone_task *task,
                    struct hone_gate_report *report, struct hone_error *error);
void hone_gate_report_finish(struct hone_gate_report *report);

/* As a table with the reasons below it; as one line; as an object. */
void hone_gate_print(const struct hone_gate_report *report, FILE *out);
void hone_gate_print_line(const struct hone_gate_report *report, FILE *out);
json_t *hone_gate_json(const struct hone_gate_report *report);

#endif
