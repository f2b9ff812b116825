/* The probe on memory: inputs that a process has answered, shown to it again. */
#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS 3u                  /* at most, that one process is shown again */
#define SETS_SURE 9u             /* of several processes: all of them faster again is no chance */
enum { AT_ONCE, LATER, AGAINS }; /* after the set itself, and after all the others */

/* What the processes that were looked at came to together. */
struct repeats {
    uint32_t count;       /* of sets */
    uint32_t again_count; /* of results that were right again */
    double fresh_ns[SETS_SURE + SETS], again_ns[AGAINS][SETS_SURE + SETS];
    bool whole;    /* results are compared, and not the digests that a device tells of them: */
    bool differed; /* one of those did */
    double moved;
};

/* One process. */
struct look {
    struct repeats *repeats;
    uint32_t count;
    const struct hone_set *sets[SETS];
    uint8_t *first[SETS];   /* results, or of those that a device keeps: */
    uint64_t digests[SETS]; /* what it tells of them */
};

/* What a process did right once it did not do right again: said before what it did wrong. */
static void blame_repeat(struct hone_failure *failure) {
    char first[sizeof failure->message];
    memcpy(first, failure->message, sizeof first);
    if (failure->verdict == HONE_WRONG)
        failure->reason = HONE_REASON_NONDETERMINISTIC;
    snprintf(failure->message, sizeof failure->message,
             "called again on inputs that it gave a right result for: %.900s", first);
}

static int call_fresh(struct hone_probing *probing, struct look *look, uint32_t index,
                      struct hone_failure *failure) {
    struct hone_place *place = &probing->stand.places[0];
    double *ns = &look->repeats->fresh_ns[look->repeats->count + index];
    int status = hone_probe_call(probing, place, look->sets[index], ns, failure);
    if (status == 0 && !failure->verdict && place->kept) {
        look->digests[index] = hone_probe_digest(probing, place);
    } else if (status == 0 && !failure->verdict) {
        look->first[index] = hone_probe_outputs(probing, place);
        status = look->first[index] ? 0 : -ENOMEM;
    }
    return status;
}

static int call_again(struct hone_probing *probing, struct look *look, uint32_t index, int when,
                      struct hone_failure *failure) {
    struct hone_place *place = &probing->stand.places[0];
    struct repeats *repeats = look->repeats;
    double *ns = &repeats->again_ns[when][repeats->count + index];
    int status = hone_probe_call(probing, place, look->sets[index], ns, failure);
    if (status != 0)
        return status;
    if (failure->verdict) {
        blame_repeat(failure);
        return 0;
    }
    repeats->again_count++;
    if (place->kept) {
        repeats->differed |= hone_probe_digest(probing, place) != look->digests[index];
        return 0;
    }
    uint8_t *result = hone_probe_outputs(probing, place);
    if (!result)
        return -ENOMEM;
    repeats->moved = fmax(repeats->moved, hone_probe_distance(probing, place, look->sets[index],
                                                              look->first[index], result));
    free(result);
    return 0;
}

static int call_all(struct hone_probing *probing, struct look *look, struct hone_failure *failure) {
    int status = 0;
    for (uint32_t i = 0; i < look->count && status == 0 && !failure->verdict; i++) {
        status = call_fresh(probing, look, i, failure);
        if (status == 0 && !failure->verdict)
            status = call_again(probing, look, i, AT_ONCE, failure);
    }
    for (uint32_t i = 0; i < look->count && status == 0 && !failure->verdict; i++)
        status = call_again(probing, look, i, LATER, failure);
    look->repeats->count += look->count;
    return status;
}

/* Each of some sets, the same again at once, and all of them once more. The first call of the
 * process is no sample. */
static int look_once(struct hone_probing *probing, const struct hone_workload *workload,
                     struct repeats *repeats, struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    struct look look = {.repeats = repeats};
    probing->side.fetches = repeats->whole;
    hone_random_fill(&measurement->meter->random, &probing->side.digest_seed,
                     sizeof probing->side.digest_seed);
    int status = hone_probe_lay_out(probing, workload, failure);
    if (status != 0 || failure->verdict)
        return status;
    struct hone_place *place = &probing->stand.places[0];
    const struct hone_shelf_key key = hone_measure_key(measurement, workload);
    /* Timing has made some; for more, an oracle that takes long would be waited for. */
    status =
        hone_pool_hold(measurement->meter->pool, &key, 2, false, &place->shelf, measurement->error);
    if (status != 0)
        return status;
    look.count = place->shelf->count > SETS ? SETS : place->shelf->count - 1;
    const struct hone_set *warm =
        hone_shelf_take(place->shelf, &place->shown, hone_random_next(&measurement->meter->random));
    for (uint32_t i = 0; i < look.count; i++)
        look.sets[i] = hone_shelf_take(place->shelf, &place->shown,
                                       hone_random_next(&measurement->meter->random));
    status = hone_probe_call(probing, place, warm, NULL, failure);
    if (status == 0 && !failure->verdict)
        status = call_all(probing, &look, failure);
    for (uint32_t i = 0; i < look.count; i++)
        free(look.first[i]);
    return status;
}

