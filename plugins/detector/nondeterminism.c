/* nondeterminism.c - results that differ although the inputs are the same: races, memory that was
 * not written before it is read.
 *
 * A repeated call that is wrong made the verdict already. Where many threads run, sums in an order
 * that changes, as with atomics, differ by rounding, far below a tolerance; more than that is a
 * warning, since nothing was wrong this time.
 *
 * A candidate in C has one thread, and its buffers lie where they lay: equal inputs have equal bits
 * as their result, whatever its order of summation. One that differs goes by the number of the
 * call or by what it found in memory. Beyond an honest implementation's rounding that is a choice
 * between answers, within it a warning. */
#include "plugins/detector/rule.h"

static const struct hone_option options[] = {
    {.name = "spread",
     .fallback = "0.25",
     .summary = "most that results for the same inputs may differ, in tolerances",
     .low = 0,
     .high = 2,
     .type = HONE_REAL},
    {.name = "rounding",
     .fallback = "4",
     .summary = "and where one thread runs, in times the rms of honest errors",
     .low = 0,
     .high = 1e9,
     .type = HONE_REAL},
    {.name = NULL},
};

/* An honest implementation's rounding on the workload of a probe, in tolerances. */
static double rounding_of(const struct hone_evidence *evidence,
                          const struct hone_probe_row *probe) {
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (row->set == probe->set && !strcmp(row->id, probe->id) && row->honest.count)
            return row->honest.rms;
    }
    return 0;
}

static void inspect_one_thread(const void *self, const struct hone_evidence *evidence,
                               const struct hone_probe_row *row,
                               const struct hone_findings *findings) {
    const bool is_choice = row->moved > number(self, 1) * rounding_of(evidence, row);
    say(findings, "nondeterminism", is_choice ? HONE_ZERO : HONE_WARN, 0,
        "%.31s: results for the same inputs differ by %.3g tolerances, and there is one thread: "
        "depend on nothing but the inputs, neither on earlier calls nor on memory that was not "
        "written",
        row->id, row->moved);
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    const bool has_one_thread = !strcmp(evidence->language, "c");
    for (uint32_t i = 0; i < hone_evidence_probe_count(evidence); i++) {
        const struct hone_probe_row *row = hone_evidence_probe(evidence, i);
        if (row->kind != HONE_NEED_SAME_INPUTS)
            continue;
        if (row->moved > 0 && has_one_thread)
            inspect_one_thread(self, evidence, row, findings);
        else if (row->moved > number(self, 0))
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
