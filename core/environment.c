#include "core/environment_private.h"

#include "core/error.h"
#include "core/log.h"
#include "core/observe.h"
#include "core/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

void hone_environment_refuse(struct hone_lane *lane, const struct hone_request *request, int status,
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

void hone_answer_forget(struct answer *answer) {
    free(answer->message);
    free(answer->feedback);
    free(answer->json);
    *answer = (struct answer){0};
}

void hone_environment_record_end(struct hone_environment *environment,
                                 const struct hone_episode *episode) {
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
        .time_ns = hone_wall_clock_ns(),
    };
    int code = hone_store_episode_end(environment->store, &record);
    if (code)
        hone_log(HONE_LOG_ERROR, "run store: episode %llu: %s", (unsigned long long)episode->id,
                 strerror(-code));
}

/* Leave what runs in a slot behind: it is cancelled, and its result no longer anybody's
 * observation. */
static void abandon(struct hone_environment *environment, struct slot *slot, const char *why) {
    if (slot->flight) {
        hone_engine_cancel(environment->engine, slot->flight->step);
        slot->flight->slot = NULL;
        slot->flight = NULL;
    }
    hone_episode_end(&slot->episode, false, why);
}

static void close_episode(struct hone_environment *environment, struct slot *slot,
                          const char *why) {
    if (slot->episode.state != HONE_EPISODE_OPEN)
        return;
    abandon(environment, slot, why);
    hone_environment_record_end(environment, &slot->episode);
}

static uint64_t random_seed(void) {
    uint64_t seed = 0;
    while (!seed)
        if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
            seed = (uint64_t)hone_wall_clock_ns();
    return seed;
}

/* The agent knows the number of its episode and chooses the seed: mixed without the secret, the two
 * would let it have an earlier episode's hidden draws again. */
static uint64_t secret_seed(const struct hone_environment *environment,
                            const struct hone_episode *episode) {
    uint64_t mixed = hone_engine_seed(environment->engine, episode->task, episode->seed, "reset");
    return hone_engine_seed(environment->engine, episode->task, mixed ^ episode->id, "episode");
}

void hone_environment_open(const struct hone_environment *environment, struct hone_episode *episode,
                           uint64_t now_ns) {
    episode->state = HONE_EPISODE_OPEN;
    episode->group_hash = hone_group_hash(episode->task->hash64, episode->group);
    episode->secret_seed = secret_seed(environment, episode);
    episode->evaluations_left = episode->limits.evaluations;
    episode->began_ns = now_ns;
    episode->best_reward = episode->best_speedup = episode->best_kernel_ns = NAN;
}

static int record_begin(struct hone_environment *environment, const struct slot *slot,
                        const struct hone_episode *episode) {
    if (!environment->store)
        return 0;
    struct hone_episode_record record = {
        .episode = episode->id,
        .task = episode->task->id,
        .group = episode->group,
        .seed = episode->seed,
        .time_ns = hone_wall_clock_ns(),
        .task_hash = episode->task->hash,
        .token = slot->agent->token,
        .trunk = episode->trunk,
        .slot = slot->index,
        .turns = episode->limits.turns,
        .evaluations = episode->limits.evaluations,
        .compile_seconds = episode->limits.compile_seconds,
        .device_seconds = episode->limits.device_seconds,
        .wall_seconds = episode->limits.wall_seconds,
        .goal_speedup = episode->limits.goal_speedup,
    };
    return hone_store_episode_begin(environment->store, &record);
}

static int begin_episode(struct hone_environment *environment, struct slot *slot,
                         struct hone_episode *fresh) {
    fresh->id = environment->episodes + 1;
    hone_environment_open(environment, fresh, hone_now_ns());
    int code = record_begin(environment, slot, fresh);
    if (code)
        return code;
    close_episode(environment, slot, "reset");
    environment->episodes++;
    hone_answer_forget(&slot->answer);
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
        hone_environment_refuse(lane, request, -ENOENT,
                                "no task `%s`; `hone tasks` lists what there is", request->task);
        return;
    }
    memcpy(fresh.group, request->group, sizeof fresh.group);
    if (request->turns)
        fresh.limits.turns = request->turns;
    if (isfinite(request->goal_speedup))
        fresh.limits.goal_speedup = request->goal_speedup;
    int code = begin_episode(environment, slot, &fresh);
    if (code)
        hone_environment_refuse(lane, request, code, "run store: %s", strerror(-code));
    else
        send_first(environment, slot, request->op, request->tag);
}

