/* episode.h - slots, episodes and the tree of nodes: state only, no agents, no engine.
 *
 * A slot is empty until its first reset. Legal transitions of an episode, with the actor:
 *   empty -> open (reset, fork: the agent) ; open -> over (the agent stops, a goal is met, a limit
 * is reached, a reset ends it, the agent goes: the environment) ; over -> open (reset, fork: the
 * agent). An episode that is over answers every turn with `rejected`. Thread: the loop's.
 */
#ifndef HONE_CORE_EPISODE_H
#define HONE_CORE_EPISODE_H

#include "core/task.h"

#include <stdbool.h>
#include <stdint.h>

enum hone_episode_state { HONE_EPISODE_EMPTY, HONE_EPISODE_OPEN, HONE_EPISODE_OVER };

struct hone_episode_limits {
    uint32_t turns;                                       /* 0: none */
    int64_t evaluations;                                  /* -1: none */
    double compile_seconds, device_seconds, wall_seconds; /* 0: none */
    double goal_speedup;                                  /* 0: none */
};

struct hone_episode {
    enum hone_episode_state state;
    uint64_t id;
    const struct hone_task *task;
    char group[64];
    uint64_t group_hash;
    uint64_t seed;        /* fixes task sampling and debug draws; may be shown */
    uint64_t secret_seed; /* bench and hidden draws; never shown */
    struct hone_episode_limits limits;
    uint32_t turn; /* of the last finished step */
    int64_t evaluations_left;
    double compile_seconds, device_seconds; /* used */
    uint64_t began_ns;
    uint64_t cursor; /* the node the next step's parent is; 0: the root */
    uint64_t trunk;  /* forked: the node its history ends at; 0: none */
    uint64_t best_node;
    double best_reward, best_speedup, best_kernel_ns; /* NaN: none yet */
    bool terminated, truncated;
    const char *why; /* it ended: a constant text */
};

/* Rollouts that are compared with each other: those of one task that were reset with one `group`.
 */
uint64_t hone_group_hash(uint64_t task_hash64, const char *group);

struct hone_node {
    uint64_t id, parent, episode;
    double kernel_ns, speedup, reward; /* NaN: none */
    double coverage, roofline_fraction;
};

/* Every node of a run, found by id; ids count from 1. */
struct hone_nodes {
    struct hone_node *rows;
    uint64_t count, capacity;
};
const struct hone_node *hone_nodes_find(const struct hone_nodes *nodes, uint64_t id);
/* A fresh node below `parent`; NULL: out of memory. */
struct hone_node *hone_nodes_add(struct hone_nodes *nodes, uint64_t parent, uint64_t episode);
/* One that had this id in an earlier life of the run. -EINVAL: far beyond those there are, or not
 * younger than its parent. */
int hone_nodes_put(struct hone_nodes *nodes, uint64_t id, uint64_t parent, uint64_t episode);
void hone_nodes_finish(struct hone_nodes *nodes);
/* Is `id` part of this episode: made in it, or on the history it was forked from? 0 (the root) is.
 */
bool hone_nodes_reach(const struct hone_nodes *nodes, const struct hone_episode *episode,
                      uint64_t id);

/* What a finished step means for its episode. */
struct hone_turn {
    uint64_t node;
    uint32_t verdict;
    double reward, speedup, kernel_ns;
    double compile_seconds, device_seconds;
    bool measured; /* charged as an evaluation: not cached, not infra_failed */
    bool stop;     /* the agent ends its episode with it */
};
void hone_episode_settle(struct hone_episode *episode, const struct hone_turn *turn,
                         uint64_t now_ns);
/* Why no further step may start (a constant text), or NULL. */
const char *hone_episode_exhausted(const struct hone_episode *episode, uint64_t now_ns);
void hone_episode_end(struct hone_episode *episode, bool terminated, const char *why);

#endif
