/* rewards.h - a session's reward: the weighted sum of its parts (etc/hone.ini, [rewards]).
 *
 * When every part is one of the project's own and flagged trivial, they are scored here, in the
 * supervisor. Anybody else's are only looked at here, whatever their flags say: their code runs in
 * scorers, and then so do all parts. Any thread after creation.
 */
#ifndef HONE_CORE_REWARDS_H
#define HONE_CORE_REWARDS_H

#include "core/engine.h"
#include "core/loader.h"
#include "core/scorer.h"
#include "core/settings.h"
#include "core/watch.h"

struct hone_rewards {
    uint32_t count;
    bool trivial; /* all of them: no scorer needed */
    struct hone_reward_name names[HONE_REWARDS_MAX];
    struct hone_instance instances[HONE_REWARDS_MAX]; /* `self` is made where it is needed */
};

/* For live steps: a reward that scores whole groups only is refused. */
int hone_rewards_open(const struct hone_settings *settings, struct hone_rewards *rewards,
                      struct hone_error *error);
/* For a process that may fall with a plugin: every reward is made in it, those of groups too, and
 * `watch` is told of each before its code runs. A failure leaves what was made, for
 * hone_rewards_close(): that runs their code too. */
int hone_rewards_open_here(const struct hone_settings *settings, struct hone_watch *watch,
                           struct hone_rewards *rewards, struct hone_error *error);
void hone_rewards_close(struct hone_rewards *rewards);

/* Score step->evidence into step->parts and step->reward; NaN for infra_failed. `scorer` may be
 * NULL when all parts are trivial. */
int hone_rewards_score(const struct hone_rewards *rewards, struct hone_scorer *scorer,
                       struct hone_step *step, struct hone_error *error);

#endif
