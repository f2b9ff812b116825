/* oracle.h - the truth of a task: its oracle.c, compiled once by content and run in double
 * precision, or its oracle.graph.
 *
 * Built images are kept in $XDG_CACHE_HOME/hone/oracles (or ~/.cache/hone/oracles), mode 0700,
 * named by the hash of the text and of the compiler. Trusted code; scorers only. One thread;
 * results: 0 or a negative errno.
 */
#ifndef HONE_CORE_ORACLE_H
#define HONE_CORE_ORACLE_H

#include "core/task.h"

struct hone_oracle {
    void (*call)(const uint64_t *words); /* hone_call_0; lives as long as the process */
};

/* Build and load a translation unit that defines hone_call_0(). */
int hone_oracle_build(const char *text, struct hone_oracle *oracle, struct hone_error *error);

/* The same for a task's oracle.c, which defines oracle(...) as its prototype says. */
int hone_oracle_open(const struct hone_task *task, struct hone_oracle *oracle,
                     struct hone_error *error);

/* Run it on a set whose inputs are in place, at the layout's offsets of `memory`. An output starts
 * as NaN, an inout as the input's values converted to double; inputs of the task's element type are
 * doubles too. What the output's dtype cannot hold becomes infinity. An element left unwritten is
 * -EREMOTEIO: the task is broken. */
int hone_oracle_run(const struct hone_oracle *oracle, const struct hone_task *task,
                    const struct hone_workload *workload, const struct hone_set_layout *layout,
                    void *memory, struct hone_error *error);

/* The same for a task whose oracle is a graph: nothing is built. -EINVAL when an operator refuses
 * the values. */
int hone_oracle_run_graph(const struct hone_task *task, const struct hone_workload *workload,
                          const struct hone_set_layout *layout, void *memory,
                          struct hone_error *error);

/* Its computation alone, on the values of each argument that is read, in its dtype, and into those
 * that are written. */
int hone_oracle_compute(const struct hone_task *task, const struct hone_workload *workload,
                        const void *const inputs[HONE_ARGS_MAX],
                        double *const outputs[HONE_ARGS_MAX], struct hone_error *error);

/* The two ends of that run, for a plugin that computes its own oracle. */
void hone_oracle_prepare(const struct hone_task *task, const struct hone_set_layout *layout,
                         void *memory);
int hone_oracle_check(const struct hone_task *task, const struct hone_set_layout *layout,
                      void *memory, struct hone_error *error);

#endif
