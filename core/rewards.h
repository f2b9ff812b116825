/* rewards.h - a session's reward: the weighted sum of its parts (etc/hone.ini, [rewards]).
 *
 * Parts flagged trivial are scored here, in the supervisor; if any is not, all go through a scorer.
 * Any thread after creation.
 */
#ifndef HONE_CORE_REWARDS_H
#define HONE_CORE_REWARDS_H

#include "core/engine.h"
#include "core/loader.h"
#include "core/scorer.h"
#include "core/settings.h"

struct hone_rewards {
    uint32_t count;
    bool trivial; /* all of them: no scorer needed */
    struct hone_reward_name names[HONE_REWARDS_MAX];
    struct hone_instance instances[HONE_REWARDS_MAX];
};

/* With `groups` those that score whole groups only are accepted as well; score_group() is then the
 * caller's to call. */
int hone_rewards_open(const struct hone_settings *settings, bool groups,
                      struct hone_rewards *rewards, struct hone_error *error);
void hone_rewards_close(struct hone_rewards *rewards);

/* Score step->evidence into step->parts and step->reward; NaN for infra_failed. `scorer` may be
 * NULL when all parts are trivial. */
int hone_rewards_score(const struct hone_rewards *rewards, struct hone_scorer *scorer,
                       struct hone_step *step, struct hone_error *error);

#endif
