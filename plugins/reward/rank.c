/* rank.c - the place within the group of rollouts of one task, 0 to 1: the share of the others that
 * were slower, a tie counting half (the rank term of RAPO). A rollout that did not pass is behind
 * all that did, at 0; one alone that passed is in front, at 1. Offline only: while a step is scored
 * its group is not complete. */
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

/* Below every speedup for what did not pass. */
static double standing(const struct hone_evidence *evidence) {
    return evidence->verdict == HONE_PASSED && evidence->valid & HONE_HAS_SPEEDUP &&
                   evidence->speedup >= 0
               ? evidence->speedup
               : -1;
}

static int score_group(void *self, const struct hone_evidence *const *evidence, uint32_t count,
                       double *rewards) {
    (void)self;
    for (uint32_t i = 0; i < count; i++) {
        const double own = standing(evidence[i]);
        double behind = 0;
        for (uint32_t j = 0; j < count; j++) {
            const double other = standing(evidence[j]);
            behind += j == i ? 0 : other < own ? 1 : other > own ? 0 : 0.5;
        }
        rewards[i] = own < 0 ? 0 : count > 1 ? behind / (count - 1) : 1;
    }
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score_group = score_group};

static const struct hone_option options[] = {{.name = NULL}};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .flags = HONE_PLUGIN_CONCURRENT,
    .name = "rank",
    .version = "1.0",
    .summary = "the place among the rollouts of one task, 0 to 1; offline only",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
