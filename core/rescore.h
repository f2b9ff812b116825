/* rescore.h - a recorded run scored again from its evidence, without the hardware.
 *
 * Rewards are pure functions of evidence, so that the stored ones come out again bit for bit when
 * nothing changed, and others can be tried. Nothing is written. One thread.
 */
#ifndef HONE_CORE_RESCORE_H
#define HONE_CORE_RESCORE_H

#include "core/engine.h"
#include "core/settings.h"
#include "core/store.h"
#include "core/watch.h"

struct hone_rescore;

/* One step. Strings live until hone_rescore_close(). */
struct hone_rescored {
    uint64_t step, episode;
    uint32_t turn, verdict, stored_verdict; /* an audit may turn passed into hacked */
    bool cached;
    const char *task, *group;
    double stored, fresh; /* rewards; NaN: infra_failed */
    uint32_t stored_count;
    double stored_parts[HONE_REWARDS_MAX];
    double parts[HONE_REWARDS_MAX];
    const char *finding; /* what the audit found worst; NULL: nothing */
};

/* The settings under which the run was scored, from its facts: rewards with weights and options,
 * and its audit detectors. Plugins are found by name, so that one outside the tree must be named
 * anew: -ENOENT says which. `notes` says, a line each, which plugin's file has changed since; the
 * caller frees it. */
int hone_rescore_settings(struct hone_run *run, struct hone_settings **settings, char **notes,
                          struct hone_error *error);

/* Read all results and score them with the rewards of `settings`, which must outlive it, as `watch`
 * does too. With `audit`, its audit detectors look at sources, images and evidence first. */
int hone_rescore_open(struct hone_run *run, const struct hone_settings *settings, bool audit,
                      struct hone_watch *watch, struct hone_rescore **rescore,
                      struct hone_error *error);
void hone_rescore_close(struct hone_rescore *rescore);

const struct hone_rescored *hone_rescore_rows(const struct hone_rescore *rescore, uint32_t *count);
const struct hone_reward_name *hone_rescore_parts(const struct hone_rescore *rescore,
                                                  uint32_t *count);

/* Whether a step has the reward it was stored with, every part and every bit. */
bool hone_rescored_same(const struct hone_rescored *row, uint32_t part_count);

#endif
