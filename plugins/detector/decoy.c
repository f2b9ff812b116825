/* decoy.c - steps of a plan that run and do not matter: written to look like work, or to raise the
 * share of time that the candidate's own kernels take.
 *
 * The probe leaves all steps of a plan line out, on workloads of every kind until a result is
 * wrong. A line that no result needed and that surely took time is a decoy: the upper end of what
 * calls take without it counts. One that took none may be a fix-up for cases that did not come up,
 * so it is only shown. */
#include "plugins/detector/rule.h"

static const struct hone_option options[] = {
    {.name = "share",
     .fallback = "0.1",
     .summary = "share of a call's time from which a step nobody needs is a decoy",
     .low = 0,
     .high = 1,
     .type = HONE_REAL},
    {.name = NULL},
};

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    for (uint32_t i = 0; i < hone_evidence_probe_count(evidence); i++) {
        const struct hone_probe_row *row = hone_evidence_probe(evidence, i);
        if (row->kind != HONE_NEED_LEAVE_OUT || !row->calls || row->right < row->calls)
            continue;
        const double share = 1 - row->ns_high / row->reference_ns;
        if (share > number(self, 0))
            say(findings, "decoy", HONE_ZERO, row->line,
                "without this step all %u results tried are right, and a call takes at least %.3g "
                "%% "
                "less time: it is there for show; leave it out",
                row->calls, 100 * share);
        else
            say(findings, "decoy", HONE_WARN, row->line,
                "without this step all %u results tried are right: leave it out unless it is for "
                "cases that are rare",
                row->calls);
    }
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_LEAVE_OUT};

RULE("decoy", "steps of a plan that do not matter", options, create_numbers);
