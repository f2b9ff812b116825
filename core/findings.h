/* findings.h - what detectors report, put in order: texts that may be shown, configured severities,
 * and a list that never loses the worst for lack of room.
 *
 * Pure functions; any thread.
 */
#ifndef HONE_CORE_FINDINGS_H
#define HONE_CORE_FINDINGS_H

#include "plugins/evidence.h"

struct hone_settings;

struct hone_finding_list {
    struct hone_finding *rows;
    uint32_t count, capacity;
    uint32_t lost; /* findings that found no room */
};

/* As a detector said it; `rule` and `text` may be of any length. One that names no rule is the
 * detector's own. */
struct hone_finding hone_finding_make(const char *detector, const char *rule, uint32_t severity,
                                      uint32_t line, const char *text);

/* One that came from a detector, or through memory it could write to: its texts end, are UTF-8 and
 * one line each, and its severity is the configured one. */
void hone_finding_settle(struct hone_finding *finding, const struct hone_settings *settings);

/* Append. In a full list a finding takes the place of the latest of the least severe, if it is more
 * severe itself: what is merely worth a note must not hide what costs the step. */
void hone_findings_add(struct hone_finding_list *list, const struct hone_finding *finding);

#endif
