#include "core/episode.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

uint64_t hone_group_hash(uint64_t task_hash64, const char *group) {
    return XXH3_64bits_withSeed(group, strlen(group), task_hash64);
}

const struct hone_node *hone_nodes_find(const struct hone_nodes *nodes, uint64_t id) {
    return id && id <= nodes->count ? &nodes->rows[id - 1] : NULL;
}

/* Between two nodes of a run there are more than so many only where its record is damaged. */
#define GAP_MOST 65536u

static int make_room(struct hone_nodes *nodes) {
    if (nodes->count < nodes->capacity)
        return 0;
    uint64_t capacity = nodes->capacity ? 2 * nodes->capacity : 64;
    struct hone_node *rows = realloc(nodes->rows, capacity * sizeof *rows);
    if (!rows)
        return -ENOMEM;
    nodes->rows = rows;
    nodes->capacity = capacity;
    return 0;
}

struct hone_node *hone_nodes_add(struct hone_nodes *nodes, uint64_t parent, uint64_t episode) {
    if (make_room(nodes))
        return NULL;
    struct hone_node *node = &nodes->rows[nodes->count++];
    *node = (struct hone_node){nodes->count, parent, episode, NAN, NAN, NAN, NAN, NAN};
    return node;
}

int hone_nodes_put(struct hone_nodes *nodes, uint64_t id, uint64_t parent, uint64_t episode) {
    if (id <= nodes->count || id - nodes->count > GAP_MOST || parent >= id)
        return -EINVAL;
    struct hone_node *node;
    do
        node = hone_nodes_add(nodes, 0, 0); /* episode 0: nobody reaches it */
    while (node && node->id < id);
    if (!node)
        return -ENOMEM;
    node->parent = parent;
    node->episode = episode;
    return 0;
}

void hone_nodes_finish(struct hone_nodes *nodes) {
    free(nodes->rows);
    *nodes = (struct hone_nodes){0};
}

bool hone_nodes_reach(const struct hone_nodes *nodes, const struct hone_episode *episode,
                      uint64_t id) {
    if (!id)
        return true;
    const struct hone_node *node = hone_nodes_find(nodes, id);
    if (!node)
        return false;
    if (node->episode == episode->id)
        return true;
    /* A parent is always older than its child, so this walk ends. */
    for (uint64_t at = episode->trunk; at;) {
        if (at == id)
            return true;
        const struct hone_node *ancestor = hone_nodes_find(nodes, at);
        at = ancestor ? ancestor->parent : 0;
    }
    return false;
}

void hone_episode_end(struct hone_episode *episode, bool terminated, const char *why) {
    if (episode->state != HONE_EPISODE_OPEN)
        return;
    episode->state = HONE_EPISODE_OVER;
    episode->terminated = terminated;
    episode->truncated = !terminated;
    episode->why = why;
}

const char *hone_episode_exhausted(const struct hone_episode *episode, uint64_t now_ns) {
    const struct hone_episode_limits *limits = &episode->limits;
    if (limits->turns && episode->turn >= limits->turns)
        return "turns";
    if (limits->evaluations >= 0 && episode->evaluations_left <= 0)
        return "evaluations";
    if (limits->compile_seconds > 0 && episode->compile_seconds >= limits->compile_seconds)
        return "compile_seconds";
    if (limits->device_seconds > 0 && episode->device_seconds >= limits->device_seconds)
        return "device_seconds";
    if (limits->wall_seconds > 0 &&
        (double)(now_ns - episode->began_ns) / 1e9 >= limits->wall_seconds)
        return "wall_seconds";
    return NULL;
}

static void note_best(struct hone_episode *episode, const struct hone_turn *turn) {
    if (!isnan(turn->reward) && !(turn->reward <= episode->best_reward)) {
        episode->best_reward = turn->reward;
        episode->best_node = turn->node;
    }
    if (turn->verdict == HONE_PASSED && !(turn->speedup <= episode->best_speedup)) {
        episode->best_speedup = turn->speedup;
        episode->best_kernel_ns = turn->kernel_ns;
    }
}

void hone_episode_settle(struct hone_episode *episode, const struct hone_turn *turn,
                         uint64_t now_ns) {
    episode->turn++;
    episode->cursor = turn->node;
    episode->compile_seconds += turn->compile_seconds;
    episode->device_seconds += turn->device_seconds;
    if (turn->measured && episode->limits.evaluations >= 0)
        episode->evaluations_left--;
    note_best(episode, turn);
    double goal = episode->limits.goal_speedup;
    if (turn->stop)
        hone_episode_end(episode, true, "stopped");
    else if (goal > 0 && turn->verdict == HONE_PASSED && turn->speedup >= goal)
        hone_episode_end(episode, true, "goal");
    const char *exhausted = hone_episode_exhausted(episode, now_ns);
    if (exhausted)
        hone_episode_end(episode, false, exhausted);
}
