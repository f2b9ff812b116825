#include "core/engine_private.h"

#include "core/error.h"
#include "core/facts.h"
#include "core/inputs.h"
#include "core/log.h"
#include "core/needs.h"
#include "core/secret.h"
#include "core/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xxhash.h>

#define ATTEMPTS 3u

static void push(struct hone_engine_queue *queue, struct hone_step *step) {
    step->next = NULL;
    *queue->last = step;
    queue->last = &step->next;
}

static struct hone_step *pop(struct hone_engine_queue *queue) {
    struct hone_step *step = queue->first;
    if (step && !(queue->first = step->next))
        queue->last = &queue->first;
    return step;
}

static bool take_out(struct hone_engine_queue *queue, const struct hone_step *step) {
    struct hone_step **link = &queue->first;
    while (*link && *link != step)
        link = &(*link)->next;
    if (!*link)
        return false;
    *link = step->next;
    if (!*link)
        queue->last = link;
    return true;
}

/* The environment's faults are tried again with a new seed; only a candidate that took its worker
 * down every time has earned a verdict by it. */
static void run_step(struct hone_engine_worker *worker, struct hone_step *step) {
    const struct hone_pipeline *pipeline = &worker->engine->pipeline;
    struct hone_error error = {""};
    uint32_t lost = 0;
    int last = 0;
    for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        int code = hone_pipeline_run(pipeline, worker->scorer, step, &error);
        if (!code)
            return;
        if (code == -ECANCELED) {
            hone_pipeline_fail(pipeline, worker->scorer, step, HONE_INFRA_FAILED,
                               HONE_REASON_CANCELLED, "cancelled");
            return;
        }
        last = code;
        lost += code == -EPIPE;
        hone_log(HONE_LOG_WARN, "step %llu: attempt %u: %s", (unsigned long long)step->id,
                 attempt + 1, *error.text ? error.text : strerror(-code));
        hone_pipeline_rewind(step);
        step->episode_seed =
            XXH3_64bits_withSeed(&step->episode_seed, sizeof step->episode_seed, attempt + 1);
    }
    if (lost == ATTEMPTS)
        hone_pipeline_fail(pipeline, worker->scorer, step, HONE_CRASHED, HONE_REASON_WORKER_LOST,
                           "the worker died each time this candidate ran in it");
    else
        hone_pipeline_fail(pipeline, worker->scorer, step, HONE_INFRA_FAILED,
                           last == -EREMOTEIO ? HONE_REASON_PLUGIN : HONE_REASON_SYSTEM,
                           error.text);
}

/* A repeated result with rewards that need a scorer. */
static void score_cached(struct hone_engine_worker *worker, struct hone_step *step) {
    struct hone_error error;
    if (hone_rewards_score(&worker->engine->rewards, worker->scorer, step, &error))
        hone_pipeline_fail(&worker->engine->pipeline, worker->scorer, step, HONE_INFRA_FAILED,
                           HONE_REASON_PLUGIN, error.text);
}

static void ring(const struct hone_engine *engine) {
    uint64_t one = 1;
    ssize_t written = write(engine->descriptor, &one, sizeof one);
    (void)written;
}

static void finish(struct hone_engine_worker *worker, struct hone_step *step) {
    struct hone_engine *engine = worker->engine;
    pthread_mutex_lock(&engine->lock);
    worker->step = NULL;
    push(&engine->finished, step);
    pthread_mutex_unlock(&engine->lock);
    ring(engine);
}

static void *work(void *context) {
    struct hone_engine_worker *worker = context;
    struct hone_engine *engine = worker->engine;
    for (;;) {
        pthread_mutex_lock(&engine->lock);
        while (!engine->waiting.first && !engine->stop)
            pthread_cond_wait(&engine->queued, &engine->lock);
        struct hone_step *step = engine->stop ? NULL : pop(&engine->waiting);
        worker->step = step;
        pthread_mutex_unlock(&engine->lock);
        if (!step)
            return NULL;
        if (step->cached)
            score_cached(worker, step);
        else
            run_step(worker, step);
        finish(worker, step);
    }
}

void hone_engine_submit(struct hone_engine *engine, struct hone_step *step) {
    const char *rule = hone_quarantine_rule(engine->quarantine, step);
    if (rule)
        snprintf(step->quarantined, sizeof step->quarantined, "%s", rule);
    bool known = !rule && !step->verdict && !(step->flags & HONE_STEP_FORCE) &&
                 hone_cache_get(engine->cache, engine->facts, step);
    if (known && engine->rewards.trivial) {
        struct hone_error error;
        if (hone_rewards_score(&engine->rewards, NULL, step, &error))
            hone_pipeline_fail(&engine->pipeline, NULL, step, HONE_INFRA_FAILED, HONE_REASON_PLUGIN,
                               error.text);
        step->done(step->context, step);
        return;
    }
    pthread_mutex_lock(&engine->lock);
    push(&engine->waiting, step);
    pthread_cond_signal(&engine->queued);
    pthread_mutex_unlock(&engine->lock);
}