static void fork_episode(struct hone_environment *environment, struct agent *agent,
                         const struct hone_request *request) {
    const struct slot *from = &agent->slots[request->slot];
    if (request->to_slot >= agent->slot_count) {
        hone_environment_refuse(agent->lane, request, -EINVAL,
                                "fork: slot %u is not one of this lane's %u", request->to_slot,
                                agent->slot_count);
        return;
    }
    struct slot *to = &agent->slots[request->to_slot];
    if (from->episode.state == HONE_EPISODE_EMPTY ||
        !hone_nodes_reach(&environment->nodes, &from->episode, request->node)) {
        hone_environment_refuse(agent->lane, request, -ENOENT,
                                "fork: node %llu is not part of slot %u's episode",
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
        hone_environment_refuse(agent->lane, request, code, "run store: %s", strerror(-code));
    else
        send_first(environment, to, request->op, request->tag);
}

static void go_to(struct hone_environment *environment, struct slot *slot,
                  const struct hone_request *request) {
    struct hone_lane *lane = slot->agent->lane;
    if (slot->episode.state == HONE_EPISODE_EMPTY || slot->flight ||
        !hone_nodes_reach(&environment->nodes, &slot->episode, request->node)) {
        hone_environment_refuse(lane, request, slot->flight ? -EBUSY : -ENOENT,
                                slot->flight ? "slot %u is still running a step (node %llu)"
                                             : "slot %u: node %llu is not part of its episode",
                                slot->index, (unsigned long long)request->node);
        return;
    }
    int code = environment->store ? hone_store_goto(environment->store, slot->episode.id,
                                                    request->node, hone_wall_clock_ns())
                                  : 0;
    if (code) {
        hone_environment_refuse(lane, request, code, "run store: %s", strerror(-code));
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
        hone_environment_refuse(slot->agent->lane, request, -EINVAL, "slot %u has no episode",
                                slot->index);
        return;
    }
    if (slot->episode.state == HONE_EPISODE_OPEN) {
        hone_episode_end(&slot->episode, true, "stopped");
        abandon(environment, slot, "stopped");
        hone_environment_record_end(environment, &slot->episode);
    }
    struct hone_observation observation;
    hone_observe_episode(environment->engine, &slot->episode, &observation);
    hone_lane_reply(slot->agent->lane, &(struct hone_reply){.op = request->op,
                                                            .slot = slot->index,
                                                            .tag = request->tag,
                                                            .observation = &observation});
}

static void cancel(struct hone_environment *environment, const struct slot *slot,
                   const struct hone_request *request) {
    if (slot->flight) /* the step answers, as infra_failed, reason cancelled */
        hone_engine_cancel(environment->engine, slot->flight->step);
    hone_lane_reply(slot->agent->lane, &(struct hone_reply){.op = request->op,
                                                            .slot = slot->index,
                                                            .tag = request->tag,
                                                            .status = slot->flight ? 0 : -ENOENT});
}

static void obey(struct hone_environment *environment, struct agent *agent,
                 struct hone_request *request) {
    struct slot *slot = &agent->slots[request->slot];
    switch (request->op) {
    case HONE_OP_RESET:
        reset(environment, slot, request);
        break;
    case HONE_OP_STEP:
        hone_environment_step(environment, slot, request);
        break;
    case HONE_OP_GOTO:
        go_to(environment, slot, request);
        break;
    case HONE_OP_FORK:
        fork_episode(environment, agent, request);
        break;
    case HONE_OP_CANCEL:
        cancel(environment, slot, request);
        break;
    case HONE_OP_STOP:
        stop_episode(environment, slot, request);
        break;
    default:
        hone_environment_refuse(agent->lane, request, -ENOSYS, "unknown request %u", request->op);
    }
}

/* A step is looked at more closely (environment_step.c): one sent again writes nothing. */
static bool writes(uint32_t op) {
    return op == HONE_OP_RESET || op == HONE_OP_FORK || op == HONE_OP_GOTO;
}

static void handle(void *context, struct hone_lane *lane, struct hone_request *request) {
    struct hone_environment *environment = context;
    struct agent *agent = hone_lane_user(lane);
    const uint64_t before = hone_environment_written(environment);
    if (writes(request->op) && !hone_environment_may_write(environment, agent, request))
        return;
    environment->obeying = true;
    obey(environment, agent, request);
    environment->obeying = false;
    hone_environment_charge(environment, agent, agent->account, before);
}

static int attached(void *context, struct hone_lane *lane, uint32_t slots, uint64_t token,
                    bool returning, struct hone_error *error) {
    struct hone_environment *environment = context;
    struct agent *agent = calloc(1, sizeof *agent + slots * sizeof agent->slots[0]);
    if (agent)
        agent->account = hone_environment_account(environment, hone_lane_uid(lane));
    if (!agent || !agent->account) {
        free(agent);
        return hone_fail(error, -ENOMEM, "out of memory");
    }
    hone_allowance_init(&agent->allowance, &environment->journal_limits, hone_now_ns());
    agent->lane = lane;
    agent->token = token;
    agent->slot_count = slots;
    for (uint32_t i = 0; i < slots; i++) {
        agent->slots[i].agent = agent;
        agent->slots[i].index = i;
    }
    hone_lane_set_user(lane, agent);
    if (returning)
        hone_environment_adopt(environment, agent);
    return 0;
}

static void detached(void *context, struct hone_lane *lane) {
    struct agent *agent = hone_lane_user(lane);
    if (!agent)
        return;
    for (uint32_t i = 0; i < agent->slot_count; i++) {
        close_episode(context, &agent->slots[i], "agent gone");
        hone_answer_forget(&agent->slots[i].answer);
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
    environment->journal_limits = (struct hone_allowance_limits){
        (double)hone_settings_integer(settings, "limits", "journal_bytes"),
        (double)hone_settings_integer(settings, "limits", "journal_rate")};
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
    hone_environment_forget_past(environment);
    hone_environment_close_accounts(environment);
    hone_nodes_finish(&environment->nodes);
    free(environment);
}

struct hone_session_events hone_environment_events(struct hone_environment *environment) {
    return (struct hone_session_events){environment, attached, handle, detached};
}

void hone_environment_serve(struct hone_environment *environment, struct hone_session *session) {
    environment->session = session;
    uint32_t count;
    hone_engine_tasks(environment->engine, &count);
    hone_session_counters(session)->tasks = count;
}
