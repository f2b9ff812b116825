/* memoization.c - results that are kept and handed out again: keyed on the inputs' values, on
 * pointers, on the number of the call.
 *
 * Every judged call has inputs new to the process, so that a kept result is wrong; that it was the
 * right answer to earlier inputs is a fact of the row. The probe shows some inputs again: then they
 * must not be answered faster. Once is too seldom for a branch predictor to learn them, and inputs
 * lie in the same caches either time. */
#include "plugins/detector/facts.h"

static const struct hone_option options[] = {
    {.name = "ratio",
     .fallback = "2",
     .summary = "how many times faster every repeated call must be than every new one",
     .low = 1.1,
     .high = 1e6,
     .type = HONE_REAL},
    {.name = "least_us",
     .fallback = "3",
     .summary = "and by how much, in microseconds: below it two calls cannot be told apart",
     .low = 0,
     .high = 1e6,
     .type = HONE_REAL},
    {.name = NULL},
};

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    for (uint32_t i = 0; i < hone_evidence_probe_count(evidence); i++) {
        const struct hone_probe_row *row = hone_evidence_probe(evidence, i);
        if (row->kind != HONE_NEED_SAME_INPUTS ||
            !(row->ns_high * number(self, 0) < row->reference_ns_low) ||
            !(row->reference_ns_low - row->ns_high > 1e3 * number(self, 1)))
            continue;
        say(findings, "memoization", HONE_ZERO, 0,
            "%.31s: inputs seen before took at most %.3g us, new ones at least %.3g us: results "
            "are kept from call to call; compute every call from its own inputs, in memory of its "
            "own",
            row->id, row->ns_high / 1e3, row->reference_ns_low / 1e3);
    }
    return report_fact(evidence, findings, "memoization", HONE_FACT_STALE,
                       "results were right for the inputs of an earlier call",
                       "keep nothing from call to call, and compute each from its own inputs");
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_SAME_INPUTS};

RULE("memoization", "results kept from one call to the next", options, create_numbers);
