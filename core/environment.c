#include "core/environment.h"

#include "core/error.h"
#include "core/episode.h"
#include "core/feedback.h"
#include "core/log.h"
#include "core/observe.h"
#include "core/report.h"
#include "core/text.h"
#include "core/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

/* The last answer of a slot, kept so that a step sent again is answered and not run twice. */
struct answer {
    uint32_t turn; /* 0: none */
    struct hone_observation observation;
    char *message, *feedback, *json;
};

struct slot {
    struct agent *agent;
    uint32_t index;
    struct hone_episode episode;
    struct flight *flight; /* the step that runs; NULL: none */
    struct answer answer;
};

struct agent {
    struct hone_lane *lane;
    uint64_t token;
    uint32_t slot_count;
    struct slot slots[];
};

/* A step on its way. The slot is NULL once the agent went, or reset it: the step's result is then only recorded. */
struct flight {
    struct hone_environment *environment;
    struct slot *slot;
    struct hone_step *step;
    uint64_t tag, node, parent, episode;
    bool stop;
};

struct hone_environment {
    const struct hone_settings *settings;
    struct hone_engine *engine;
    struct hone_store *store;
    struct hone_loop *loop;
    struct hone_session *session;
    struct hone_episode_limits limits;
    struct hone_nodes nodes;
    uint64_t episodes, steps;
};

static int64_t wall_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void refuse(struct hone_lane *lane, const struct hone_request *request, int status,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The environment's no: not an outcome, and no turn is used. */
static void refuse(struct hone_lane *lane, const struct hone_request *request, int status,
                   const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    hone_text_utf8(text);
    hone_lane_reply(lane, &(struct hone_reply){.op = request->op,
                                               .slot = request->slot,
                                               .tag = request->tag,
                                               .status = status,
                                               .message = text});
}

static void forget_answer(struct answer *answer) {
    free(answer->message);
    free(answer->feedback);
    free(answer->json);
    *answer = (struct answer){0};
}

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

static void record_end(struct hone_environment *environment, const struct hone_episode *episode) {
    if (!environment->store || !episode->id)
        return;
    struct hone_episode_record record = {
        .episode = episode->id,
        .task = episode->task->id,
        .group = episode->group,
        .seed = episode->seed,
        .terminated = episode->terminated,
        .truncated = episode->truncated,
        .why = episode->why,
        .time_ns = wall_clock_ns(),
    };
    int code = hone_store_episode_end(environment->store, &record);
    if (code)
        hone_log(HONE_LOG_ERROR, "run store: episode %llu: %s", (unsigned long long)episode->id,
                 strerror(-code));
}

/* Leave what runs in a slot behind: it is cancelled, and its result no longer anybody's observation. */
static void abandon(struct slot *slot, const char *why) {
    if (slot->flight) {
        atomic_store(&slot->flight->step->cancel, 1);
        slot->flight->slot = NULL;
        slot->flight = NULL;
    }
    hone_episode_end(&slot->episode, false, why);
}

static void close_episode(struct hone_environment *environment, struct slot *slot,
                          const char *why) {
    if (slot->episode.state != HONE_EPISODE_OPEN)
        return;
    abandon(slot, why);
    record_end(environment, &slot->episode);
}

/* --- reset and fork --- */

static uint64_t random_seed(void) {
    uint64_t seed = 0;
    while (!seed)
        if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
            seed = (uint64_t)wall_clock_ns();
    return seed;
}

static uint64_t group_hash(const struct hone_task *task, const char *group) {
    return XXH3_64bits_withSeed(group, strlen(group), task->hash64);
}

static int begin_episode(struct hone_environment *environment, struct slot *slot,
                         struct hone_episode *fresh) {
    fresh->state = HONE_EPISODE_OPEN;
    fresh->id = environment->episodes + 1;
    fresh->group_hash = group_hash(fresh->task, fresh->group);
    fresh->secret_seed =
        hone_engine_seed(environment->engine, fresh->task, fresh->seed ^ fresh->id, "episode");
    fresh->evaluations_left = fresh->limits.evaluations;
    fresh->began_ns = hone_now_ns();
    fresh->best_reward = fresh->best_speedup = fresh->best_kernel_ns = NAN;
    if (environment->store) {
        struct hone_episode_record record = {
            .episode = fresh->id,
            .task = fresh->task->id,
            .group = fresh->group,
            .seed = fresh->seed,
            .time_ns = wall_clock_ns(),
        };
        int code = hone_store_episode_begin(environment->store, &record);
        if (code)
            return code;
    }
    close_episode(environment, slot, "reset");
    environment->episodes++;
    forget_answer(&slot->answer);
    slot->episode = *fresh;
    hone_session_counters(environment->session)->episodes++;
    return 0;
}

/* What a reset tells beside the prompt: facts a program wants. */
static char *episode_json(const struct hone_environment *environment,
                          const struct hone_episode *episode) {
    const struct hone_device *device = hone_engine_device(environment->engine);
    json_t *axes = json_array();
    for (uint32_t i = 0; i < episode->task->axis_count; i++)
        json_array_append_new(axes, hone_json_text(episode->task->axes[i].name));
    json_t *out = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:[s], s:s, s:s, s:s, s:s, s:s, s:o, s:i, s:I}", "task",
        episode->task->id, "version", episode->task->version, "title", episode->task->title, "hash",
        episode->task->hash, "axes", axes, "languages", "c", "device", device->id, "device_name",
        device->name, "fingerprint", device->fingerprint, "confinement", device->confinement,
        "protocol", hone_engine_protocol(environment->engine), "seed", hone_json_hex(episode->seed),
        "turns", (int)episode->limits.turns, "evaluations",
        (json_int_t)episode->limits.evaluations);
    char *text = out ? json_dumps(out, HONE_JSON_FLAGS | JSON_COMPACT) : NULL;
    json_decref(out);
    return text;
}

