/* environment_step.c - one turn: accept it, journal it, hand it to the engine, and answer with what
 * came of it. */
#include "core/environment_private.h"

#include "core/cache.h"
#include "core/evidence.h"
#include "core/feedback.h"
#include "core/log.h"
#include "core/observe.h"
#include "core/report.h"
#include "core/step_images.h"
#include "core/text.h"
#include "core/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_answer(struct slot *slot, uint32_t op, uint64_t tag, uint32_t extra_flags) {
    struct hone_observation observation = slot->answer.observation;
    observation.flags |= extra_flags;
    hone_lane_reply(slot->agent->lane, &(struct hone_reply){.op = op,
                                                            .slot = slot->index,
                                                            .tag = tag,
                                                            .observation = &observation,
                                                            .message = slot->answer.message,
                                                            .feedback = slot->answer.feedback,
                                                            .json = slot->answer.json});
}

static int record_result(struct hone_environment *environment, const struct hone_step *step,
                         const char *feedback) {
    if (!environment->store)
        return 0;
    uint32_t count;
    hone_engine_rewards(environment->engine, &count);
    /* A hit on another run's result brings it into this one, for the next to repeat. */
    const bool repeats = step->cached && step->repeats;
    struct hone_image_record images[HONE_STORE_IMAGES_MAX];
    struct hone_result_record record = {
        .step = step->id,
        .repeats = repeats        ? step->repeats
                   : step->cached ? step->id
                                  : 0,
        .evidence = repeats ? NULL : step->evidence,
        .reward = step->reward,
        .part_count = count,
        .parts = step->parts,
        .message = step->message,
        .feedback = feedback,
        .diagnostics = step->diagnostics,
        .repeatable = hone_cache_keeps(step),
        .device_ns = step->device_ns,
        .images = images,
        .time_ns = hone_wall_clock_ns(),
    };
    if (hone_settings_flag(environment->settings, "store", "images"))
        record.image_count = hone_step_images(step, images);
    int code = hone_store_result(environment->store, &record);
    if (!code && step->cached && !repeats)
        hone_engine_recorded(environment->engine, step);
    return code;
}

/* A result that could not be recorded is not shown: a fault of ours, and never a reward. */
static void withdraw(struct hone_environment *environment, struct hone_step *step, int code) {
    hone_log(HONE_LOG_ERROR, "run store: step %llu: %s", (unsigned long long)step->id,
             strerror(-code));
    step->verdict = HONE_INFRA_FAILED;
    step->reason = HONE_REASON_SYSTEM;
    step->reward = NAN;
    hone_evidence_build(step, hone_engine_device(environment->engine));
    snprintf(step->message, sizeof step->message, "the result could not be recorded: %s",
             strerror(-code));
}

static void count_step(struct hone_environment *environment, const struct hone_step *step) {
    struct hone_counters *counters = hone_session_counters(environment->session);
    counters->steps++;
    counters->running--;
    counters->cached += step->cached;
    counters->evaluations += !step->cached;
    counters->verdicts[step->verdict & 15]++;
}

void hone_environment_settle(struct hone_environment *environment, struct hone_episode *episode,
                             const struct settlement *settlement, uint64_t now_ns) {
    const struct hone_evidence *evidence = settlement->evidence;
    struct hone_node *node =
        (struct hone_node *)hone_nodes_find(&environment->nodes, settlement->node);
    node->reward = settlement->reward;
    node->speedup = evidence->speedup;
    node->kernel_ns = evidence->kernel_ns;
    node->coverage = evidence->coverage;
    node->roofline_fraction = evidence->roofline_fraction;
    if (!episode)
        return;
    struct hone_turn turn = {
        .node = settlement->node,
        .verdict = evidence->verdict,
        .reward = settlement->reward,
        .speedup = evidence->speedup,
        .kernel_ns = evidence->kernel_ns,
        .measured = !settlement->cached && evidence->verdict != HONE_INFRA_FAILED,
        .stop = settlement->last,
    };
    if (turn.measured) {
        turn.compile_seconds = (double)evidence->stage_ns[HONE_STAGE_COMPILE] / 1e9;
        turn.device_seconds = (double)settlement->device_ns / 1e9;
    }
    hone_episode_settle(episode, &turn, now_ns);
}

