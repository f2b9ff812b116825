/* environment_restore.c - a server that comes back takes up the episodes its predecessor left. */
#include "core/environment_private.h"

#include "core/error.h"
#include "core/evidence.h"
#include "core/feedback.h"
#include "core/log.h"
#include "core/recall.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An episode nobody left behind: its agent may come for it. */
struct left {
    uint64_t token;
    uint32_t slot;
    uint64_t ended;   /* its last step with a result; 0: none */
    uint64_t pending; /* a step without; 0: none */
    struct hone_episode episode;
};

struct past {
    struct hone_recall *recall;
    struct left **rows; /* sorted by token and slot once the journal is read */
    uint64_t count, capacity;
};

/* What later records refer to. */
struct known_step {
    uint64_t node, episode;
    uint32_t verdict, flags;
};

/* One pass over the journal. `rows` of the past is by episode number until its end. */
struct replay {
    struct hone_environment *environment;
    struct past *past;
    struct known_step *steps;
    uint64_t step_capacity;
    int64_t latest_ns; /* on the wall's clock, as began_ns of episodes is until the end */
    uint64_t changed;  /* episodes of tasks that are not what they were */
};

#define GAP_MOST 65536u

static struct left *left_of(const struct replay *replay, uint64_t episode) {
    return episode && episode <= replay->past->count ? replay->past->rows[episode - 1] : NULL;
}

static void leave(struct past *past, uint64_t episode) {
    free(past->rows[episode - 1]);
    past->rows[episode - 1] = NULL;
}

static int add_row(struct past *past, uint64_t number, struct left *left) {
    if (number > past->capacity) {
        uint64_t capacity = 2 * number;
        struct left **rows = realloc(past->rows, capacity * sizeof *rows);
        if (!rows)
            return -ENOMEM;
        memset(rows + past->capacity, 0, (capacity - past->capacity) * sizeof *rows);
        past->rows = rows;
        past->capacity = capacity;
    }
    past->rows[number - 1] = left;
    past->count = number;
    return 0;
}

static const struct hone_task *task_of(const struct replay *replay,
                                       const struct hone_record_episode *record) {
    uint32_t count;
    const struct hone_task *const *tasks = hone_engine_tasks(replay->environment->engine, &count);
    for (uint32_t i = 0; i < count; i++)
        if (strlen(tasks[i]->id) == record->task.size &&
            !memcmp(tasks[i]->id, record->task.bytes, record->task.size) &&
            strlen(tasks[i]->hash) == record->task_hash.size &&
            !memcmp(tasks[i]->hash, record->task_hash.bytes, record->task_hash.size))
            return tasks[i];
    return NULL;
}

static int begin(struct replay *replay, const struct hone_record_episode *record) {
    struct past *past = replay->past;
    if (record->episode <= past->count || record->episode - past->count > GAP_MOST)
        return 0;
    const struct hone_task *task = task_of(replay, record);
    struct left *left = task && record->token ? calloc(1, sizeof *left) : NULL;
    if (task && record->token && !left)
        return -ENOMEM;
    replay->changed += !left;
    if (left) {
        struct hone_episode *episode = &left->episode;
        left->token = record->token;
        left->slot = record->slot;
        episode->id = record->episode;
        episode->task = task;
        episode->seed = record->seed;
        episode->trunk = episode->cursor = record->trunk;
        episode->limits = (struct hone_episode_limits){
            record->turns,          record->evaluations,  record->compile_seconds,
            record->device_seconds, record->wall_seconds, record->goal_speedup};
        if (record->group.size < sizeof episode->group)
            memcpy(episode->group, record->group.bytes, record->group.size);
        hone_environment_open(replay->environment, episode, (uint64_t)record->time_ns);
    }
    int failed = add_row(past, record->episode, left);
    if (failed)
        free(left);
    return failed;
}

/* The words of hone_episode_end(), which are constants. */
static const char *word_of(struct hone_slice why) {
    static const char *const words[] = {
        "turns",   "evaluations", "compile_seconds", "device_seconds", "wall_seconds",
        "stopped", "goal"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == why.size && !memcmp(words[i], why.bytes, why.size))
            return words[i];
    return NULL;
}

static void end(struct replay *replay, const struct hone_record_episode *record) {
    struct left *left = left_of(replay, record->episode);
    if (!left)
        return;
    const char *why = word_of(record->why);
    if (!why) { /* reset, or its agent went */
        leave(replay->past, record->episode);
        return;
    }
    hone_episode_end(&left->episode, record->terminated, why);
}

