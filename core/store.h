/* store.h - the run store: a folder with an append-only journal and a SQLite database made from it.
 *
 * A record is committed when its length word is stored in the journal's mapping: the page cache
 * outlives a kill -9 of every process; power loss may cost the last second (`[store] fsync = yes`
 * for more). SQLite is the journal read back: applied in batches by a writer thread, with the
 * journal offset in the same transaction, and caught up by hone_run_open() before any reader sees
 * it.
 *
 * Threads: hone_store_* from one thread, the loop's. Results: 0 or a negative errno; -ENOSPC when
 * the disk is full, and then nothing was committed.
 */
#ifndef HONE_CORE_STORE_H
#define HONE_CORE_STORE_H

#include "plugins/evidence.h"
#include "plugins/plugin.h"

#include <stdbool.h>

#define HONE_STORE_SCHEMA 1u     /* of the database; core/store_schema.c describes its tables */
#define HONE_STORE_PARTS_MAX 32u /* rewards by part of one result; more are -EINVAL */

struct hone_store;
struct hone_run;

/* Everything about the run that is the same for all its steps. JSON text: devices, protocol,
 * fingerprint, plugins with version, hash and settings, rewards with weights. The store itself
 * reads of it only "rewards": [{"name": ...}, ...], to name the parts of a reward. */
struct hone_run_facts {
    const char *name; /* session name, "eval" ... */
    const char *json;
};

/* A step as accepted. Identity: (lane token, episode, turn) makes a step sent again recognisable.
 */
struct hone_action_record {
    uint64_t step; /* counts from 1 in a run */
    uint64_t episode;
    uint64_t node, parent; /* node 0: none */
    uint64_t token;        /* of the agent's lane */
    uint32_t turn;
    uint32_t stages;
    uint32_t flags;
    const char *task; /* id */
    const char *task_hash;
    const char *language, *options, *group;
    const char *source;
    uint64_t source_bytes;
    uint64_t seed;   /* the debug seed: may be shown */
    int64_t time_ns; /* CLOCK_REALTIME */
};

/* What a compiler made for a step, as detectors look at it: kept once, however many steps have it.
 */
struct hone_image_record {
    const void *image;
    uint64_t image_bytes;
    const char *listing; /* NULL: none */
    uint64_t listing_bytes;
    const char *entries; /* NULL: not known */
};
#define HONE_STORE_IMAGES_MAX 2u /* for the device, and for a GPU where that is emulated */

/* How it ended. With `repeats` and no evidence it is one record of 48 + 8 * part_count bytes:
 * message and feedback are those of the step it repeats, which must be in this run. A hit on an
 * entry that the cache brought along from another run has evidence of its own; set `repeats` to the
 * step itself to say that it was cached nevertheless. */
struct hone_result_record {
    uint64_t step;
    uint64_t repeats; /* the step whose evidence this result repeats (cached); 0: measured for this
                         step */
    const struct hone_evidence *evidence; /* the whole block; NULL when it repeats */
    double reward;                        /* NaN: infra_failed */
    uint32_t part_count; /* rewards by part, in the run facts' order, before weights */
    const double *parts;
    const char *message;     /* UTF-8 */
    const char *feedback;    /* the text the agent read */
    const char *diagnostics; /* of the compiler */
    bool repeatable;         /* it would come out the same again: the result cache may keep it */
    uint64_t device_ns;      /* what it was charged for measuring */
    uint32_t image_count;    /* at most HONE_STORE_IMAGES_MAX */
    const struct hone_image_record *images;
    int64_t time_ns;
};

/* An episode's beginning; or its end: terminated or truncated, and why. */
struct hone_episode_record {
    uint64_t episode;
    const char *task;
    const char *group;
    uint64_t seed;
    bool terminated, truncated;
    const char *why;
    int64_t time_ns;
    /* Of a beginning, for a server that goes on with the run: whose it is, and its limits as struct
     * hone_episode_limits has them. */
    const char *task_hash;
    uint64_t token, trunk; /* of the agent's lane; the node it was forked at, 0: none */
    uint32_t slot, turns;
    int64_t evaluations;
    double compile_seconds, device_seconds, wall_seconds, goal_speedup;
};

