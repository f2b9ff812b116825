/* store.h - the run store: a folder with an append-only journal and a SQLite database made from it.
 *
 * A record is committed when its length word is stored in the journal's mapping: the page cache outlives
 * a kill -9 of every process; power loss may cost the last second (`[store] fsync = yes` for more).
 * SQLite is the journal read back: applied in batches by a writer thread, with the journal offset in
 * the same transaction, and caught up by hone_run_open() before any reader sees it.
 *
 * Threads: hone_store_* from one thread, the loop's. Results: 0 or a negative errno; -ENOSPC when the
 * disk is full, and then nothing was committed.
 */
#ifndef HONE_CORE_STORE_H
#define HONE_CORE_STORE_H

#include "plugins/evidence.h"
#include "plugins/plugin.h"

#include <stdbool.h>

#define HONE_STORE_SCHEMA 1u

struct hone_store;
struct hone_run;

/* Everything about the run that is the same for all its steps. JSON text: devices, protocol,
 * fingerprint, plugins with version, hash and settings, rewards with weights. */
struct hone_run_facts {
    const char *name;   /* session name, "eval" ... */
    const char *json;
};

/* A step as accepted. Identity: (lane token, episode, turn) makes a step sent again recognisable. */
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
    uint64_t seed; /* the debug seed: may be shown */
    int64_t time_ns; /* CLOCK_REALTIME */
};

/* How it ended. */
struct hone_result_record {
    uint64_t step;
    uint64_t repeats; /* the step whose evidence this result repeats (cached); 0: its own */
    const struct hone_evidence *evidence; /* NULL when cached */
    double reward;       /* NaN: infra_failed */
    uint32_t part_count; /* rewards by part, in the run facts' order, before weights */
    const double *parts;
    const char *message;  /* UTF-8 */
    const char *feedback; /* the text the agent read */
    int64_t time_ns;
};

/* An episode's end: terminated or truncated, and why. */
struct hone_episode_record {
    uint64_t episode;
    const char *task;
    const char *group;
    uint64_t seed;
    bool terminated, truncated;
    const char *why;
    int64_t time_ns;
};

/* Make a run folder below `root` (NULL: $XDG_STATE_HOME/hone/runs or ~/.local/state/hone/runs), mode 0700, with a fresh
 * name that sorts by time ("20261120-081033-serve-1f3a"); a lock held on it marks the run as live. */
int hone_store_create(const char *root, const struct hone_run_facts *facts, bool fsync,
                      struct hone_store **store, struct hone_error *error);
/* Close: waits for the writer, applies everything, marks the run finished. */
void hone_store_destroy(struct hone_store *store);
const char *hone_store_path(const struct hone_store *store);
const char *hone_store_name(const struct hone_store *store);

int hone_store_episode_begin(struct hone_store *, const struct hone_episode_record *);
int hone_store_episode_end(struct hone_store *, const struct hone_episode_record *);
int hone_store_action(struct hone_store *, const struct hone_action_record *);
int hone_store_result(struct hone_store *, const struct hone_result_record *);

/* Reading a run back: `name` is a run's name, a unique prefix of it, a path, or "last". Catches the
 * database up with the journal first. A live run can be read. */
int hone_run_open(const char *root, const char *name, struct hone_run **run,
                  struct hone_error *error);
void hone_run_close(struct hone_run *run);
struct sqlite3 *hone_run_database(struct hone_run *run);
const char *hone_run_path(const struct hone_run *run);

#endif
