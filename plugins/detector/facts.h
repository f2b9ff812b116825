/* facts.h - a detector that turns a fact of the workload rows into one finding.
 *
 * The supervisor has seen the fact and made it the verdict's reason; the finding tells which rule
 * it was and where, so its severity is `warn`: a kernel that is merely wrong stays wrong. Nothing
 * but the id of a visible workload is told; hidden ones have none.
 */
#ifndef HONE_DETECTOR_FACTS_H
#define HONE_DETECTOR_FACTS_H

#include "plugins/detector/rule.h"

/* `what` reads "... in 2 of 5 workloads, first in verify-1"; `advice` is what would be honest. */
static inline int report_fact(const struct hone_evidence *evidence,
                              const struct hone_findings *findings, const char *rule,
                              uint32_t facts, const char *what, const char *advice) {
    uint32_t count = 0;
    const char *first = "";
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (!(row->facts & facts))
            continue;
        count++;
        if (!*first && row->set != HONE_HIDDEN)
            first = row->id;
    }
    if (!count)
        return 0;
    char text[sizeof(((struct hone_finding *)0)->text)];
    snprintf(text, sizeof text, "%s in %u of %u workloads, %s%.*s: %s", what, count,
             evidence->workload_count, *first ? "first in " : "only in hidden ones",
             HONE_NAME_SIZE - 1, first, advice);
    findings->report(findings->host, rule, HONE_WARN, 0, text);
    return 0;
}

#endif