static void send_first(struct hone_environment *environment, struct slot *slot, uint32_t op,
                       uint64_t tag) {
    struct hone_observation observation;
    hone_observe_episode(environment->engine, &slot->episode, &observation);
    observation.flags |= HONE_OBSERVATION_FIRST;
    char *prompt = hone_task_prompt(slot->episode.task, "c");
    char *json = episode_json(environment, &slot->episode);
    hone_lane_reply(slot->agent->lane, &(struct hone_reply){.op = op,
                                                            .slot = slot->index,
                                                            .tag = tag,
                                                            .observation = &observation,
                                                            .prompt = prompt,
                                                            .json = json});
    free(prompt);
    free(json);
}

static const struct hone_task *choose_task(struct hone_environment *environment,
                                           const struct hone_request *request, uint64_t seed) {
    uint32_t count;
    const struct hone_task *const *tasks = hone_engine_tasks(environment->engine, &count);
    if (*request->task)
        return hone_engine_task(environment->engine, request->task);
    return count ? tasks[XXH3_64bits(&seed, sizeof seed) % count] : NULL;
}

static void reset(struct hone_environment *environment, struct slot *slot,
                  const struct hone_request *request) {
    struct hone_lane *lane = slot->agent->lane;
    struct hone_episode fresh = {.seed = request->seed ? request->seed : random_seed(),
                                 .limits = environment->limits};
    fresh.task = choose_task(environment, request, fresh.seed);
    if (!fresh.task) {
        refuse(lane, request, -ENOENT, "no task `%s`; `hone tasks` lists what there is",
               request->task);
        return;
    }
    memcpy(fresh.group, request->group, sizeof fresh.group);
    if (request->turns)
        fresh.limits.turns = request->turns;
    if (isfinite(request->goal_speedup))
        fresh.limits.goal_speedup = request->goal_speedup;
    int code = begin_episode(environment, slot, &fresh);
    if (code)
        refuse(lane, request, code, "run store: %s", strerror(-code));
    else
        send_first(environment, slot, request->op, request->tag);
}

static void fork_episode(struct hone_environment *environment, struct agent *agent,
                         const struct hone_request *request) {
    const struct slot *from = &agent->slots[request->slot];
    if (request->to_slot >= agent->slot_count) {
        refuse(agent->lane, request, -EINVAL, "fork: slot %u is not one of this lane's %u",
               request->to_slot, agent->slot_count);
        return;
    }
    struct slot *to = &agent->slots[request->to_slot];
    if (from->episode.state == HONE_EPISODE_EMPTY ||
        !hone_nodes_reach(&environment->nodes, &from->episode, request->node)) {
        refuse(agent->lane, request, -ENOENT, "fork: node %llu is not part of slot %u's episode",
               (unsigned long long)request->node, request->slot);
        return;
    }
    struct hone_episode fresh = {
        .task = from->episode.task,
        .seed = from->episode.seed,
        .limits = from->episode.limits,
        .cursor = request->node,
        .trunk = request->node,
    };
    memcpy(fresh.group, from->episode.group, sizeof fresh.group);
    int code = begin_episode(environment, to, &fresh);
    if (code)
        refuse(agent->lane, request, code, "run store: %s", strerror(-code));
    else
        send_first(environment, to, request->op, request->tag);
}