/* What nobody wants must not wait in line: agents could queue such steps without end. */
void hone_engine_cancel(struct hone_engine *engine, struct hone_step *step) {
    atomic_store(&step->cancel, 1);
    pthread_mutex_lock(&engine->lock);
    bool waited = take_out(&engine->waiting, step);
    pthread_mutex_unlock(&engine->lock);
    if (!waited)
        return;
    hone_pipeline_fail(&engine->pipeline, NULL, step, HONE_INFRA_FAILED, HONE_REASON_CANCELLED,
                       "cancelled");
    pthread_mutex_lock(&engine->lock);
    push(&engine->finished, step);
    pthread_mutex_unlock(&engine->lock);
    ring(engine);
}

bool hone_engine_remember(struct hone_engine *engine, const struct hone_step *step, bool ours) {
    return hone_cache_fill(engine->cache, engine->facts, step, ours);
}

void hone_engine_recorded(struct hone_engine *engine, const struct hone_step *step) {
    hone_cache_own(engine->cache, engine->facts, step);
}

int hone_engine_descriptor(const struct hone_engine *engine) {
    return engine->descriptor;
}

uint32_t hone_engine_collect(struct hone_engine *engine) {
    uint64_t rings;
    ssize_t got = read(engine->descriptor, &rings, sizeof rings);
    (void)got;
    uint32_t count = 0;
    for (;; count++) {
        pthread_mutex_lock(&engine->lock);
        struct hone_step *step = pop(&engine->finished);
        pthread_mutex_unlock(&engine->lock);
        if (!step)
            return count;
        if (!*step->quarantined)
            hone_cache_put(engine->cache, engine->facts, step);
        hone_quarantine_take(engine->quarantine, step);
        step->done(step->context, step);
    }
}

static void report_refused(void *context, const char *text) {
    (void)context;
    hone_log(HONE_LOG_WARN, "task refused: %s", text);
}

static int open_station(struct hone_engine *engine, struct hone_error *error) {
    const struct hone_settings *settings = engine->settings;
    int code = hone_scorer_tasks(engine->station_scorer, &engine->tasks, &engine->task_count,
                                 report_refused, NULL, error);
    if (code)
        return code;
    hone_baselines_settle(engine->tasks, engine->task_count, settings, &engine->hardware,
                          engine->pipeline.device_index);
    const char *counters = hone_settings_text(settings, "measure", "counters");
    struct hone_meter_options options = {
        .pool_bytes = (uint64_t)hone_settings_integer(settings, "measure", "pool_bytes"),
        .step_limit_ns = (uint64_t)(hone_settings_real(settings, "measure", "step_seconds") * 1e9),
        .timing_budget_ns = (uint64_t)(hone_settings_real(settings, "measure", "timing_ms") * 1e6),
        .counters = strcmp(counters, "none") ? counters : NULL,
    };
    memcpy(options.secret, engine->secret, sizeof options.secret);
    return hone_station_create(&engine->hardware, engine->pipeline.device_index,
                               engine->station_scorer, &options, &engine->pipeline.station, error);
}

static int start_workers(struct hone_engine *engine, uint32_t count, struct hone_error *error) {
    if (!count)
        count = (uint32_t)hone_settings_integer(engine->settings, "server", "workers");
    if (!count) /* one a core, and one more so that compiling goes on beside a measurement */
        count = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN) + 1;
    engine->workers = calloc(count, sizeof *engine->workers);
    if (!engine->workers)
        return hone_fail(error, -ENOMEM, "engine: out of memory");
    for (; engine->worker_count < count; engine->worker_count++) {
        struct hone_engine_worker *worker = &engine->workers[engine->worker_count];
        worker->engine = engine;
        int code = hone_scorer_create(engine->settings, &worker->scorer, error);
        if (code)
            return code;
        code = -pthread_create(&worker->thread, NULL, work, worker);
        if (code) {
            hone_scorer_destroy(worker->scorer);
            return hone_fail(error, code, "engine: cannot start a worker: %s", strerror(-code));
        }
    }
    return 0;
}

