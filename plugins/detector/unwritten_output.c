/* unwritten_output.c - stale and partial outputs: the poison of a call was still there after it. */
#include "plugins/detector/facts.h"

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    return report_fact(evidence, findings, "unwritten_output", HONE_FACT_UNWRITTEN,
                       "output elements still held what lay there before the call",
                       "write every element of every output in every call");
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

RULE("unwritten_output", "outputs that a call left as they were", no_options, create_nothing);