/* --- step --- */

static void record_result(struct hone_environment *environment, const struct hone_step *step,
                          const char *feedback) {
    uint32_t count;
    hone_engine_rewards(environment->engine, &count);
    struct hone_result_record record = {
        .step = step->id,
        .repeats = step->cached ? step->repeats : 0,
        .evidence = step->cached ? NULL : step->evidence,
        .reward = step->reward,
        .part_count = count,
        .parts = step->parts,
        .message = step->message,
        .feedback = feedback,
        .time_ns = wall_clock_ns(),
    };
    int code = environment->store ? hone_store_result(environment->store, &record) : 0;
    if (code)
        hone_log(HONE_LOG_ERROR, "run store: step %llu: %s", (unsigned long long)step->id,
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

static void settle(struct flight *flight, const struct hone_step *step) {
    struct hone_environment *environment = flight->environment;
    struct hone_node *node = (struct hone_node *)hone_nodes_find(&environment->nodes, flight->node);
    const struct hone_evidence *evidence = step->evidence;
    node->reward = step->reward;
    node->speedup = evidence->speedup;
    node->kernel_ns = evidence->kernel_ns;
    if (!flight->slot)
        return;
    struct hone_turn turn = {
        .node = flight->node,
        .verdict = step->verdict,
        .reward = step->reward,
        .speedup = evidence->speedup,
        .kernel_ns = evidence->kernel_ns,
        .measured = !step->cached && step->verdict != HONE_INFRA_FAILED,
        .stop = flight->stop,
    };
    if (turn.measured) {
        turn.compile_seconds = (double)step->stage_ns[HONE_STAGE_COMPILE] / 1e9;
        turn.device_seconds =
            (double)(step->stage_ns[HONE_STAGE_VERIFY] + step->stage_ns[HONE_STAGE_TIME]) / 1e9;
    }
    hone_episode_settle(&flight->slot->episode, &turn, hone_now_ns());
    if (flight->slot->episode.state == HONE_EPISODE_OVER)
        record_end(environment, &flight->slot->episode);
}

static char *step_json(const struct hone_environment *environment, const struct hone_step *step) {
    json_t *object = hone_report(environment->engine, step);
    char *text = object ? json_dumps(object, HONE_JSON_FLAGS | JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}

static void step_done(void *context, struct hone_step *step) {
    struct flight *flight = context;
    struct hone_environment *environment = flight->environment;
    struct slot *slot = flight->slot;
    hone_text_utf8(step->message);
    char *feedback = hone_feedback(environment->engine, step);
    record_result(environment, step, feedback); /* before the agent sees it */
    settle(flight, step);
    count_step(environment, step);
    if (slot) {
        slot->flight = NULL;
        forget_answer(&slot->answer);
        struct answer *answer = &slot->answer;
        answer->turn = slot->episode.turn;
        hone_observe_step(environment->engine, &slot->episode, step, &answer->observation);
        answer->observation.slot = slot->index;
        answer->observation.node = flight->node;
        answer->observation.parent = flight->parent;
        answer->message = strdup(step->message);
        answer->feedback = feedback;
        answer->json = step_json(environment, step);
        feedback = NULL;
        send_answer(slot, HONE_OP_STEP, flight->tag, 0);
    }
    free(feedback);
    free(flight);
    hone_step_destroy(step);
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
        step->stages = request->stages & ((1u << HONE_STAGE_COUNT) - 1);
    step->flags = (request->flags & HONE_ACTION_FORCE ? HONE_STEP_FORCE : 0u) |
                  (request->flags & HONE_ACTION_PROFILE ? HONE_STEP_PROFILE : 0u) |
                  (request->flags & HONE_ACTION_CONFIRM ? HONE_STEP_CONFIRM : 0u);
    step->turn = episode->turn + 1;
    step->turns = episode->limits.turns;
    step->group = episode->group_hash;
    step->debug_seed = episode->seed;
    step->episode_seed = episode->secret_seed;
    step->best_kernel_ns = episode->best_kernel_ns;
    step->best_speedup = episode->best_speedup;
    const struct hone_node *parent = hone_nodes_find(&environment->nodes, episode->cursor);
    if (parent) {
        step->parent_kernel_ns = parent->kernel_ns;
        step->parent_speedup = parent->speedup;
    }
    step->id = environment->steps + 1;
    step->done = step_done;
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
        .time_ns = wall_clock_ns(),
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
        refuse(lane, request, -EINVAL, "slot %u has no episode; reset it first", slot->index);
        return false;
    }
    if (slot->flight) {
        refuse(lane, request, -EBUSY, "slot %u is still running a step", slot->index);
        return false;
    }
    if (request->turn && request->turn == slot->answer.turn) {
        send_answer(slot, request->op, request->tag, HONE_OBSERVATION_REPLAYED);
        return false;
    }
    if (request->turn && request->turn != episode->turn + 1ull) {
        refuse(lane, request, -EINVAL, "slot %u: turn %llu was sent, but the next one is %u",
               slot->index, (unsigned long long)request->turn, episode->turn + 1);
        return false;
    }
    const char *exhausted = hone_episode_exhausted(episode, hone_now_ns());
    if (exhausted && episode->state == HONE_EPISODE_OPEN) {
        hone_episode_end(episode, false, exhausted);
        record_end(environment, episode);
    }
    if (episode->state == HONE_EPISODE_OVER) {
        reject_late(environment, slot, request);
        return false;
    }
    return true;
}

static void step_slot(struct hone_environment *environment, struct slot *slot,
                      struct hone_request *request) {
    if (!may_step(environment, slot, request))
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
        refuse(lane, request, code, "this step was not accepted: %s", strerror(-code));
        hone_step_destroy(step);
        free(flight);
        return;
    }
    environment->steps++;
    *flight = (struct flight){environment, slot,         step, request->tag, node->id,
                              parent,      slot->episode.id, request->flags & HONE_ACTION_STOP};
    step->context = flight;
    slot->flight = flight;
    hone_session_counters(environment->session)->running++;
    hone_engine_submit(environment->engine, step);
    if (slot->flight) /* not answered at once: its agent may park */
        hone_lane_progress(lane, slot->index, HONE_STAGE_COMPILE);
}

/* --- the rest --- */

static void go_to(struct hone_environment *environment, struct slot *slot,
                  const struct hone_request *request) {
    struct hone_lane *lane = slot->agent->lane;
    if (slot->episode.state == HONE_EPISODE_EMPTY || slot->flight ||
        !hone_nodes_reach(&environment->nodes, &slot->episode, request->node)) {
        refuse(lane, request, slot->flight ? -EBUSY : -ENOENT,
               slot->flight ? "slot %u is still running a step (node %llu)"
                            : "slot %u: node %llu is not part of its episode",
               slot->index, (unsigned long long)request->node);
        return;
    }
    slot->episode.cursor = request->node;
    struct hone_observation observation;
    hone_observe_episode(environment->engine, &slot->episode, &observation);
    hone_lane_reply(lane, &(struct hone_reply){.op = request->op,
                                               .slot = slot->index,
                                               .tag = request->tag,
                                               .observation = &observation});
}

static void stop_episode(struct hone_environment *environment, struct slot *slot,
                         const struct hone_request *request) {
    if (slot->episode.state == HONE_EPISODE_EMPTY) {
        refuse(slot->agent->lane, request, -EINVAL, "slot %u has no episode", slot->index);
        return;
    }
    if (slot->episode.state == HONE_EPISODE_OPEN) {
        hone_episode_end(&slot->episode, true, "stopped");
        abandon(slot, "stopped");
        record_end(environment, &slot->episode);
    }
    struct hone_observation observation;
    hone_observe_episode(environment->engine, &slot->episode, &observation);
    hone_lane_reply(slot->agent->lane, &(struct hone_reply){.op = request->op,
                                                            .slot = slot->index,
                                                            .tag = request->tag,
                                                            .observation = &observation});
}

static void cancel(struct slot *slot, const struct hone_request *request) {
    if (slot->flight) /* the step answers, as infra_failed, reason cancelled */
        atomic_store(&slot->flight->step->cancel, 1);
    hone_lane_reply(slot->agent->lane, &(struct hone_reply){.op = request->op,
                                                            .slot = slot->index,
                                                            .tag = request->tag,
                                                            .status = slot->flight ? 0 : -ENOENT});
}

static void handle(void *context, struct hone_lane *lane, struct hone_request *request) {
    struct hone_environment *environment = context;
    struct agent *agent = hone_lane_user(lane);
    struct slot *slot = &agent->slots[request->slot];
    switch (request->op) {
    case HONE_OP_RESET:
        reset(environment, slot, request);
        break;
    case HONE_OP_STEP:
        step_slot(environment, slot, request);
        break;
    case HONE_OP_GOTO:
        go_to(environment, slot, request);
        break;
    case HONE_OP_FORK:
        fork_episode(environment, agent, request);
        break;
    case HONE_OP_CANCEL:
        cancel(slot, request);
        break;
    case HONE_OP_STOP:
        stop_episode(environment, slot, request);
        break;
    default:
        refuse(lane, request, -ENOSYS, "unknown request %u", request->op);
    }
}

static int attached(void *context, struct hone_lane *lane, uint32_t slots, uint64_t token,
                    bool returning, struct hone_error *error) {
    (void)context, (void)returning;
    struct agent *agent = calloc(1, sizeof *agent + slots * sizeof agent->slots[0]);
    if (!agent)
        return hone_fail(error, -ENOMEM, "out of memory");
    agent->lane = lane;
    agent->token = token;
    agent->slot_count = slots;
    for (uint32_t i = 0; i < slots; i++) {
        agent->slots[i].agent = agent;
        agent->slots[i].index = i;
    }
    hone_lane_set_user(lane, agent);
    return 0;
}

static void detached(void *context, struct hone_lane *lane) {
    struct agent *agent = hone_lane_user(lane);
    if (!agent)
        return;
    for (uint32_t i = 0; i < agent->slot_count; i++) {
        close_episode(context, &agent->slots[i], "agent gone");
        forget_answer(&agent->slots[i].answer);
    }
    hone_lane_set_user(lane, NULL);
    free(agent);
}

static void collect(void *context, uint32_t events) {
    (void)events;
    struct hone_environment *environment = context;
    hone_engine_collect(environment->engine);
}

static struct hone_episode_limits read_limits(const struct hone_settings *settings) {
    int64_t evaluations = hone_settings_integer(settings, "episode", "evaluations");
    return (struct hone_episode_limits){
        .turns = (uint32_t)hone_settings_integer(settings, "episode", "turns"),
        .evaluations = evaluations ? evaluations : -1,
        .compile_seconds = hone_settings_real(settings, "episode", "compile_seconds"),
        .device_seconds = hone_settings_real(settings, "episode", "device_seconds"),
        .wall_seconds = hone_settings_real(settings, "episode", "wall_seconds"),
        .goal_speedup = hone_settings_real(settings, "episode", "goal_speedup"),
    };
}

int hone_environment_create(const struct hone_settings *settings, struct hone_engine *engine,
                            struct hone_store *store, struct hone_loop *loop,
                            struct hone_environment **out, struct hone_error *error) {
    struct hone_environment *environment = calloc(1, sizeof *environment);
    if (!environment)
        return hone_fail(error, -ENOMEM, "environment: out of memory");
    environment->settings = settings;
    environment->engine = engine;
    environment->store = store;
    environment->loop = loop;
    environment->limits = read_limits(settings);
    int code = hone_loop_add(loop, hone_engine_descriptor(engine), EPOLLIN, collect, environment);
    if (code) {
        free(environment);
        return hone_fail(error, code, "environment: %s", strerror(-code));
    }
    *out = environment;
    return 0;
}

void hone_environment_destroy(struct hone_environment *environment) {
    if (!environment)
        return;
    hone_loop_remove(environment->loop, hone_engine_descriptor(environment->engine));
    hone_nodes_finish(&environment->nodes);
    free(environment);
}

struct hone_session_events hone_environment_events(struct hone_environment *environment) {
    return (struct hone_session_events){environment, attached, handle, detached};
}

void hone_environment_serve(struct hone_environment *environment, struct hone_session *session) {
    environment->session = session;
}