/* Make a run folder below `root` (NULL: $XDG_STATE_HOME/hone/runs or ~/.local/state/hone/runs),
 * mode 0700, with a fresh name that sorts by time ("20261120-081033-serve-1f3a", UTC); a lock held
 * on it marks the run as live. */
int hone_store_create(const char *root, const struct hone_run_facts *facts, bool fsync,
                      struct hone_store **store, struct hone_error *error);
/* Go on with a run that nobody writes, at `path`. -EBUSY: somebody does (after a second, since who
 * reads it holds its lock for moments); -ESTALE: other facts than these, so that its steps cannot
 * be compared with new ones. */
int hone_store_continue(const char *path, const struct hone_run_facts *facts, bool fsync,
                        struct hone_store **store, struct hone_error *error);
/* The newest run of that name below `root`, which the caller frees, when it was killed: nobody
 * holds its lock, and it was not closed. -ENOENT: there is none. */
int hone_store_find_killed(const char *root, const char *name, char **path,
                           struct hone_error *error);
/* Close: waits for the writer, applies everything, marks the run finished. */
void hone_store_destroy(struct hone_store *store);
/* Bytes of its journal so far. */
uint64_t hone_store_written(const struct hone_store *store);
const char *hone_store_path(const struct hone_store *store);
const char *hone_store_name(const struct hone_store *store);

/* Committed when they return 0. No system call, but for a new piece of journal, for waking an idle
 * writer (at most ten times a second), and for fsync = yes. Texts may be NULL and hold any bytes.
 */
int hone_store_episode_begin(struct hone_store *, const struct hone_episode_record *);
int hone_store_episode_end(struct hone_store *, const struct hone_episode_record *);
int hone_store_goto(struct hone_store *, uint64_t episode, uint64_t node, int64_t time_ns);
int hone_store_action(struct hone_store *, const struct hone_action_record *);
int hone_store_result(struct hone_store *, const struct hone_result_record *);

/* Reading a run back: `name` is a run's name, a unique prefix of it, a path, or "last". Catches the
 * database up with the journal first; a database that is damaged is made anew from it. A live run
 * can be read: its own writer is then waited for, up to a second. -ENOENT: no such run; -ENOTUNIQ:
 * more than one; -EPROTONOSUPPORT: written by a hone with another schema. */
int hone_run_open(const char *root, const char *name, struct hone_run **run,
                  struct hone_error *error);
void hone_run_close(struct hone_run *run);
struct sqlite3 *hone_run_database(struct hone_run *run); /* for queries only */
const char *hone_run_path(const struct hone_run *run);
const char *hone_run_name(const struct hone_run *run);

/* The step an agent of that lane token sent as that turn, for one that sends it again after a
 * restart of its server. -ENOENT: never accepted. Whether it has a result says hone_run_step()
 * (core/run_json.h). */
int hone_run_find_step(struct hone_run *run, uint64_t token, uint64_t episode, uint32_t turn,
                       uint64_t *step);

/* As it was when opened. Killed: nobody holds its lock, and it was not closed. */
enum hone_run_state { HONE_RUN_LIVE, HONE_RUN_FINISHED, HONE_RUN_KILLED };
enum hone_run_state hone_run_state(const struct hone_run *run);

/* The runs below a root, newest first. The caller frees the array with free(). No root at all is no
 * runs. */
struct hone_run_entry {
    char name[256];
    int64_t created_ns; /* CLOCK_REALTIME */
};
int hone_run_list(const char *root, struct hone_run_entry **entries, uint32_t *count,
                  struct hone_error *error);

/* The path of the run that hone_run_open() would open. The caller frees. */
int hone_run_find(const char *root, const char *name, char **path, struct hone_error *error);

/* The default root, or a copy of `root` if given. The caller frees. NULL: out of memory. */
char *hone_run_root(const char *root);

#endif
