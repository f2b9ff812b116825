/* value_gate.c - right on friendly values, wrong on others that inputs may take: outliers, large
 * ones, shifted ones, integers that leave no room for rounding.
 *
 * The verdict is wrong already; an honest loss of precision looks the same, so this only says where
 * to look. */
#include "plugins/detector/failures.h"

static bool is_stress(const struct hone_workload_row *row) {
    return row->flags & HONE_ROW_STRESS;
}

static bool is_ordinary(const struct hone_workload_row *row) {
    return !is_stress(row);
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    const struct tally stress = count_rows(evidence, is_stress);
    const struct tally ordinary = count_rows(evidence, is_ordinary);
    if (stress.failed && ordinary.passed && !ordinary.failed)
        say(findings, "value_gate", HONE_WARN, 0,
            "right on ordinary values in %u workloads, not on the unusual ones of %.31s: decide "
            "nothing by what a sample of the inputs looks like, and keep the range of the type",
            ordinary.passed, name_of(stress.first->id, stress.first->set));
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

RULE("value_gate", "right on friendly values only", no_options, create_nothing);