int hone_engine_create(const struct hone_settings *settings,
                       const struct hone_engine_options *options, struct hone_engine **out,
                       struct hone_error *error) {
    struct hone_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return hone_fail(error, -ENOMEM, "engine: out of memory");
    engine->settings = engine->pipeline.settings = settings;
    engine->waiting.last = &engine->waiting.first;
    engine->finished.last = &engine->finished.first;
    pthread_mutex_init(&engine->lock, NULL);
    pthread_cond_init(&engine->queued, NULL);
    engine->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int code = engine->descriptor < 0
                   ? hone_fail(error, -errno, "engine: eventfd: %s", strerror(errno))
                   : hone_secret_read(engine->secret, error);
    if (!code)
        code = hone_detectors_check(settings, error);
    if (!code) /* first of all, so that a plugin that cannot even be loaded falls in there */
        code = hone_scorer_create(settings, &engine->station_scorer, error);
    if (!code)
        code = hone_rewards_open(settings, &engine->rewards, error);
    engine->pipeline.rewards = &engine->rewards;
    engine->pipeline.hardware = &engine->hardware;
    if (!code)
        code = hone_engine_open_device(engine, options, error);
    if (!code)
        code = hone_needs_collect(settings, &engine->pipeline.device, &engine->pipeline.needs,
                                  &engine->pipeline.advised, error);
    if (!code)
        code = hone_engine_open_caches(engine, options, error);
    if (!code)
        code = open_station(engine, error);
    if (!code && !(engine->facts = hone_facts(settings, &engine->pipeline.device,
                                              hone_station_protocol(engine->pipeline.station),
                                              &engine->hardware, &engine->rewards, error)))
        code = -EINVAL;
    if (!code)
        code = start_workers(engine, options->workers, error);
    if (code) {
        hone_engine_destroy(engine);
        return code;
    }
    *out = engine;
    return 0;
}

void hone_engine_stop(struct hone_engine *engine) {
    pthread_mutex_lock(&engine->lock);
    engine->stop = true;
    for (uint32_t i = 0; i < engine->worker_count; i++)
        if (engine->workers[i].step)
            atomic_store(&engine->workers[i].step->cancel, 1);
    pthread_cond_broadcast(&engine->queued);
    pthread_mutex_unlock(&engine->lock);
    for (uint32_t i = 0; i < engine->worker_count; i++) {
        pthread_join(engine->workers[i].thread, NULL);
        hone_scorer_destroy(engine->workers[i].scorer);
    }
    engine->worker_count = 0;
    for (struct hone_step *step; (step = pop(&engine->waiting));) {
        hone_pipeline_fail(&engine->pipeline, NULL, step, HONE_INFRA_FAILED, HONE_REASON_CANCELLED,
                           "the server is stopping");
        push(&engine->finished, step);
    }
    hone_engine_collect(engine);
}

void hone_engine_destroy(struct hone_engine *engine) {
    if (!engine)
        return;
    hone_engine_stop(engine);
    free(engine->workers);
    hone_station_destroy(engine->pipeline.station);
    hone_scorer_destroy(engine->station_scorer);
    hone_baselines_destroy(engine->pipeline.baselines);
    hone_compile_cache_destroy(engine->pipeline.compile_cache);
    hone_native_destroy(engine->pipeline.native);
    hone_cache_destroy(engine->cache);
    hone_quarantine_destroy(engine->quarantine);
    hone_instance_destroy(&engine->hardware);
    hone_rewards_close(&engine->rewards);
    for (uint32_t i = 0; i < engine->task_count; i++)
        hone_task_destroy(engine->tasks[i]);
    free(engine->tasks);
    free(engine->facts);
    if (engine->descriptor >= 0)
        close(engine->descriptor);
    explicit_bzero(engine->secret, sizeof engine->secret);
    pthread_cond_destroy(&engine->queued);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}

const struct hone_task *hone_engine_task(const struct hone_engine *engine, const char *id) {
    for (uint32_t i = 0; i < engine->task_count; i++)
        if (!strcmp(engine->tasks[i]->id, id))
            return engine->tasks[i];
    return NULL;
}

const struct hone_task *const *hone_engine_tasks(const struct hone_engine *engine,
                                                 uint32_t *count) {
    *count = engine->task_count;
    return (const struct hone_task *const *)engine->tasks;
}

const struct hone_reward_name *hone_engine_rewards(const struct hone_engine *engine,
                                                   uint32_t *count) {
    *count = engine->rewards.count;
    return engine->rewards.names;
}

const struct hone_device *hone_engine_device(const struct hone_engine *engine) {
    return &engine->pipeline.device;
}

const char *hone_engine_protocol(const struct hone_engine *engine) {
    return hone_station_protocol(engine->pipeline.station);
}

uint64_t hone_engine_seed(const struct hone_engine *engine, const struct hone_task *task,
                          uint64_t episode, const char *purpose) {
    return hone_seed(engine->secret, task->hash64, purpose, episode, 0);
}

const char *hone_engine_facts(const struct hone_engine *engine) {
    return engine->facts;
}
