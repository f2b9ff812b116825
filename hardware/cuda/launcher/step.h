/* step.h - one step of a plan, queued on the launcher's stream: a kernel of the program, a function
 * of a library, an operator.
 */
#ifndef HONE_CUDA_LAUNCHER_STEP_H
#define HONE_CUDA_LAUNCHER_STEP_H

#include "hardware/cuda/launcher/launcher.h"
#include "hardware/cuda/operators/operation.h"

/* The words of one call, read from the front. */
struct reading {
    const uint64_t *at, *end;
};

/* What the steps of a call are queued for. */
struct queueing {
    struct launcher *launcher;
    struct hone_launcher_reply *reply;
    bool *touches; /* of the buffers */
    bool is_trial; /* libraries alone, so that they have loaded what they need before a capture */
};

bool reading_take(struct reading *reading, uint64_t *word);
/* A pointer of the program's address space as the device has it, and how many bytes of its region
 * lie from there on. */
bool queueing_translate(const struct queueing *queueing, uint64_t *word, uint64_t *room);

/* Queue the next step; its kind, or 0 with the reply filled. */
enum hone_step_kind step_queue(const struct queueing *queueing, struct reading *reading);

/* function.c: a function of a library by the name that a baseline's plan gives it. What is wrong
 * with the entry; NULL: nothing. */
const char *function_check(const struct hone_launcher_entry *entry);
/* 0, or -1 with the reply filled. */
int function_queue(const struct queueing *queueing, const struct hone_launcher_entry *entry,
                   const uint64_t *words);

/* operator.c: `count` words in the form of plugins/operators.h. 0, or -1 with the reply filled. */
int operator_queue(const struct queueing *queueing, const uint64_t *words, uint64_t count);

#endif