static void settle(struct flight *flight, const struct hone_step *step) {
    struct hone_environment *environment = flight->environment;
    struct hone_episode *episode = flight->slot ? &flight->slot->episode : NULL;
    const struct settlement settlement = {
        .node = flight->node,
        .evidence = step->evidence,
        .reward = step->reward,
        .device_ns = step->device_ns,
        .cached = step->cached,
        .last = step->flags & HONE_STEP_LAST,
    };
    hone_environment_settle(environment, episode, &settlement, hone_now_ns());
    if (episode && episode->state == HONE_EPISODE_OVER)
        hone_environment_record_end(environment, episode);
}

static char *step_json(const struct hone_environment *environment, const struct hone_step *step) {
    json_t *object = hone_report(environment->engine, step);
    char *text = object ? json_dumps(object, HONE_JSON_FLAGS | JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}

void hone_environment_answer(struct hone_environment *environment, struct slot *slot,
                             const struct hone_step *step, uint64_t node, uint64_t parent,
                             char *feedback) {
    struct answer *answer = &slot->answer;
    hone_answer_forget(answer);
    answer->turn = slot->episode.turn;
    hone_observe_step(environment->engine, &slot->episode, step, &answer->observation);
    answer->observation.slot = slot->index;
    answer->observation.node = node;
    answer->observation.parent = parent;
    answer->message = strdup(step->message);
    answer->feedback = feedback;
    answer->json = step_json(environment, step);
}

static void step_done(void *context, struct hone_step *step) {
    struct flight *flight = context;
    struct hone_environment *environment = flight->environment;
    struct slot *slot = flight->slot;
    const uint64_t before = hone_environment_written(environment);
    hone_text_utf8(step->message);
    char *feedback = hone_feedback(environment->engine, step);
    int code = record_result(environment, step, feedback); /* before the agent sees it */
    if (code) {
        withdraw(environment, step, code);
        free(feedback);
        feedback = strdup(step->message);
    }
    settle(flight, step);
    count_step(environment, step);
    if (slot) {
        slot->flight = NULL;
        hone_environment_answer(environment, slot, step, flight->node, flight->parent, feedback);
        feedback = NULL;
        if (flight->asked)
            send_answer(slot, HONE_OP_STEP, flight->tag, 0);
    }
    if (!environment->obeying) /* else with the request as a whole */
        hone_environment_charge(environment, slot ? slot->agent : NULL, flight->account, before);
    free(feedback);
    free(flight);
    hone_step_destroy(step);
}

/* The least there can be left is no zero, which would be no end. */
static uint64_t left_ns(double limit_seconds, double used_seconds) {
    if (limit_seconds <= 0)
        return 0;
    return used_seconds < limit_seconds ? (uint64_t)((limit_seconds - used_seconds) * 1e9) + 1 : 1;
}

static void set_budgets(const struct hone_episode *episode, struct hone_step *step) {
    const struct hone_episode_limits *limits = &episode->limits;
    step->compile_budget_ns = left_ns(limits->compile_seconds, episode->compile_seconds);
    step->device_budget_ns = left_ns(limits->device_seconds, episode->device_seconds);
    if (limits->wall_seconds > 0)
        step->until_ns = episode->began_ns + (uint64_t)(limits->wall_seconds * 1e9);
}

/* What a step is told of its place in the episode. */
static void place_step(const struct hone_environment *environment,
                       const struct hone_episode *episode, uint64_t parent_id,
                       struct hone_step *step) {
    step->turn = episode->turn + 1;
    step->turns = episode->limits.turns;
    step->group = episode->group_hash;
    step->debug_seed = episode->seed;
    step->episode_seed = episode->secret_seed;
    step->best_kernel_ns = episode->best_kernel_ns;
    step->best_speedup = episode->best_speedup;
    set_budgets(episode, step);
    const struct hone_node *parent = hone_nodes_find(&environment->nodes, parent_id);
    if (parent) {
        step->parent_kernel_ns = parent->kernel_ns;
        step->parent_speedup = parent->speedup;
        step->parent_coverage = parent->coverage;
        step->parent_roofline_fraction = parent->roofline_fraction;
    }
    step->done = step_done;
}

static struct hone_step *make_step(struct hone_environment *environment, struct slot *slot,
                                   struct hone_request *request) {
    const struct hone_episode *episode = &slot->episode;
    struct hone_step *step =
        hone_step_create(episode->task, request->language, request->source, request->source_bytes);
    if (!step)
        return NULL;
    memcpy(step->options, request->options, sizeof step->options);
    step->options[sizeof step->options - 1] = 0;
    if (request->stages)
        step->stages = hone_stage_mask_fill(request->stages);
    step->flags = (request->flags & HONE_ACTION_FORCE ? HONE_STEP_FORCE : 0u) |
                  (request->flags & HONE_ACTION_PROFILE ? HONE_STEP_PROFILE : 0u) |
                  (request->flags & HONE_ACTION_CONFIRM ? HONE_STEP_CONFIRM : 0u) |
                  (request->flags & HONE_ACTION_STOP ? HONE_STEP_LAST : 0u);
    place_step(environment, episode, episode->cursor, step);
    step->id = environment->steps + 1;
    return step;
}

static int record_action(struct hone_environment *environment, const struct slot *slot,
                         const struct hone_step *step, uint64_t node, uint64_t parent) {
    if (!environment->store)
        return 0;
    struct hone_action_record record = {
        .step = step->id,
        .episode = slot->episode.id,
        .node = node,
        .parent = parent,
        .token = slot->agent->token,
        .turn = step->turn,
        .stages = step->stages,
        .flags = step->flags,
        .task = step->task->id,
        .task_hash = step->task->hash,
        .language = step->language,
        .options = step->options,
        .group = slot->episode.group,
        .source = step->source,
        .source_bytes = step->source_bytes,
        .seed = step->debug_seed,
        .time_ns = hone_wall_clock_ns(),
    };
    return hone_store_action(environment->store, &record);
}

/* A turn after the end: an outcome the agent can read, but no turn and no record. */
static void reject_late(struct hone_environment *environment, struct slot *slot,
                        const struct hone_request *request) {
    struct hone_observation observation;
    hone_observe_episode(environment->engine, &slot->episode, &observation);
    observation.verdict = HONE_REJECTED;
    observation.reason = HONE_REASON_EPISODE_OVER;
    snprintf(observation.verdict_name, sizeof observation.verdict_name, "%s",
             hone_verdict_name(HONE_REJECTED));
    snprintf(observation.reason_name, sizeof observation.reason_name, "%s",
             hone_reason_name(HONE_REASON_EPISODE_OVER));
    observation.reward = 0;
    char text[160];
    snprintf(text, sizeof text, "this episode is over (%s); reset the slot to begin another",
             slot->episode.why ? slot->episode.why : "ended");
    hone_lane_reply(slot->agent->lane, &(struct hone_reply){.op = request->op,
                                                            .slot = slot->index,
                                                            .tag = request->tag,
                                                            .observation = &observation,
                                                            .message = text,
                                                            .feedback = text});
}

/* Is this a turn that may start now? Answers the agent itself when it is not. */
static bool may_step(struct hone_environment *environment, struct slot *slot,
                     const struct hone_request *request) {
    struct hone_lane *lane = slot->agent->lane;
    struct hone_episode *episode = &slot->episode;
    if (episode->state == HONE_EPISODE_EMPTY) {
        hone_environment_refuse(lane, request, -EINVAL, "slot %u has no episode; reset it first",
                                slot->index);
        return false;
    }
    if (slot->flight && !slot->flight->asked && request->turn == slot->flight->step->turn) {
        slot->flight->tag = request->tag;
        slot->flight->asked = true;
        hone_lane_progress(lane, slot->index, HONE_STAGE_COMPILE);
        return false;
    }
    if (slot->flight) {
        hone_environment_refuse(lane, request, -EBUSY, "slot %u is still running its turn %u%s",
                                slot->index, slot->flight->step->turn,
                                slot->flight->asked
                                    ? ""
                                    : ", which an earlier server accepted; send it again with "
                                      "that turn for its answer");
        return false;
    }
    if (request->turn && request->turn == slot->answer.turn) {
        send_answer(slot, request->op, request->tag, HONE_OBSERVATION_REPLAYED);
        return false;
    }
    if (request->turn && request->turn != episode->turn + 1ull) {
        hone_environment_refuse(lane, request, -EINVAL,
                                "slot %u: turn %llu was sent, but the next one is %u", slot->index,
                                (unsigned long long)request->turn, episode->turn + 1);
        return false;
    }
    const char *exhausted = hone_episode_exhausted(episode, hone_now_ns());
    if (exhausted && episode->state == HONE_EPISODE_OPEN) {
        hone_episode_end(episode, false, exhausted);
        hone_environment_record_end(environment, episode);
    }
    if (episode->state == HONE_EPISODE_OVER) {
        reject_late(environment, slot, request);
        return false;
    }
    return true;
}

static void launch(struct flight *flight) {
    flight->account = flight->slot->agent->account;
    flight->step->context = flight;
    flight->slot->flight = flight;
    hone_session_counters(flight->environment->session)->running++;
    hone_engine_submit(flight->environment->engine, flight->step);
}

void hone_environment_step(struct hone_environment *environment, struct slot *slot,
                           struct hone_request *request) {
    if (!may_step(environment, slot, request) ||
        !hone_environment_may_write(environment, slot->agent, request))
        return;
    struct hone_lane *lane = slot->agent->lane;
    uint64_t parent = slot->episode.cursor;
    struct hone_step *step = make_step(environment, slot, request);
    struct flight *flight = step ? calloc(1, sizeof *flight) : NULL;
    struct hone_node *node =
        flight ? hone_nodes_add(&environment->nodes, parent, slot->episode.id) : NULL;
    int code = node ? record_action(environment, slot, step, node->id, parent) : -ENOMEM;
    if (code) { /* not journalled: not accepted, nothing ran */
        if (node)
            environment->nodes.count--;
        hone_environment_refuse(lane, request, code, "this step was not accepted: %s",
                                strerror(-code));
        hone_step_destroy(step);
        free(flight);
        return;
    }
    environment->steps++;
    flight->environment = environment;
    flight->slot = slot;
    flight->step = step;
    flight->tag = request->tag;
    flight->node = node->id;
    flight->parent = parent;
    flight->episode = slot->episode.id;
    flight->asked = true;
    launch(flight);
    if (slot->flight) /* not answered at once: its agent may park */
        hone_lane_progress(lane, slot->index, HONE_STAGE_COMPILE);
}

void hone_environment_run_again(struct hone_environment *environment, struct slot *slot,
                                struct hone_step *step, uint64_t node, uint64_t parent) {
    struct flight *flight = calloc(1, sizeof *flight);
    if (!flight) { /* its turn is free again */
        hone_step_destroy(step);
        return;
    }
    place_step(environment, &slot->episode, parent, step);
    flight->environment = environment;
    flight->slot = slot;
    flight->step = step;
    flight->node = node;
    flight->parent = parent;
    flight->episode = slot->episode.id;
    launch(flight);
}
