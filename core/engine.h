/* engine.h - the gym's machine room: tasks, workers, scorers, devices, caches, behind submit and
 * collect.
 *
 * `hone eval` and `hone serve` are two thin fronts of it. Threads: submit, collect and cancel from
 * one thread, the owner's; completions wake it through a descriptor.
 */
#ifndef HONE_CORE_ENGINE_H
#define HONE_CORE_ENGINE_H

#include "core/settings.h"
#include "core/step.h"

struct hone_engine;

struct hone_engine_options {
    const char *device; /* its id, "cpu"; NULL: the first there is */
    uint32_t workers;   /* 0: from the settings */
    bool trusted;       /* run untrusted code below confinement C */
    bool lasting;       /* keep quarantine for engines to come, and have that of earlier ones */
};

/* Loads plugins, starts scorers and guests, reads the tasks. Refused tasks are logged, not fatal.
 */
int hone_engine_create(const struct hone_settings *settings,
                       const struct hone_engine_options *options, struct hone_engine **engine,
                       struct hone_error *error);
/* Cancel what runs, wait for the workers, and deliver every step that is left: after this nothing
 * is in flight. Destroying stops first. */
void hone_engine_stop(struct hone_engine *engine);
void hone_engine_destroy(struct hone_engine *engine);

const struct hone_task *hone_engine_task(const struct hone_engine *engine, const char *id);
const struct hone_task *const *hone_engine_tasks(const struct hone_engine *engine, uint32_t *count);

/* Hand a step over. A step that the result cache answers is done before this returns, with its
 * `done` called; every other one is called from hone_engine_collect(). */
void hone_engine_submit(struct hone_engine *engine, struct hone_step *step);
/* Give a step up. It still comes back through collect: at once when it waited for a worker, else as
 * soon as its worker looks. */
void hone_engine_cancel(struct hone_engine *engine, struct hone_step *step);
/* What an earlier step came to, newest first: for the result cache. `ours`: it has a result in the
 * run that is being written. False: the cache is full. */
bool hone_engine_remember(struct hone_engine *engine, const struct hone_step *step, bool ours);
/* The result of a step that repeats none of its run is in the run now, for others to repeat. */
void hone_engine_recorded(struct hone_engine *engine, const struct hone_step *step);
int hone_engine_descriptor(const struct hone_engine *engine); /* readable: collect */
uint32_t hone_engine_collect(struct hone_engine *engine);

/* What every result is stored with. */
struct hone_reward_name {
    char name[HONE_NAME_SIZE];
    double weight;
};
const struct hone_reward_name *hone_engine_rewards(const struct hone_engine *, uint32_t *count);
const struct hone_device *hone_engine_device(const struct hone_engine *);
const char *hone_engine_protocol(const struct hone_engine *);
uint64_t hone_engine_seed(const struct hone_engine *, const struct hone_task *, uint64_t episode,
                          const char *purpose); /* from the master secret */
/* JSON text for the run store: device, protocol, plugins with version, hash, settings. Lives as
 * long as the engine. */
const char *hone_engine_facts(const struct hone_engine *);

#endif
