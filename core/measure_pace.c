#include "core/measure_internal.h"

#include <math.h>

/* The stage may take so many times its timing budget; the rest is copying, judging and starting. */
#define STAGE_FACTOR 2.1
#define GENERATIONS_LEAST 9u /* pairs of processes, where the time allows */
#define GENERATIONS_SLOW 3u  /* for a candidate so slow that the least rounds exceed the time: */
#define SLOW_FACTOR 4        /* it takes so many times what the baseline does */

uint32_t hone_pace_batch(const struct hone_measurement *measurement,
                         const struct hone_workload *workload,
                         const struct hone_seat_needs *needs) {
    const double ns = measurement->known->ns[0][workload - measurement->task->workloads];
    const uint64_t bytes =
        hone_workload_bytes(measurement->task, workload) + needs->workspace_bytes;
    double batch = fmin(ceil(GO_LEAST_NS / fmax(ns, 1)), BATCH_MOST);
    batch = fmin(batch, (double)(HONE_PLAN_WORDS_MAX / needs->words));
    return (uint32_t)fmax(fmin(batch, (double)(BATCH_BYTES / (bytes + 1))), 1);
}

void hone_pace_regions(struct hone_stand *stand, uint32_t regions) {
    for (;;) {
        struct hone_place *largest = &stand->places[0];
        uint32_t slots = 0;
        for (uint32_t i = 0; i < stand->count; i++) {
            slots += stand->places[i].batch;
            if (stand->places[i].batch > largest->batch)
                largest = &stand->places[i];
        }
        if (slots * regions <= REGIONS_MOST || largest->batch == 1)
            return;
        largest->batch--;
    }
}

/* Rounds are fixed before the first, from what they cost; and with them how many of them one pair
 * of processes serves: rounds of the same processes are alike, so there are GENERATIONS_LEAST pairs
 * of processes where the time allows. A candidate that is slow before it is timed gains nothing by
 * it: its interval is wider. */
uint32_t hone_pace_rounds(const struct hone_round_cost *cost, uint32_t ready, uint32_t *pairs) {
    const double budget = cost->budget_ns;
    const double timed_ns = cost->timed_ns[CANDIDATE] + cost->timed_ns[BASELINE];
    for (;; --*pairs) {
        /* Both are replaced, more often while there are few sets, and an untimed pair of everything
         * follows. */
        const double replacing = (cost->replacing_ns + cost->spent_ns) / fmin(*pairs, ready);
        double most = fmin(budget / timed_ns, STAGE_FACTOR * budget / (cost->spent_ns + replacing));
        most = fmin(fmax(most, ROUNDS_LEAST), ROUNDS_MOST);
        const uint32_t rounds = (uint32_t)most | 1;
        const bool slow = rounds == ROUNDS_LEAST &&
                          cost->timed_ns[CANDIDATE] > SLOW_FACTOR * cost->timed_ns[BASELINE];
        const uint32_t generations = slow ? GENERATIONS_SLOW : GENERATIONS_LEAST;
        if (*pairs == 1 || rounds >= generations * *pairs)
            return rounds;
    }
}