static int act(struct replay *replay, const struct hone_record_action *action) {
    const uint64_t id = action->step;
    if (id <= replay->environment->steps || id - replay->environment->steps > GAP_MOST)
        return 0;
    if (id > replay->step_capacity) {
        uint64_t capacity = 2 * id;
        struct known_step *steps = realloc(replay->steps, capacity * sizeof *steps);
        if (!steps)
            return -ENOMEM;
        memset(steps + replay->step_capacity, 0,
               (capacity - replay->step_capacity) * sizeof *steps);
        replay->steps = steps;
        replay->step_capacity = capacity;
    }
    int failed =
        hone_nodes_put(&replay->environment->nodes, action->node, action->parent, action->episode);
    if (failed)
        return failed == -ENOMEM ? failed : 0;
    replay->environment->steps = id;
    replay->steps[id - 1] = (struct known_step){action->node, action->episode, 0, action->flags};
    struct left *left = left_of(replay, action->episode);
    if (left && left->episode.state == HONE_EPISODE_OPEN)
        left->pending = id;
    return 0;
}

/* The numbers of the step that is repeated, as far as nodes keep them. */
static void repeat_evidence(const struct replay *replay, uint64_t repeats,
                            struct hone_evidence *evidence) {
    hone_evidence_clear(evidence);
    if (!repeats || repeats > replay->environment->steps)
        return;
    const struct known_step *step = &replay->steps[repeats - 1];
    const struct hone_node *node = hone_nodes_find(&replay->environment->nodes, step->node);
    evidence->verdict = step->verdict;
    if (!node)
        return;
    evidence->speedup = node->speedup;
    evidence->kernel_ns = node->kernel_ns;
    evidence->coverage = node->coverage;
    evidence->roofline_fraction = node->roofline_fraction;
}

static int settle(struct replay *replay, const struct hone_record *record) {
    const struct hone_record_result *result = &record->result;
    struct hone_evidence repeated, *evidence = &repeated, *read = NULL;
    if (!result->step || result->step > replay->environment->steps)
        return 0;
    struct known_step *step = &replay->steps[result->step - 1];
    if (!step->node || step->verdict) /* the first one is the one that was shown */
        return 0;
    if (record->kind == HONE_RECORD_REPEAT)
        repeat_evidence(replay, result->repeats, &repeated);
    else if (hone_evidence_read(result->evidence.bytes, result->evidence.size, &read, NULL))
        return 0;
    else
        evidence = read;
    struct left *left = left_of(replay, step->episode);
    bool counts = left && left->episode.state == HONE_EPISODE_OPEN;
    const struct settlement settlement = {
        .node = step->node,
        .evidence = evidence,
        .reward = result->reward,
        .device_ns = result->device_ns,
        .cached = result->repeats != 0,
        .last = step->flags & HONE_STEP_LAST,
    };
    hone_environment_settle(replay->environment, counts ? &left->episode : NULL, &settlement,
                            (uint64_t)result->time_ns);
    step->verdict = evidence->verdict;
    if (counts) {
        left->ended = result->step;
        left->pending = 0;
    }
    free(read);
    return 0;
}

static void move(struct replay *replay, const struct hone_record_goto *moved) {
    struct left *left = left_of(replay, moved->episode);
    if (left && hone_nodes_reach(&replay->environment->nodes, &left->episode, moved->node))
        left->episode.cursor = moved->node;
}

/* Time in which no server ran is not charged to anybody. */
static void skip_pause(struct replay *replay, int64_t until_ns) {
    if (until_ns <= replay->latest_ns)
        return;
    for (uint64_t i = 0; i < replay->past->count; i++)
        if (replay->past->rows[i])
            replay->past->rows[i]->episode.began_ns += (uint64_t)(until_ns - replay->latest_ns);
}

static int visit(void *context, uint64_t offset, const struct hone_record *record) {
    struct replay *replay = context;
    int failed = 0;
    int64_t time_ns = replay->latest_ns;
    (void)offset;
    switch (record->kind) {
    case HONE_RECORD_EPISODE_BEGIN:
        failed = begin(replay, &record->episode);
        time_ns = record->episode.time_ns;
        break;
    case HONE_RECORD_EPISODE_END:
        end(replay, &record->episode);
        time_ns = record->episode.time_ns;
        break;
    case HONE_RECORD_ACTION:
        failed = act(replay, &record->action);
        time_ns = record->action.time_ns;
        break;
    case HONE_RECORD_RESULT:
    case HONE_RECORD_REPEAT:
        failed = settle(replay, record);
        time_ns = record->result.time_ns;
        break;
    case HONE_RECORD_GOTO:
        move(replay, &record->moved);
        time_ns = record->moved.time_ns;
        break;
    case HONE_RECORD_CONTINUED:
        skip_pause(replay, record->moment.time_ns);
        time_ns = record->moment.time_ns;
        break;
    default:
        break;
    }
    if (time_ns > replay->latest_ns)
        replay->latest_ns = time_ns;
    return failed;
}

static int by_owner(const void *a, const void *b) {
    const struct left *left = *(struct left *const *)a, *right = *(struct left *const *)b;
    if (left->token != right->token)
        return left->token < right->token ? -1 : 1;
    if (left->slot != right->slot)
        return left->slot < right->slot ? -1 : 1;
    return left->episode.id < right->episode.id ? -1 : 1;
}

