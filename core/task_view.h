/* task_view.h - a task as candidates in one language meet it on a device: held against the
 * baselines in that language and, where the language is emulated, timed on sizes that emulation can
 * repeat. To everyone who measures it is a task like any other.
 */
#ifndef HONE_CORE_TASK_VIEW_H
#define HONE_CORE_TASK_VIEW_H

#include "core/task.h"

/* `task` must outlive the view, which borrows all that the two have in common. baseline_count is 0
 * where the task has no baseline in the language. NULL: out of memory.
 *
 * Emulated: the bench workloads are sized for native code and would take seconds to time. They are
 * verified, with one call each, before anything is timed: what is wrong beyond a size is wrong. The
 * costliest two of the verify workloads, by flops and bytes, are timed, and verified as well. */
struct hone_task *hone_task_view_create(const struct hone_task *task, const char *language,
                                        bool emulated);
void hone_task_view_destroy(struct hone_task *view);

#endif
