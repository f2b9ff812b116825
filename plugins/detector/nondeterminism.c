/* nondeterminism.c - results that differ although the inputs are the same: races, memory that was
 * not written before it is read.
 *
 * A repeated call that is wrong made the verdict already. Sums in an order that changes, as with
 * atomics, differ by rounding, far below a tolerance; more than that is a warning, since nothing
 * was wrong this time. */
#include "plugins/detector/rule.h"

static const struct hone_option options[] = {
    {.name = "spread",
     .fallback = "0.25",
     .summary = "most that results for the same inputs may differ, in tolerances",
     .low = 0,
     .high = 2,
     .type = HONE_REAL},
    {.name = NULL},
};

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    for (uint32_t i = 0; i < hone_evidence_probe_count(evidence); i++) {
        const struct hone_probe_row *row = hone_evidence_probe(evidence, i);
        if (row->kind != HONE_NEED_SAME_INPUTS)
            continue;
        if (row->moved > number(self, 0))
            say(findings, "nondeterminism", HONE_WARN, 0,
                "%.31s: results for the same inputs differ by %.3g tolerances: write all scratch "
                "memory before reading it, and let no order of threads decide a result",
                row->id, row->moved);
        else if (evidence->reason == HONE_REASON_NONDETERMINISTIC)
            say(findings, "nondeterminism", HONE_WARN, 0,
                "%.31s: right once, and not right again on the same inputs: depend on nothing but "
                "the inputs, neither on earlier calls nor on memory that was not written",
                row->id);
    }
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_SAME_INPUTS};

RULE("nondeterminism", "results that differ although inputs are equal", options, create_numbers);
