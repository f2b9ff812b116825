/* task.h - where tasks come from.
 *
 * A task is described by text: a task.json and the files beside it (tasks/ has twenty). A plugin
 * hands that text over, read from folders or made in code, and the host parses it strictly, draws
 * inputs, runs the oracle and judges. A plugin may take over any of those by giving the entry.
 */
#ifndef HONE_TASK_H
#define HONE_TASK_H

#include "plugin.h"
#include "tensor.h"

/* One file of a task. Frozen. */
struct hone_task_file {
    const char *name; /* "task.json", "prompt.md", "oracle.c", "wrong/tail.c": sorted by strcmp */
    const char *text;
    uint64_t bytes; /* the text is followed by a NUL that is not counted */
};

/* What describe() fills; the host sets `size` first. */
struct hone_task_description {
    uint32_t size;
    uint32_t file_count;
    const struct hone_task_file *files; /* must hold task.json */
    const char *origin;                 /* the folder, or the plugin's name: for messages */
};

/* One concrete workload; pointers are borrowed for the call. */
struct hone_task_workload {
    uint32_t size;
    uint32_t axis_count;
    const char *id;
    const int64_t *axes; /* in the order of task.json */
};

/* One argument of the signature, in C order: a tensor, or a scalar in `value`. Frozen. */
struct hone_task_argument {
    const char *name;
    struct hone_tensor tensor; /* data is NULL for a scalar */
    double real;
    int64_t integer;
};

struct hone_task_ops {
    uint32_t size;
    uint32_t reserved;
    int (*count)(void *self, uint32_t *count); /* [episode] */
    /* Describe task `index`. A folder that cannot be read is -errno with a text; the others are
     * still offered. [episode] */
    int (*describe)(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error);
    /* Optional: fill every input of one workload from one seed: a pure function. [episode] */
    int (*inputs)(void *self, uint32_t index, const struct hone_task_workload *workload,
                  uint64_t seed, struct hone_task_argument *arguments, uint32_t argument_count);
    /* Optional: the truth in double precision; outputs are tensors of f64. [episode] */
    int (*oracle)(void *self, uint32_t index, const struct hone_task_workload *workload,
                  struct hone_task_argument *arguments, uint32_t argument_count);
};

#endif
