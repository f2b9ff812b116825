/* evidence.h - put together the evidence of a step (plugins/evidence.h). Any thread. */
#ifndef HONE_CORE_EVIDENCE_H
#define HONE_CORE_EVIDENCE_H

#include "plugins/evidence.h"
#include "plugins/hardware.h"

#include <stdbool.h>

struct hone_step;

/* One block from everything the step holds: always complete, whatever the verdict. Replaces
 * step->evidence; -ENOMEM leaves that as it was. */
int hone_evidence_build(struct hone_step *step, const struct hone_device *device);

/* Evidence of nothing, in a block of at least sizeof(struct hone_evidence): every measurement
 * absent. */
void hone_evidence_clear(struct hone_evidence *evidence);

/* Write what belongs to the step's place in its episode, not to what was measured. */
void hone_evidence_place(struct hone_evidence *evidence, const struct hone_step *step);

/* As it was before the step was scored: what a reward sees cannot tell of its own scoring. */
void hone_evidence_unscore(struct hone_evidence *evidence);

/* Whether a block of `bytes` bytes, from another process or from disk, is evidence whose every
 * offset, count and text stays inside it. `block` lies on 8 bytes. -EINVAL with a text. */
int hone_evidence_check(const void *block, uint64_t bytes, struct hone_error *error);

/* A copy, in the present layout, of evidence that this or an earlier hone stored: what was not
 * measured then is absent. `bytes` may lie anywhere; they are checked. The caller frees. -EINVAL,
 * -ENOMEM. */
int hone_evidence_read(const void *bytes, uint64_t count, struct hone_evidence **evidence,
                       struct hone_error *error);

#endif
