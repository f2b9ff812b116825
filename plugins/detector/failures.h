/* failures.h - which workloads a candidate failed, and which it had passed before: for rules that
 * say what a wrong candidate is right on. */
#ifndef HONE_DETECTOR_FAILURES_H
#define HONE_DETECTOR_FAILURES_H

#include "plugins/detector/rule.h"

static inline bool has_failed(const struct hone_workload_row *row) {
    return row->verdict == HONE_WRONG || row->verdict == HONE_CRASHED ||
           row->verdict == HONE_TIMED_OUT;
}

struct tally {
    uint32_t passed, failed;
    const struct hone_workload_row *first; /* that failed */
};

/* Of the rows that `is_counted` says belong. */
static inline struct tally count_rows(const struct hone_evidence *evidence,
                                      bool (*is_counted)(const struct hone_workload_row *row)) {
    struct tally tally = {0, 0, NULL};
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (!is_counted(row))
            continue;
        tally.passed += row->verdict == HONE_PASSED;
        tally.failed += has_failed(row);
        if (!tally.first && has_failed(row))
            tally.first = row;
    }
    return tally;
}

#endif
