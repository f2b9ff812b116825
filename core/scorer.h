/* scorer.h - a trusted child process in which task, reward and detector plugins run.
 *
 * `hone scorer`, the same binary, started by exec with a socket as descriptor 3 and no agent
 * memory. It loads the plugins its settings name, answers one request at a time, and is killed and
 * started again when it misses a deadline or crashes; the call then returns -EREMOTEIO, as for a
 * plugin that fails in any other way, with a text that names it. Big results (inputs, oracle
 * outputs) are written by the child into a memfd lent for the call.
 *
 * The child is $HONE_PROGRAM or hone_places().program. It dies with the thread that started it.
 *
 * Threads: a scorer belongs to one thread at a time. Results: 0 or a negative errno.
 */
#ifndef HONE_CORE_SCORER_H
#define HONE_CORE_SCORER_H

#include "core/findings.h"
#include "core/task.h"
#include "plugins/evidence.h"

struct hone_scorer;
struct hone_settings;

/* Start a child. `settings` must outlive the scorer. */
int hone_scorer_create(const struct hone_settings *settings, struct hone_scorer **scorer,
                       struct hone_error *error);
void hone_scorer_destroy(struct hone_scorer *scorer);

/* Every task of every configured task plugin, as parsed by this process. A task that cannot be read
 * or parsed is reported through `refused` (file, path, reason) and left out. The caller destroys
 * each task and frees the array. */
int hone_scorer_tasks(struct hone_scorer *scorer, struct hone_task ***tasks, uint32_t *count,
                      void (*refused)(void *context, const char *text), void *context,
                      struct hone_error *error);

/* Fill one set: inputs from the seed and the oracle's outputs, laid out as hone_set_layout() says,
 * in `memory`, a memfd of at least that size. Deadline: the task's limit. */
int hone_scorer_set(struct hone_scorer *scorer, const struct hone_task *task,
                    const struct hone_workload *workload, uint64_t seed, int memory,
                    struct hone_error *error);

/* The same in two halves, so that it goes on beside a measurement; `ready` polls without waiting.
 * Between the halves no other call is allowed on this scorer. */
int hone_scorer_set_begin(struct hone_scorer *scorer, const struct hone_task *task,
                          const struct hone_workload *workload, uint64_t seed, int memory,
                          struct hone_error *error);
bool hone_scorer_set_ready(const struct hone_scorer *scorer);
int hone_scorer_set_end(struct hone_scorer *scorer, struct hone_error *error);

/* Findings of every configured detector, added to `findings` (core/findings.h), settled. */
int hone_scorer_inspect_source(struct hone_scorer *scorer, const char *task, const char *language,
                               const char *source, uint64_t bytes,
                               struct hone_finding_list *findings, struct hone_error *error);

/* A candidate as built. */
struct hone_built {
    const char *task, *language;
    const void *image;
    uint64_t image_bytes;
    const char *listing; /* `listing_bytes` and a NUL; NULL: the backend has none */
    uint64_t listing_bytes;
    const char *entries; /* kernels that the plan launches, separated by spaces; may be NULL */
};
int hone_scorer_inspect_binary(struct hone_scorer *scorer, const struct hone_built *built,
                               struct hone_finding_list *findings, struct hone_error *error);
int hone_scorer_inspect_run(struct hone_scorer *scorer, const struct hone_evidence *evidence,
                            struct hone_finding_list *findings, struct hone_error *error);

/* One number for each configured reward, in the settings' order, before weights. */
int hone_scorer_score(struct hone_scorer *scorer, const struct hone_evidence *evidence,
                      double *parts, uint32_t part_count, struct hone_error *error);

/* `hone scorer`: reads the settings from descriptor 4 and becomes the child, which serves
 * descriptor 3 until it closes. Returns an exit status. */
int hone_command_scorer(int argc, char **argv);

#endif
