/* tasks_ceiling.h - what one core of this machine can do at most: bytes and operations a second.
 *
 * Two small tasks made in code, a copy of several sizes and a chain of fused multiplications, are
 * compiled, run, timed and judged exactly as baselines are: fresh inputs, poisoned outputs, one
 * call at a time in the guest. A copy's speed depends on the cache its data fit in, so the
 * bandwidth for a number of bytes lies between those of the sizes around it; the best of three
 * medians counts, and the faster of a loop and memcpy().
 */
#ifndef HONE_CORE_TASKS_CEILING_H
#define HONE_CORE_TASKS_CEILING_H

#include "core/gate.h"

#define HONE_CEILING_SIZES 5u

struct hone_ceiling {
    double bytes[HONE_CEILING_SIZES];     /* read and written by a copy, ascending */
    double bandwidth[HONE_CEILING_SIZES]; /* bytes a second */
    double flops;                         /* f32, a second; a fused multiplication counts two */
};

int hone_ceiling_measure(struct hone_gate *gate, struct hone_ceiling *ceiling,
                         struct hone_error *error);
/* The least time in which so much can be computed and moved; what is NaN sets no limit. */
double hone_ceiling_ns(const struct hone_ceiling *ceiling, double flops, double bytes);

/* Time every baseline in C of a task on every bench workload, one call at a time: medians in ns by
 * baseline, then by workload; NaN for what was not timed. The caller frees each. `meter` NULL: the
 * gate's own. */
struct hone_meter;
int hone_tasks_time(struct hone_gate *gate, struct hone_meter *meter, const struct hone_task *task,
                    double *ns[HONE_BASELINES_MAX], struct hone_error *error);

#endif
