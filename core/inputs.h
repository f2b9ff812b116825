/* inputs.h - fill the inputs of a workload from one seed.
 *
 * A pure function of (task, workload, seed, argument): element i is Philox4x32-10 with the seed as
 * key and counter {i/4 low, i/4 high, argument, stream}, lane i % 4 (plugins/random.h; Salmon et
 * al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011). Row pointers, columns, lengths and
 * page tables are drawn by row or entry from the same words (plugins/structure.h); what names
 * another input computes what it needs from that one's seed. Any thread.
 */
#ifndef HONE_CORE_INPUTS_H
#define HONE_CORE_INPUTS_H

#include "core/task.h"
#include "plugins/material.h"

/* Fill argument `arg` (a tensor input) at `data`. -EINVAL for a generator its dtype cannot hold,
 * or one that names an input of the wrong kind: never for a parsed or drawn workload. */
int hone_inputs_fill(const struct hone_task *task, const struct hone_workload *workload,
                     uint64_t seed, uint32_t arg, void *data);

/* The same as a rule by which every element can be made alone; `address` is left out. False: there
 * is none, as an argument of its own structure, or one that another is drawn for, has to be filled
 * in order. */
bool hone_inputs_material(const struct hone_task *task, const struct hone_workload *workload,
                          uint64_t seed, uint32_t arg, struct hone_material *material);

/* Change one element of a float tensor that has been filled, chosen by the seed, to a value within
 * the range of its others: most of the way to the one furthest from it. */
void hone_inputs_change(enum hone_dtype dtype, int64_t count, uint64_t seed, uint32_t arg,
                        void *data);

/* Whether that leaves a valid input: floats without structure. */
bool hone_inputs_may_change(const struct hone_task *task, const struct hone_workload *workload,
                            uint32_t arg);

/* Move f32 elements by up to 7 * 16 units in their last place: 16 for each of the bits 2, 4, 6 and
 * 8 that is set and of 3, 5 and 7 that is not, less 16 for each that is otherwise. However many low
 * bits are cut off, to nearest or towards zero, the error has a part in this: signs that alternate
 * keep those of the higher and the lower bits from cancelling. */
void hone_inputs_nudge(int64_t count, float *data);

/* Whether an input has such bits, and all of them are drawn: those of whole numbers are zero. */
bool hone_inputs_may_nudge(const struct hone_task *task, const struct hone_workload *workload,
                           uint32_t arg);

/* Derive the seed of one draw from the master secret: XXH3-64 of the 104 bytes secret || task hash
 * || episode || draw || XXH3-128 of the workload's name || secret (design "Seeds"). XXH3 is no
 * cryptographic hash: a caller that shows some seeds should draw those under another secret than
 * the ones it hides. */
uint64_t hone_seed(const uint8_t secret[32], uint64_t task_hash, const char *workload,
                   uint64_t episode, uint64_t draw);

#endif
