#include "core/rewards.h"

#include "core/error.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int hone_rewards_open(const struct hone_settings *settings, bool groups,
                      struct hone_rewards *rewards, struct hone_error *error) {
    *rewards = (struct hone_rewards){.trivial = true};
    uint32_t count;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_REWARD, &count);
    if (count > HONE_REWARDS_MAX)
        return hone_fail(error, -E2BIG, "[rewards]: %u rewards, at most %u are possible", count,
                         HONE_REWARDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        int code = hone_instance_create(settings, uses[i].name, HONE_REWARD, NULL, NULL,
                                        &rewards->instances[i], error);
        if (code) {
            hone_rewards_close(rewards);
            return code;
        }
        rewards->count++;
        const struct hone_plugin *plugin = rewards->instances[i].loaded.plugin;
        if (!HONE_HAS(plugin->reward, score) && !groups) {
            hone_rewards_close(rewards);
            return hone_fail(
                error, -EINVAL,
                "[rewards]: %s scores the rollouts of a group against each other, which "
                "is possible afterwards only: leave it out here, and use `hone rescore "
                "RUN --reward %s`",
                plugin->name, plugin->name);
        }
        snprintf(rewards->names[i].name, sizeof rewards->names[i].name, "%s", plugin->name);
        rewards->names[i].weight = uses[i].weight;
        rewards->trivial &= (plugin->flags & HONE_PLUGIN_TRIVIAL) != 0;
    }
    return 0;
}

void hone_rewards_close(struct hone_rewards *rewards) {
    for (uint32_t i = 0; i < rewards->count; i++)
        hone_instance_destroy(&rewards->instances[i]);
    rewards->count = 0;
}

static int score_here(const struct hone_rewards *rewards, const struct hone_evidence *evidence,
                      double *parts, struct hone_error *error) {
    for (uint32_t i = 0; i < rewards->count; i++) {
        const struct hone_instance *instance = &rewards->instances[i];
        int code = instance->loaded.plugin->reward->score(instance->self, evidence, &parts[i]);
        if (code || !isfinite(parts[i]))
            return hone_fail(error, code ? code : -EDOM, "reward %s: %s", rewards->names[i].name,
                             code ? strerror(-code) : "the score is not a finite number");
    }
    return 0;
}

int hone_rewards_score(const struct hone_rewards *rewards, struct hone_scorer *scorer,
                       struct hone_step *step, struct hone_error *error) {
    step->reward = NAN;
    for (uint32_t i = 0; i < rewards->count; i++)
        step->parts[i] = NAN;
    if (step->verdict == HONE_INFRA_FAILED)
        return 0;
    int code = rewards->trivial
                   ? score_here(rewards, step->evidence, step->parts, error)
                   : hone_scorer_score(scorer, step->evidence, step->parts, rewards->count, error);
    if (code)
        return code;
    step->reward = 0;
    for (uint32_t i = 0; i < rewards->count; i++)
        step->reward += rewards->names[i].weight * step->parts[i];
    return 0;
}
