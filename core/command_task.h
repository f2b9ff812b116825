/* command_task.h - what `hone task` and `hone tasks` share and hand on: listing, checking, making
 * and timing tasks. */
#ifndef HONE_CORE_COMMAND_TASK_H
#define HONE_CORE_COMMAND_TASK_H

#include "core/command.h"
#include "core/overrides.h"
#include "core/task.h"

#include <jansson.h>
#include <stdbool.h>

/* Verbs of `hone task`; argv[0] is the verb. */
int hone_command_task_check(int argc, char **argv);
int hone_command_task_new(int argc, char **argv);

/* What a new task is made of, up to a NULL name; "@ID@" stands for its id. task_template.c */
struct hone_template_file {
    const char *name, *text;
};
extern const struct hone_template_file hone_template[];

/* `hone tasks --bench`: times of baselines against what this machine could do. */
int hone_tasks_bench(const struct hone_overrides *overrides, bool as_json);

/* Every task there is, in every dtype, by id; what cannot be read was told to standard error.
 * Opening returns 0, or, with nothing open and the reason told, the exit status.
 * command_task_list.c */
struct hone_listing {
    const char *command; /* whose messages they are: "tasks" */
    struct hone_settings *settings;
    struct hone_scorer *scorer;
    struct hone_task **tasks;
    uint32_t count, refused;
};
int hone_listing_open(const char *command, const struct hone_overrides *overrides,
                      struct hone_listing *listing);
void hone_listing_close(struct hone_listing *listing);

json_t *hone_task_json(const struct hone_task *task);

/* All there are: which of them run is the device's to say, and none is opened for a listing. */
static inline uint32_t hone_task_listed_baselines(const struct hone_task *task) {
    return task->baseline_count + task->cuda_baseline_count + task->absent_baseline_count;
}
uint32_t hone_task_count_set(const struct hone_task *task, enum hone_workload_set set);
/* The id of the task in its dtypes[variant]. */
void hone_task_variant_id(const struct hone_task *task, uint32_t variant, char *id, size_t size);

#endif
