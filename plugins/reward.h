/* reward.h - turn what happened in a step into a number. */
#ifndef HONE_REWARD_H
#define HONE_REWARD_H

#include "evidence.h"
#include "plugin.h"

struct hone_reward_ops {
    uint32_t size;
    uint32_t reserved;
    /* Score one step: a pure function of the evidence and the settings; no state, no clock, no
     * randomness. Never called for infra_failed, whose reward is NaN by definition. A number that is
     * not finite is a plugin failure. [episode] */
    int (*score)(void *self, const struct hone_evidence *evidence, double *reward);
    /* Score the rollouts of one task together, offline only. Optional. [episode] */
    int (*score_group)(void *self, const struct hone_evidence *const *evidence, uint32_t count,
                       double *rewards);
};

#endif
