/* spin.h - wait for a line without sleeping, for as long as that is likely to pay.
 *
 * First pauses, which win while the other side runs on another CPU; then sched_yield(), which wins
 * when it needs this one; then the caller parks. How many pauses is learned: they double when one
 * of them ends the wait, and halve when yielding or parking had to end it. Every so often a wait
 * tries them again.
 */
#ifndef HONE_IPC_SPIN_H
#define HONE_IPC_SPIN_H

#include "ring.h"

#include <sched.h>

#define HONE_SPIN_PAUSES_MAX 2000u
#define HONE_SPIN_TRY_EVERY 64u

struct hone_spin {
    uint32_t pauses, waits;
    bool alone; /* one CPU: whoever we wait for needs it */
};

static inline void hone_spin_init(struct hone_spin *spin) {
    cpu_set_t cpus;
    bool alone = !sched_getaffinity(0, sizeof cpus, &cpus) && CPU_COUNT(&cpus) == 1;
    *spin = (struct hone_spin){.pauses = alone ? 0 : HONE_SPIN_PAUSES, .alone = alone};
}

/* Returns whether `ready` came true; if not, it is time to park. */
static inline bool hone_spin_wait(struct hone_spin *spin, bool (*ready)(void *context),
                                  void *context) {
    if (!spin->alone && ++spin->waits % HONE_SPIN_TRY_EVERY == 0 && spin->pauses < HONE_SPIN_PAUSES)
        spin->pauses = HONE_SPIN_PAUSES;
    for (uint32_t i = 0; i < spin->pauses; i++) {
        if (ready(context)) {
            bool room = spin->pauses <= HONE_SPIN_PAUSES_MAX / 2;
            spin->pauses = room ? spin->pauses * 2 : HONE_SPIN_PAUSES_MAX;
            return true;
        }
        hone_ring_pause();
    }
    spin->pauses /= 2;
    for (uint32_t i = 0; i < HONE_SPIN_YIELDS; i++) {
        if (ready(context))
            return true;
        sched_yield();
    }
    return false;
}

#endif
