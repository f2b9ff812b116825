/* engine_private.h - what an engine is made of, for the files that make it; nobody else includes
 * it.
 */
#ifndef HONE_ENGINE_PRIVATE_H
#define HONE_ENGINE_PRIVATE_H

#include "core/cache.h"
#include "core/engine.h"
#include "core/pipeline.h"
#include "core/quarantine.h"
#include "core/rewards.h"

#include <pthread.h>

struct hone_engine_worker {
    struct hone_engine *engine;
    struct hone_scorer *scorer;
    pthread_t thread;
    struct hone_step *step; /* the one it runs; guarded by the engine's lock */
};

struct hone_engine_queue {
    struct hone_step *first, **last;
};

struct hone_engine {
    const struct hone_settings *settings;
    struct hone_instance hardware;
    struct hone_rewards rewards;
    struct hone_pipeline pipeline;
    struct hone_scorer *station_scorer;
    struct hone_cache *cache;
    struct hone_quarantine *quarantine;
    char *facts;
    uint8_t secret[32];

    struct hone_task **tasks;
    uint32_t task_count;

    pthread_mutex_t lock; /* guards the queues, `stop` */
    pthread_cond_t queued;
    struct hone_engine_queue waiting, finished;
    bool stop;
    int descriptor; /* readable while `finished` has something */
    uint32_t worker_count;
    struct hone_engine_worker *workers;
};

/* engine_open.c: the device that candidates run on, with confinement that is strong enough; and
 * what is remembered between steps. 0, or a negative errno; what was opened is the engine's to
 * close. */
int hone_engine_open_device(struct hone_engine *engine, const struct hone_engine_options *options,
                            struct hone_error *error);
int hone_engine_open_caches(struct hone_engine *engine, const struct hone_engine_options *options,
                            struct hone_error *error);

#endif
