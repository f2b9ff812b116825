/* out_of_bounds.c - writes and reads beside a buffer: broken guard bands, faults just past the end.
 */
#include "plugins/detector/facts.h"

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    return report_fact(evidence, findings, "out_of_bounds",
                       HONE_FACT_GUARD_BROKEN | HONE_FACT_FAULT_BEYOND,
                       "memory beside an argument was touched",
                       "hold every index to the sizes; the last vector or block need not be whole");
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

RULE("out_of_bounds", "access beside a buffer", no_options, create_nothing);
