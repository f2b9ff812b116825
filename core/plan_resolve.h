/* plan_resolve.h - a plan on its way to a program under one workload; for core/plan_resolve.c and
 * core/plan_step.c alone. */
#ifndef HONE_CORE_PLAN_RESOLVE_H
#define HONE_CORE_PLAN_RESOLVE_H

#include "core/plan_private.h"

/* What an expression gives under this workload; it depends on nothing else, so once is enough. */
struct hone_resolved_value {
    bool known;
    union {
        int64_t integer;
        double real;
    };
};

struct hone_resolving {
    const struct hone_plan *plan;
    const struct hone_workload *workload;
    struct hone_error *error;
    struct hone_name names[HONE_AXES_MAX + PLAN_DEVICE_NAMES + HONE_PLAN_CONSTANTS_MAX];
    struct hone_resolved_value *values; /* by expression */
    uint32_t slots[PLAN_SLOTS_MAX];     /* what each name stands for now */
    int64_t left[PLAN_DEPTH_MAX];       /* of each repeat */
    struct hone_plan_program *program;
    struct hone_plan_step *steps;
    uint32_t step_capacity;
    struct hone_plan_argument *arguments;
    uint32_t argument_count, argument_capacity;
    struct hone_plan_segment *segments;
    uint32_t segment_capacity;
    uint32_t words;
};

/* Refuse: -EINVAL, with the place in the source, what is wrong, and on which workload; of a hidden
 * one neither name nor sizes. */
int hone_resolving_fail(const struct hone_resolving *resolving, uint32_t line, uint32_t column,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));
/* At the place of an expression. */
int hone_resolving_fail_at(const struct hone_resolving *resolving, uint32_t index,
                           const char *what);
/* "the grid's x is 70000: must be at most 65535", without the number on a hidden workload. */
int hone_resolving_fail_value(const struct hone_resolving *resolving, uint32_t index,
                              const char *what, int64_t value, const char *limit);

/* The value of expression `index`, which stays the resolving's. */
int hone_resolving_compute(struct hone_resolving *resolving, uint32_t index,
                           struct hone_resolved_value **out);
int hone_resolving_integer(struct hone_resolving *resolving, uint32_t index, int64_t *number);
/* How many elements a slot's memory has. */
int64_t hone_resolving_elements(const struct hone_resolving *resolving, uint32_t slot);

/* plan_step.c: append a step to the program. */
int hone_resolving_add_step(struct hone_resolving *resolving,
                            const struct hone_plan_statement *from);

#endif
