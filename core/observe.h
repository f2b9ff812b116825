/* observe.h - fill what an agent sees (ipc/layout.h) from an episode and a step. Any thread. */
#ifndef HONE_CORE_OBSERVE_H
#define HONE_CORE_OBSERVE_H

#include "core/engine.h"
#include "core/episode.h"
#include "ipc/layout.h"

/* An observation of an episode with no step yet: every measurement absent. */
void hone_observe_episode(const struct hone_engine *engine, const struct hone_episode *episode,
                          struct hone_observation *observation);
/* The same with a finished step. */
void hone_observe_step(const struct hone_engine *engine, const struct hone_episode *episode,
                       const struct hone_step *step, struct hone_observation *observation);

#endif