/* Of a slot only the last episode can still be asked for. */
static void keep_last(struct past *past) {
    uint64_t count = 0, kept = 0;
    for (uint64_t i = 0; i < past->count; i++)
        if (past->rows[i])
            past->rows[count++] = past->rows[i];
    if (count)
        qsort(past->rows, count, sizeof *past->rows, by_owner);
    for (uint64_t i = 0; i < count; i++) {
        struct left *left = past->rows[i], *next = i + 1 < count ? past->rows[i + 1] : NULL;
        if (next && next->token == left->token && next->slot == left->slot)
            free(left);
        else
            past->rows[kept++] = left;
    }
    past->count = kept;
}

/* From the wall's clock to ours; and an end that its server had no time to write is written. */
static void wake(struct replay *replay) {
    struct hone_environment *environment = replay->environment;
    const struct past *past = replay->past;
    const uint64_t now = hone_now_ns(), latest = (uint64_t)replay->latest_ns;
    uint64_t open = 0;
    for (uint64_t i = 0; i < past->count; i++) {
        struct hone_episode *episode = &past->rows[i]->episode;
        uint64_t used = latest > episode->began_ns ? latest - episode->began_ns : 0;
        episode->began_ns = now - (used < now ? used : now);
        open += episode->state == HONE_EPISODE_OPEN;
        if (episode->state == HONE_EPISODE_OVER)
            hone_environment_record_end(environment, episode);
    }
    hone_log(HONE_LOG_INFO,
             "%llu steps in %llu episodes are recorded; %llu episodes wait for their agents",
             (unsigned long long)environment->steps, (unsigned long long)environment->episodes,
             (unsigned long long)open);
    if (replay->changed)
        hone_log(HONE_LOG_WARN, "%llu episodes cannot go on: their tasks have changed",
                 (unsigned long long)replay->changed);
}

int hone_environment_restore(struct hone_environment *environment, const char *path,
                             struct hone_error *error) {
    struct past *past = calloc(1, sizeof *past);
    if (!past)
        return hone_fail(error, -ENOMEM, "out of memory");
    environment->past = past;
    struct replay replay = {.environment = environment, .past = past};
    int failed = hone_recall_open(path, &past->recall, error);
    if (!failed && !hone_journal_reader_is_ours(hone_recall_reader(past->recall)))
        failed = hone_fail(error, -EPERM, "others may write to the journal of run %s", path);
    if (!failed)
        failed = hone_records_replay(hone_recall_reader(past->recall), visit, &replay, NULL, error);
    free(replay.steps);
    if (failed == -ENOMEM)
        hone_fail(error, failed, "out of memory");
    if (failed)
        return failed;
    environment->episodes = past->count;
    if (hone_recall_steps(past->recall) > environment->steps)
        environment->steps = hone_recall_steps(past->recall);
    keep_last(past);
    wake(&replay);
    return 0;
}

static void restore_slot(struct hone_environment *environment, struct slot *slot,
                         const struct left *left) {
    struct hone_recalled recalled;
    struct hone_recall *recall = environment->past->recall;
    slot->episode = left->episode;
    if (left->ended && !hone_recall_step(recall, environment->engine, left->ended, &recalled)) {
        char *feedback = recalled.feedback ? recalled.feedback
                                           : hone_feedback(environment->engine, recalled.step);
        hone_environment_answer(environment, slot, recalled.step, recalled.node, recalled.parent,
                                feedback);
        recalled.feedback = NULL;
        hone_recalled_finish(&recalled);
    }
    if (slot->episode.state != HONE_EPISODE_OPEN || !left->pending)
        return;
    int code = hone_recall_step(recall, environment->engine, left->pending, &recalled);
    if (code) {
        hone_log(HONE_LOG_ERROR, "step %llu cannot be run again: %s",
                 (unsigned long long)left->pending, strerror(-code));
        return;
    }
    struct hone_step *step = recalled.step;
    recalled.step = NULL;
    hone_environment_run_again(environment, slot, step, recalled.node, recalled.parent);
    hone_recalled_finish(&recalled);
}

void hone_environment_adopt(struct hone_environment *environment, struct agent *agent) {
    struct past *past = environment->past;
    uint64_t kept = 0;
    for (uint64_t i = 0; past && i < past->count; i++) {
        struct left *left = past->rows[i];
        if (left->token == agent->token && left->slot < agent->slot_count) {
            restore_slot(environment, &agent->slots[left->slot], left);
            free(left);
        } else {
            past->rows[kept++] = left;
        }
    }
    if (past)
        past->count = kept;
}

void hone_environment_forget_past(struct hone_environment *environment) {
    struct past *past = environment->past;
    if (!past)
        return;
    for (uint64_t i = 0; i < past->count; i++) {
        struct left *left = past->rows[i];
        if (left && left->episode.state == HONE_EPISODE_OPEN) {
            hone_episode_end(&left->episode, false, "agent gone");
            hone_environment_record_end(environment, &left->episode);
        }
        free(left);
    }
    free(past->rows);
    hone_recall_close(past->recall);
    free(past);
    environment->past = NULL;
}
