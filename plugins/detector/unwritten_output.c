/* unwritten_output.c - stale and partial outputs: the poison of a call was still there after it. */
#include "plugins/detector/facts.h"

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    return report_fact(evidence, findings, "unwritten_output", HONE_FACT_UNWRITTEN,
                       "outputs still held their poison");
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

static const struct hone_option options[] = {{.name = NULL}};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_DETECTOR,
    .flags = HONE_PLUGIN_CONCURRENT,
    .name = "unwritten_output",
    .version = "1.0",
    .summary = "outputs that a call left as they were",
    .options = options,
    .create = create_nothing,
    .destroy = destroy_nothing,
    .detector = &ops,
};
