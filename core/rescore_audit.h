/* rescore_audit.h - detectors marked `audit`, applied to a run afterwards. One thread. */
#ifndef HONE_CORE_RESCORE_AUDIT_H
#define HONE_CORE_RESCORE_AUDIT_H

#include "core/rescore.h"

struct hone_audit;

/* -ENOENT when no detector of `settings` is marked audit. */
int hone_audit_open(const struct hone_settings *settings, struct hone_watch *watch,
                    struct hone_audit **audit, struct hone_error *error);
void hone_audit_close(struct hone_audit *audit);

/* Let them look at one step's source and evidence. A finding that costs the step makes verdict of
 * row and evidence hacked; the worst one's text goes to row->finding. A step whose
 * images are not recorded is not judged by what looks at those. `evidence_step`: the one that was
 * measured. */
int hone_audit_look(struct hone_audit *audit, struct hone_run *run, struct hone_rescored *row,
                    uint64_t evidence_step, struct hone_evidence *evidence,
                    struct hone_error *error);

#endif
