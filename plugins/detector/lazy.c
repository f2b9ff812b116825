/* lazy.c - a trivial part rewritten, and the work left to the library.
 *
 * Allowed, and priced by the profiling reward: so a warning. */
#include "plugins/detector/rule.h"

static const struct hone_option options[] = {
    {.name = "coverage",
     .fallback = "0.3",
     .summary = "least share of kernel time that the candidate's own steps should take",
     .low = 0,
     .high = 1,
     .type = HONE_REAL},
    {.name = NULL},
};

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    if (evidence->op_steps && (evidence->valid & HONE_HAS_COVERAGE) &&
        evidence->coverage < number(self, 0))
        say(findings, "lazy", HONE_WARN, 0,
            "%.3g %% of the time is spent in steps of your own, the rest in `op`: write what takes "
            "the time, or fuse it; the profiling reward pays for your share alone",
            100 * evidence->coverage);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

RULE("lazy", "a trivial part rewritten, the rest left to the library", options, create_numbers);
