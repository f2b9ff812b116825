/* operator.h - one operator of a plan as the launcher has read it from words, for who queues it. */
#ifndef HONE_CUDA_LAUNCHER_OPERATOR_H
#define HONE_CUDA_LAUNCHER_OPERATOR_H

#include "hardware/cuda/launcher/step.h"
#include "hardware/cuda/operators/list.h"
#include "plugins/operators.h"

#define OPERATOR_ATTRIBUTES_MAX 8

struct operator_attribute {
    char name[8 * HONE_OPERATOR_NAME_WORDS];
    uint32_t count;
    double values[HONE_OPERATION_DIMS];
};

struct operator_call {
    const struct queueing *queueing;
    const struct hone_operator_row *row;
    struct hone_operation operation;
    struct operator_attribute attributes[OPERATOR_ATTRIBUTES_MAX];
    uint32_t attribute_count;
};

/* All the words, in the form of plugins/operators.h. False: they are not of that form, or an
 * operand does not lie in a region of the program. */
bool operator_read(struct operator_call *call, const uint64_t *words, uint64_t count);

/* NULL: the plan does not say. */
const struct operator_attribute *operator_attribute(const struct operator_call *call,
                                                    const char *name);
/* Entry `index` of a list, of which one number stands for all. */
double operator_value(const struct operator_call *call, const char *name, uint32_t index,
                      double fallback);
double operator_first(const struct operator_call *call);
double operator_second(const struct operator_call *call);

/* A value that counts something, of an attribute that is at least `least`; false: it is not. */
bool operator_whole(double value, int64_t least, int64_t *number);

#endif
