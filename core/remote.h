/* remote.h - calls whose inputs and poison a device makes in its own memory, and whose outputs it
 * keeps there: beside a kernel of a millisecond, copying half a gigabyte takes twenty.
 *
 * Of a sampled workload a device with the two ops for it is handed materials (plugins/material.h)
 * in place of bytes: for inputs that a rule draws, for poison, for guard bands. What is drawn in
 * order (offsets, columns, page tables), and outputs so small that their mean would tell them, are
 * uploaded as ever. After the go it brings back counts, the sampled elements and the sums of
 * fibres, which are judged here (struct hone_sight); nothing that is wanted ever goes to the
 * device, and where the elements lie, and the signs of the sums, go there after the go. Whatever is
 * found wrong is fetched whole and judged again, so that a verdict's words come from the bytes
 * themselves.
 *
 * Threads and results: as measure.h.
 */
#ifndef HONE_CORE_REMOTE_H
#define HONE_CORE_REMOTE_H

#include "core/task.h"

/* Whether a device may keep the arguments of a workload: it is sampled, and what is asked of it
 * afterwards is little enough. */
bool hone_remote_workload(const struct hone_task *task, const struct hone_workload *workload);

/* Whether it then makes this tensor; if not, it is uploaded and brought back. */
bool hone_remote_argument(const struct hone_task *task, const struct hone_workload *workload,
                          uint32_t arg);

/* Bytes of an input that nobody needs where a device makes it; 0: none. */
uint64_t hone_remote_input_bytes(const struct hone_task *task, const struct hone_workload *workload,
                                 uint32_t arg);

#endif
