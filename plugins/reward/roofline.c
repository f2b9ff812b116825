/* roofline.c - the reward for coming close to what the device can do: the speed-of-light score of
 * SOL-ExecBench,
 *
 *   1 / (1 + (T - T_roof) / (T_base - T_roof))
 *
 * with T the kernel's time, T_base the score baseline's and T_roof the task's flops and bytes at
 * the device's peak: 1 at the roof, 1/2 as fast as the baseline, towards 0 beyond. A kernel that is
 * timed below the roof scores 1: the roof is an estimate. A baseline that is there already leaves
 * no distance to measure in; the kernel's own takes its place, T_roof / T. */
#include "plugins/reward.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct roofline {
    double missing;
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)error;
    struct roofline *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "missing"))
            r->missing = strtod(settings->value, NULL);
    *self = r;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static bool is_time(double ns) {
    return ns > 0 && isfinite(ns);
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    const struct roofline *r = self;
    const uint32_t times = HONE_HAS_KERNEL_NS | HONE_HAS_BASELINE_NS;
    *reward = 0;
    if (evidence->verdict != HONE_PASSED)
        return 0;
    if ((evidence->valid & times) != times || !is_time(evidence->kernel_ns) ||
        !is_time(evidence->baseline_ns))
        return -ENODATA; /* what passed was timed */
    if (!(evidence->valid & HONE_HAS_ROOFLINE) || !is_time(evidence->roofline_ns)) {
        *reward = r->missing;
        return 0;
    }
    const double above = evidence->kernel_ns - evidence->roofline_ns;
    const double distance = evidence->baseline_ns - evidence->roofline_ns;
    if (above <= 0)
        *reward = 1;
    else if (distance <= 0)
        *reward = evidence->roofline_ns / evidence->kernel_ns;
    else
        *reward = 1 / (1 + above / distance);
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {
    {.name = "missing",
     .fallback = "0",
     .summary = "what a kernel that passed gets where task or device give no roofline",
     .low = 0,
     .high = 1,
     .type = HONE_REAL},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .flags = HONE_PLUGIN_CONCURRENT | HONE_PLUGIN_TRIVIAL,
    .name = "roofline",
    .version = "1.0",
    .summary = "how close to the device's limits, 0 to 1; 0 unless passed",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
