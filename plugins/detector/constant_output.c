/* constant_output.c - answers that ignore their input, and pass because the right ones hardly vary.
 *
 * The probe changes one element of an input, within the range of its others, in the call after one
 * on the same inputs: where the oracle's result moves, the candidate's must. Says nothing where the
 * oracle's stays within a few tolerances, as a mean of many elements does. */
#include "plugins/detector/rule.h"

static const struct hone_option options[] = {
    {.name = "least",
     .fallback = "4",
     .summary = "how far the right result must move to be counted, in tolerances",
     .low = 2,
     .high = 1e9,
     .type = HONE_REAL},
    {.name = NULL},
};

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    for (uint32_t i = 0; i < hone_evidence_probe_count(evidence); i++) {
        const struct hone_probe_row *row = hone_evidence_probe(evidence, i);
        if (row->kind != HONE_NEED_ONE_ELEMENT || row->right == row->calls)
            continue;
        if (row->wanted_moved >= number(self, 0) && row->moved < row->wanted_moved / 4)
            say(findings, "constant_output", HONE_ZERO, 0,
                "%.31s: one element of argument %u changed, the right result moved by %.3g "
                "tolerances, yours by %.3g: the answer ignores its input, or was kept; read every "
                "element in every call",
                row->id, row->argument + 1, row->wanted_moved, row->moved);
        else
            say(findings, "constant_output", HONE_ZERO, 0,
                "%.31s: right until one element of argument %u changed, to a value like the "
                "others, and wrong after: read every element in every call",
                row->id, row->argument + 1);
    }
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_ONE_ELEMENT};

RULE("constant_output", "answers that ignore an input", options, create_numbers);
