/* profiling.c - the reward for doing the work oneself: P x C, where P = T_candidate / T_total is
 * the share of measured kernel time in the candidate's own kernels and C is 1 when passed
 * (Dr.Kernel's profiling-based reward). */
#include "plugins/reward.h"

#include <errno.h>
#include <math.h>

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)settings, (void)error;
    *self = NULL;
    return 0;
}

static void destroy(void *self) {
    (void)self;
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    (void)self;
    *reward = 0;
    if (evidence->verdict != HONE_PASSED)
        return 0;
    if (evidence->valid & HONE_HAS_COVERAGE && isfinite(evidence->coverage))
        *reward = fmax(0, fmin(evidence->coverage, 1));
    else if (!evidence->op_steps)
        *reward = 1; /* a plan without `op` has nobody else's kernels in it */
    else
        return -ENODATA;
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {{.name = NULL}};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .flags = HONE_PLUGIN_CONCURRENT | HONE_PLUGIN_TRIVIAL,
    .name = "profiling",
    .version = "1.0",
    .summary = "the share of kernel time in the candidate's own kernels; 0 unless passed",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