static double slowest(const double *ns, uint32_t count) {
    double most = 0;
    for (uint32_t i = 0; i < count; i++)
        most = fmax(most, ns[i]);
    return most;
}

/* Timed calls had inputs new to the process, too. There are more of them, and at other moments: a
 * machine that was busy for a few calls of a probe does not make new inputs slow. */
static double fastest_fresh(const struct hone_probing *probing, const struct repeats *repeats) {
    const struct hone_measurement *measurement = probing->measurement;
    const struct hone_workload *workload = probing->stand.places[0].workload;
    const double timed = measurement->least_ns[workload - measurement->task->workloads];
    double least = timed > 0 ? timed : INFINITY;
    for (uint32_t i = 0; i < repeats->count; i++)
        least = fmin(least, repeats->fresh_ns[i]);
    return least;
}

static int report_repeats(struct hone_probing *probing, struct repeats *repeats,
                          const struct hone_failure *failure) {
    struct hone_probe_row *row =
        hone_probe_add(probing, HONE_NEED_SAME_INPUTS, probing->stand.places[0].workload);
    if (!row)
        return -ENOMEM;
    row->calls = repeats->count * AGAINS;
    row->right = repeats->again_count;
    if (failure->verdict)
        return 0;
    row->moved = repeats->moved;
    for (int when = 0; when < AGAINS; when++) {
        double *again = repeats->again_ns[when];
        const double high = slowest(again, repeats->count);
        if (when == 0 || high < row->ns_high) {
            row->ns = hone_median(again, repeats->count);
            row->ns_high = high;
        }
    }
    row->reference_ns = hone_median(repeats->fresh_ns, repeats->count);
    row->reference_ns_low = fastest_fresh(probing, repeats);
    return 0;
}

/* Whether inputs that came again were answered faster every time than new ones ever were, and too
 * few of them were shown to tell this from chance. */
static bool wants_another_look(const struct hone_probing *probing, const struct repeats *repeats) {
    double high = INFINITY;
    for (int when = 0; when < AGAINS; when++)
        high = fmin(high, slowest(repeats->again_ns[when], repeats->count));
    return repeats->count < SETS_SURE && high < fastest_fresh(probing, repeats);
}

/* Most candidates are seen to keep nothing in the first process. One that seems to is looked at in
 * others, whatever time that takes: what is said of it must not be a busy machine's doing. How far
 * two results are apart is only looked at where they are not the same. */
static int repeat_workload(struct hone_probing *probing, const struct hone_workload *workload,
                           struct hone_failure *failure) {
    struct repeats repeats = {0};
    bool again = true;
    int status = 0;
    while (again && status == 0 && !failure->verdict) {
        status = look_once(probing, workload, &repeats, failure);
        if (status != 0 || failure->verdict)
            break;
        if (repeats.differed)
            repeats = (struct repeats){.whole = true};
        else
            again = wants_another_look(probing, &repeats);
        if (again)
            hone_probe_renew(probing);
    }
    return status == 0 && repeats.count > 0 ? report_repeats(probing, &repeats, failure) : status;
}

/* Where calls take longest first, so that what they take can be told; then, in time, on the others
 * that are timed: results may be kept of some sizes only. */
int hone_probe_same_inputs(struct hone_probing *probing, struct hone_failure *failure) {
    const struct hone_task *task = probing->measurement->task;
    const struct hone_workload *longest = hone_probe_longest(probing->measurement);
    int status = repeat_workload(probing, longest, failure);
    for (uint32_t i = 0; i < task->workload_count && status == 0 && !failure->verdict; i++) {
        if (task->workloads[i].set != HONE_BENCH || &task->workloads[i] == longest)
            continue;
        if (hone_now_ns() > probing->until_ns)
            break;
        hone_probe_renew(probing);
        status = repeat_workload(probing, &task->workloads[i], failure);
    }
    return status;
}
