/* out_of_bounds.c - writes and reads beside a buffer: broken guard bands, faults just past the end.
 */
#include "plugins/detector/facts.h"

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    return report_fact(evidence, findings, "out_of_bounds",
                       HONE_FACT_GUARD_BROKEN | HONE_FACT_FAULT_BEYOND,
                       "memory beside a buffer was touched");
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

static const struct hone_option options[] = {{.name = NULL}};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_DETECTOR,
    .flags = HONE_PLUGIN_CONCURRENT,
    .name = "out_of_bounds",
    .version = "1.0",
    .summary = "access beside a buffer",
    .options = options,
    .create = create_nothing,
    .destroy = destroy_nothing,
    .detector = &ops,
};
