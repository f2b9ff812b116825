/* quarantine.h - candidates that are rejected from now on, byte for byte, because a finding said
 * so.
 *
 * By task, language and source. xxhash finds an entry, then the bytes are compared, so that no
 * other candidate can be made to suffer. With a folder it outlives its server
 * (core/quarantine_file.h). Bounded: the oldest go.
 *
 * Threads: one, the engine owner's.
 */
#ifndef HONE_CORE_QUARANTINE_H
#define HONE_CORE_QUARANTINE_H

#include <stdbool.h>

struct hone_quarantine;
struct hone_step;

/* With what `folder` keeps from earlier servers; NULL: nothing, and nothing is kept. NULL: out of
 * memory. */
struct hone_quarantine *hone_quarantine_create(const char *folder);
void hone_quarantine_destroy(struct hone_quarantine *quarantine);

/* The rule that put the step's candidate there; NULL: it is not. */
const char *hone_quarantine_rule(const struct hone_quarantine *quarantine,
                                 const struct hone_step *step);
/* Take in the candidate of a step that has a finding of that severity. */
void hone_quarantine_take(struct hone_quarantine *quarantine, const struct hone_step *step);

#endif
