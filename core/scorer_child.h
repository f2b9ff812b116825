/* scorer_child.h - what the child half of a scorer shares among its files.
 *
 * Private to core/scorer_main.c and core/scorer_sets.c. One thread.
 */
#ifndef HONE_CORE_SCORER_CHILD_H
#define HONE_CORE_SCORER_CHILD_H

#include "core/loader.h"
#include "core/oracle.h"
#include "core/process_state.h"
#include "core/scorer_wire.h"
#include "core/settings.h"
#include "core/task.h"

/* A task as this process parsed it, and where it came from. */
struct hone_known_task {
    struct hone_task *task;
    struct hone_oracle oracle; /* not opened while its call is NULL */
    uint32_t plugin, index;
};

struct hone_scorer_child {
    void *exchange;
    const struct hone_settings *settings;
    struct hone_places places;
    struct hone_process_state state;
    bool spoilt; /* by a plugin: this process answers once more, and ends */
    struct hone_instance *plugins[HONE_DETECTOR + 1]; /* by kind */
    uint32_t plugin_count[HONE_DETECTOR + 1];
    struct hone_known_task *tasks;
    uint32_t task_count;
    bool tasks_read;
};

/* Say which plugin is about to run: what the supervisor tells people when it does not come back. */
void hone_child_announce(struct hone_scorer_child *child, enum hone_kind kind, const char *name,
                         const char *operation);
/* It came back with `result`: what it changed of this process is as before, and text and status of
 * the reply name it when it failed. */
int hone_child_ended(struct hone_scorer_child *child, enum hone_kind kind, const char *name,
                     const char *operation, int result, struct hone_error *error);

int hone_child_task_count(struct hone_scorer_child *child, const struct hone_wire_request *request,
                          struct hone_wire_reply *reply, struct hone_error *error);
int hone_child_describe(struct hone_scorer_child *child, const struct hone_wire_request *request,
                        struct hone_wire_reply *reply, struct hone_error *error);
int hone_child_fill_set(struct hone_scorer_child *child, const struct hone_wire_request *request,
                        int memory, struct hone_error *error);
void hone_child_forget_tasks(struct hone_scorer_child *child);

#endif
