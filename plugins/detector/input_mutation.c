/* input_mutation.c - inputs that a candidate changed, or tried to. */
#include "plugins/detector/facts.h"

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    return report_fact(evidence, findings, "input_mutation",
                       HONE_FACT_INPUT_CHANGED | HONE_FACT_INPUT_FAULT, "an input was written to",
                       "inputs are for reading; what must change is copied into a workspace first");
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

RULE("input_mutation", "writes to an input", no_options, create_nothing);
