/* input_mutation.c - inputs that a candidate changed, or tried to. */
#include "plugins/detector/facts.h"

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    return report_fact(evidence, findings, "input_mutation",
                       HONE_FACT_INPUT_CHANGED | HONE_FACT_INPUT_FAULT, "an input was written to");
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

static const struct hone_option options[] = {{.name = NULL}};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_DETECTOR,
    .flags = HONE_PLUGIN_CONCURRENT,
    .name = "input_mutation",
    .version = "1.0",
    .summary = "writes to an input",
    .options = options,
    .create = create_nothing,
    .destroy = destroy_nothing,
    .detector = &ops,
};
