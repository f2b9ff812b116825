/* pool.h - input sets with their oracle outputs, kept so that fresh inputs cost a copy.
 *
 * A set is one seed of one workload: its inputs and the oracle's outputs, in a memfd that the fill
 * function wrote and the host has mapped to read. Sets of one workload form a shelf of up to 32. A
 * set is "new" to a process that was not shown it; the caller keeps that as a mask. Shelves that
 * nobody holds are dropped, least recently used first, when all together exceed the limit; a shelf
 * in use may exceed it.
 *
 * Threads: one at a time. Results: 0 or a negative errno.
 */
#ifndef HONE_CORE_POOL_H
#define HONE_CORE_POOL_H

#include "core/judge.h"
#include "core/task.h"

#define HONE_SETS_MAX 32 /* of one shelf; a mask of 32 bits names them */
#define HONE_SET_USES 64 /* then the set is drawn again */

/* Who fills a set. The last three are the same in halves; between them nothing else is called. */
struct hone_pool_source {
    void *context;
    int (*fill)(void *context, const struct hone_task *task, const struct hone_workload *workload,
                uint64_t seed, int memory, struct hone_error *error);
    int (*begin)(void *context, const struct hone_task *task, const struct hone_workload *workload,
                 uint64_t seed, int memory, struct hone_error *error);
    bool (*ready)(const void *context);
    int (*end)(void *context, struct hone_error *error);
};

/* What each output would be if the low bits of one input were moved, for each of the first f32
 * inputs (core/precision.h). */
struct hone_nudged {
    double *wanted[HONE_NUDGED_MOST][HONE_ARGS_MAX]; /* by output; NULL: no such input or output */
    uint64_t bytes;                                  /* of all of them */
};

struct hone_set {
    const uint8_t *base;  /* laid out as the shelf's layout says; no more is there of some inputs */
                          /* where `remote` */
    uint64_t bytes, kept; /* of the layout, and what of it is there */
    uint64_t seed;
    bool remote; /* a device draws its inputs, and keeps its outputs (core/remote.h) */
    uint32_t uses;
    double mean[HONE_ARGS_MAX], rms[HONE_ARGS_MAX]; /* of each output's oracle */
    struct hone_limits limits[HONE_ARGS_MAX];
    struct hone_judged_sample sample[HONE_ARGS_MAX]; /* of a sampled workload's outputs */
    struct hone_run *runs[HONE_ARGS_MAX];            /* the sample's places, where `remote` */
    uint32_t run_count[HONE_ARGS_MAX];
    struct hone_nudged *nudged; /* the truth for moved inputs, where it was asked for; or NULL */
};

/* Seeds are hone_seed(secret, task, stream, episode, draw), draw counting up from `first_draw`. */
struct hone_shelf_key {
    const struct hone_task *task;
    const struct hone_workload *workload;
    const char *stream; /* names what the seeds are for, and the shelf with it */
    uint64_t episode;
    uint64_t first_draw;
};

struct hone_shelf {
    uint64_t task_hash;
    char stream[2 * HONE_NAME_SIZE];
    uint64_t episode, next_draw;
    const struct hone_task *task; /* must outlive the pool */
    struct hone_workload workload;
    struct hone_set_layout layout;
    struct hone_set sets[HONE_SETS_MAX];
    uint64_t set_bytes;          /* that a set will take */
    double scale[HONE_ARGS_MAX]; /* of each small output: the largest rms of any set so far */
    uint32_t count;
    uint32_t holders;
    uint64_t used; /* when last held */
    bool passing;  /* dropped when released */
    struct hone_shelf *next;
};

struct hone_pool;

int hone_pool_create(const struct hone_pool_source *source, const uint8_t secret[32],
                     uint64_t bytes_max, struct hone_pool **pool);
void hone_pool_destroy(struct hone_pool *pool);

/* From now on, keep nothing of inputs that a device makes from a set's seed. */
void hone_pool_serve_remote(struct hone_pool *pool);
/* What a set will take of bytes_max. */
uint64_t hone_pool_set_bytes(const struct hone_pool *pool, const struct hone_task *task,
                             const struct hone_workload *workload);

/* An output of fewer elements than this may be small by chance, where its terms cancel: its
 * tolerance goes by the largest of several sets, not by the one it is judged on. */
#define HONE_SMALL_OUTPUT 64
#define HONE_SMALL_OUTPUT_SETS 8u

/* Hold the shelf of a workload, with at least `count` sets (at most HONE_SETS_MAX; built here when
 * missing). `passing` ones live until they are released. */
int hone_pool_hold(struct hone_pool *pool, const struct hone_shelf_key *key, uint32_t count,
                   bool passing, struct hone_shelf **shelf, struct hone_error *error);
void hone_pool_release(struct hone_pool *pool, struct hone_shelf *shelf);

/* Have a set not yet in `shown` whose truth for moved inputs is known, but where no precision could
 * be told. In *index which it is; there must be one left. */
int hone_pool_nudge(struct hone_pool *pool, struct hone_shelf *shelf, uint32_t shown,
                    uint32_t *index, struct hone_error *error);

/* This set, and marked in `shown`. */
const struct hone_set *hone_shelf_show(struct hone_shelf *shelf, uint32_t *shown, uint32_t index);

/* A set not yet in `shown`, chosen by `random`, and marked in it; NULL: all were shown. */
const struct hone_set *hone_shelf_take(struct hone_shelf *shelf, uint32_t *shown, uint64_t random);
uint32_t hone_shelf_unshown(const struct hone_shelf *shelf, uint32_t shown);

/* Beside a measurement: start or finish one set, wanting `count` of a shelf that is held. Returns
 * at once; a set that fails is left to whoever needs it. */
void hone_pool_feed(struct hone_pool *pool, struct hone_shelf *shelf, uint32_t count);

/* Idle time: start or finish one set. False when there is nothing to do. True with *waiting set:
 * one is being filled elsewhere, and nothing else can be done. */
bool hone_pool_grow(struct hone_pool *pool, bool *waiting);

/* How long filling took so far, in all: whoever limits time leaves it out. */
uint64_t hone_pool_filling_ns(const struct hone_pool *pool);
uint64_t hone_pool_bytes(const struct hone_pool *pool);

#endif
