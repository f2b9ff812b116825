#include "core/rewards.h"

#include "core/error.h"
#include "core/evidence.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The project's own, from the tree it came with: reviewed and tested with the supervisor that calls
 * it. What lies beside it, or before it on $HONE_PLUGIN_PATH, is somebody else's. */
static bool is_ours(const struct hone_loaded *loaded) {
    struct hone_places places;
    if (hone_places(&places, NULL))
        return false;
    size_t length = strlen(places.plugins);
    return !strncmp(loaded->path, places.plugins, length) && loaded->path[length] == '/' &&
           !strstr(loaded->path + length, "/../");
}

static int add(struct hone_rewards *rewards, const struct hone_settings *settings,
               const struct hone_use *use, struct hone_error *error) {
    struct hone_instance *instance = &rewards->instances[rewards->count];
    int code = hone_instance_look(settings, use->name, HONE_REWARD, instance, error);
    if (code)
        return code;
    const struct hone_plugin *plugin = instance->loaded.plugin;
    struct hone_reward_name *name = &rewards->names[rewards->count++];
    snprintf(name->name, sizeof name->name, "%s", plugin->name);
    name->weight = use->weight;
    rewards->trivial &= plugin->flags & HONE_PLUGIN_TRIVIAL && is_ours(&instance->loaded);
    return 0;
}

/* Look at every reward. Their constructors run, which `watch` is told of where there is one. */
static int look(const struct hone_settings *settings, struct hone_watch *watch,
                struct hone_rewards *rewards, struct hone_error *error) {
    *rewards = (struct hone_rewards){.trivial = true};
    uint32_t count;
    int code = 0;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_REWARD, &count);
    if (count > HONE_REWARDS_MAX)
        return hone_fail(error, -E2BIG, "[rewards]: %u rewards, at most %u are possible", count,
                         HONE_REWARDS_MAX);
    for (uint32_t i = 0; i < count && !code; i++) {
        if (watch)
            hone_watch_begin(watch, HONE_WATCH_LOAD_MS, "reward %s: load", uses[i].name);
        code = add(rewards, settings, &uses[i], error);
        if (watch)
            hone_watch_end(watch);
    }
    return code;
}

static int refuse_groups(const struct hone_rewards *rewards, struct hone_error *error) {
    for (uint32_t i = 0; i < rewards->count; i++) {
        const struct hone_plugin *plugin = rewards->instances[i].loaded.plugin;
        if (!HONE_HAS(plugin->reward, score))
            return hone_fail(
                error, -EINVAL,
                "[rewards]: %s scores the rollouts of a group against each other, which is "
                "possible afterwards only: leave it out here, and use `hone rescore RUN --reward "
                "%s`",
                plugin->name, plugin->name);
    }
    return 0;
}

int hone_rewards_open(const struct hone_settings *settings, struct hone_rewards *rewards,
                      struct hone_error *error) {
    int code = look(settings, NULL, rewards, error);
    if (!code)
        code = refuse_groups(rewards, error);
    for (uint32_t i = 0; i < rewards->count && rewards->trivial && !code; i++)
        code = hone_instance_start(&rewards->instances[i], NULL, NULL, error);
    if (code)
        hone_rewards_close(rewards);
    return code;
}

int hone_rewards_open_here(const struct hone_settings *settings, struct hone_watch *watch,
                           struct hone_rewards *rewards, struct hone_error *error) {
    int code = look(settings, watch, rewards, error);
    for (uint32_t i = 0; i < rewards->count && !code; i++) {
        hone_watch_begin(watch, HONE_WATCH_LOAD_MS, "reward %s: create", rewards->names[i].name);
        code = hone_instance_start(&rewards->instances[i], NULL, NULL, error);
        hone_watch_end(watch);
    }
    return code;
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

/* Of a repeated result too: what a reward sees is what rescoring will show it. */
static int score_parts(const struct hone_rewards *rewards, struct hone_scorer *scorer,
                       struct hone_step *step, struct hone_error *error) {
    const uint32_t stages = step->evidence->stages;
    uint64_t stage_ns[HONE_STAGE_COUNT];
    memcpy(stage_ns, step->evidence->stage_ns, sizeof stage_ns);
    hone_evidence_unscore(step->evidence);
    int code = rewards->trivial
                   ? score_here(rewards, step->evidence, step->parts, error)
                   : hone_scorer_score(scorer, step->evidence, step->parts, rewards->count, error);
    step->evidence->stages = stages;
    memcpy(step->evidence->stage_ns, stage_ns, sizeof stage_ns);
    return code;
}

int hone_rewards_score(const struct hone_rewards *rewards, struct hone_scorer *scorer,
                       struct hone_step *step, struct hone_error *error) {
    step->reward = NAN;
    for (uint32_t i = 0; i < rewards->count; i++)
        step->parts[i] = NAN;
    if (step->verdict == HONE_INFRA_FAILED)
        return 0;
    int code = score_parts(rewards, scorer, step, error);
    if (code)
        return code;
    double sum = 0;
    for (uint32_t i = 0; i < rewards->count; i++)
        sum += rewards->names[i].weight * step->parts[i];
    if (!isfinite(sum)) /* each part is: no single one is to blame */
        return hone_fail(error, -EDOM,
                         "[rewards]: weights times parts add up to %g, expected a finite number",
                         sum);
    step->reward = sum;
    return 0;
}
