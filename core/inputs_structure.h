/* inputs_structure.h - inputs that must agree with others; for inputs.c. */
#ifndef HONE_CORE_INPUTS_STRUCTURE_H
#define HONE_CORE_INPUTS_STRUCTURE_H

#include "core/task.h"
#include "plugins/structure.h"

/* One input of one workload. */
struct hone_input {
    const struct hone_task *task;
    const struct hone_workload *workload;
    uint64_t seed;
    uint32_t arg;
};

/* The descriptions that structure.h computes from. -EINVAL: the argument, or one it names, is drawn
 * in another way. */
int hone_input_offsets(const struct hone_input *input, struct hone_offsets *offsets);
int hone_input_columns(const struct hone_input *input, struct hone_columns *columns);
int hone_input_lengths(const struct hone_input *input, struct hone_lengths *lengths);
int hone_input_pages(const struct hone_input *input, struct hone_pages *pages);

/* Fill an argument drawn as offsets or csr. */
int hone_input_fill_offsets(const struct hone_input *input, void *data);
int hone_input_fill_columns(const struct hone_input *input, void *data);

/* NaN over every slot of a cache that no sequence uses. */
int hone_input_poison(const struct hone_input *input, void *data);

#endif
