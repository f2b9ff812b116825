/* timer_disagreement.c - two clocks that tell different stories: work outside the measured window.
 *
 * A candidate on a CPU has one thread, which runs between go and done and at no other time: the
 * wall clock and the CPU clock of its process agree. More CPU than wall should be impossible. More
 * wall than CPU is a busy machine, whose samples are repeated, and is said only when most of a call
 * was spent waiting. */
#include "plugins/detector/rule.h"

static const struct hone_option options[] = {
    {.name = "share",
     .fallback = "0.05",
     .summary = "how much longer the CPU clock may have run, in times of the wall clock",
     .low = 0,
     .high = 10,
     .type = HONE_REAL},
    {.name = "slack_us",
     .fallback = "3",
     .summary = "and by how many microseconds more, either way",
     .low = 0,
     .high = 1e6,
     .type = HONE_REAL},
    {.name = "waiting",
     .fallback = "1",
     .summary = "how much longer the wall clock may have run, in times of the CPU clock",
     .low = 0,
     .high = 1e6,
     .type = HONE_REAL},
    {.name = NULL},
};

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        const double wall = row->kernel_ns, cpu = row->kernel_cpu_ns;
        const double share = cpu > wall ? number(self, 0) : number(self, 2);
        if (!(fabs(wall - cpu) > share * fmin(wall, cpu) + 1e3 * number(self, 1)))
            continue;
        say(findings, "timer_disagreement", HONE_WARN, 0,
            "%.31s: %.4g us by the wall clock, %.4g us by the CPU clock: %s", row->id, wall / 1e3,
            cpu / 1e3,
            cpu > wall ? "work ran outside the measured call; do all of it between call and return"
                       : "the machine was busy; measure again");
    }
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_CPU_TIME};

RULE("timer_disagreement", "clocks that disagree", options, create_numbers);
