#include "core/observe.h"

#include "core/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)HONE_OUTCOME_PASSED == (int)HONE_PASSED &&
                   (int)HONE_OUTCOME_WRONG == (int)HONE_WRONG &&
                   (int)HONE_OUTCOME_INFRA_FAILED == (int)HONE_INFRA_FAILED,
               "agents see the same numbers");
_Static_assert(HONE_OBSERVATION_STAGES == HONE_STAGE_COUNT, "stages");
_Static_assert(HONE_COMPONENTS_MAX == HONE_REWARDS_MAX, "components");

void hone_observe_episode(const struct hone_engine *engine, const struct hone_episode *episode,
                          struct hone_observation *out) {
    *out = (struct hone_observation){
        .size = sizeof *out,
        .turn = episode->turn,
        .turns = episode->limits.turns,
        .reward = NAN,
        .speedup = NAN,
        .speedup_low = NAN,
        .speedup_high = NAN,
        .kernel_ns = NAN,
        .baseline_ns = NAN,
        .noise = NAN,
        .coverage = NAN,
        .roofline_fraction = NAN,
        .evaluations_left = episode->limits.evaluations < 0 ? -1 : episode->evaluations_left,
        .best_reward = episode->best_reward,
        .best_speedup = episode->best_speedup,
        .best_node = episode->best_node,
        .node = episode->cursor,
        .episode = episode->id,
        .seed = episode->seed,
    };
    if (episode->terminated)
        out->flags |= HONE_OBSERVATION_TERMINATED;
    if (episode->truncated)
        out->flags |= HONE_OBSERVATION_TRUNCATED;
    snprintf(out->verdict_name, sizeof out->verdict_name, "%s", hone_verdict_name(0));
    snprintf(out->reason_name, sizeof out->reason_name, "%s", hone_reason_name(0));
    if (episode->task)
        snprintf(out->task, sizeof out->task, "%s", episode->task->id);
    const struct hone_device *device = hone_engine_device(engine);
    memcpy(out->confinement, device->confinement, sizeof out->confinement);
    memcpy(out->device, device->id, sizeof out->device);
}

static void fill_components(const struct hone_engine *engine, const struct hone_step *step,
                            struct hone_observation *out) {
    uint32_t count;
    const struct hone_reward_name *names = hone_engine_rewards(engine, &count);
    out->component_count = count;
    for (uint32_t i = 0; i < count; i++) {
        snprintf(out->components[i].name, sizeof out->components[i].name, "%.*s",
                 (int)sizeof out->components[i].name - 1, names[i].name);
        out->components[i].value = step->parts[i];
    }
}

void hone_observe_step(const struct hone_engine *engine, const struct hone_episode *episode,
                       const struct hone_step *step, struct hone_observation *out) {
    const struct hone_evidence *evidence = step->evidence;
    hone_observe_episode(engine, episode, out);
    out->verdict = step->verdict;
    out->reason = step->reason;
    snprintf(out->verdict_name, sizeof out->verdict_name, "%s", hone_verdict_name(step->verdict));
    snprintf(out->reason_name, sizeof out->reason_name, "%s", hone_reason_name(step->reason));
    out->flags |= step->cached ? HONE_OBSERVATION_CACHED : 0u;
    out->flags |= step->verdict == HONE_PARTIAL ? HONE_OBSERVATION_PARTIAL : 0u;
    out->flags |= evidence->flags & HONE_EMULATED ? HONE_OBSERVATION_EMULATED : 0u;
    out->flags |= evidence->flags & HONE_NOISY ? HONE_OBSERVATION_NOISY : 0u;
    out->flags |= evidence->flags & HONE_CONFIRMED ? HONE_OBSERVATION_CONFIRMED : 0u;
    out->turn = step->turn;
    out->reward = step->reward;
    out->speedup = evidence->speedup;
    out->speedup_low = evidence->speedup_low;
    out->speedup_high = evidence->speedup_high;
    out->kernel_ns = evidence->kernel_ns;
    out->baseline_ns = evidence->baseline_ns;
    out->noise = evidence->noise;
    out->coverage = evidence->coverage;
    out->roofline_fraction = evidence->roofline_fraction;
    out->samples = evidence->samples;
    memcpy(out->stage_ns, evidence->stage_ns, sizeof out->stage_ns);
    out->stages = evidence->stages;
    out->finding_count = evidence->finding_count;
    out->step = step->id;
    fill_components(engine, step, out);
}
