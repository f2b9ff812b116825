/* Probes on inputs: the same ones again, and with one element changed. */
#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/element.h"
#include "core/error.h"
#include "core/inputs.h"
#include "core/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS 3u                  /* at most, that are shown again */
enum { AT_ONCE, LATER, AGAINS }; /* after the set itself, and after all the others */
#define CHEAP_BYTES (256u << 10)
#define INPUTS_MOST 3u /* of which one element is changed */

static int check(const struct hone_probing *probing) {
    int status = hone_measure_check(probing->measurement);
    return status < 0 ? status : 0; /* timing kept the step's limit; probes keep theirs */
}

static double time_of(const struct hone_sample *sample) {
    return sample->noisy && sample->cpu_ns > 0 ? sample->cpu_ns : sample->wall_ns;
}

static int call(struct hone_probing *probing, const struct hone_set *set, double *ns,
                struct hone_failure *failure) {
    struct hone_sample sample;
    int status = check(probing);
    if (status == 0)
        status = hone_side_call(probing->measurement, &probing->stand, &probing->side,
                                &probing->stand.places[0], &set,
                                probing->measurement->meter->pattern++, &sample, failure);
    if (status == 0 && !failure->verdict && ns)
        *ns = time_of(&sample);
    return status;
}

/* What a process did right once it did not do right again: said before what it did wrong. */
static void blame_repeat(struct hone_failure *failure) {
    char first[sizeof failure->message];
    memcpy(first, failure->message, sizeof first);
    if (failure->verdict == HONE_WRONG)
        failure->reason = HONE_REASON_NONDETERMINISTIC;
    snprintf(failure->message, sizeof failure->message,
             "called again on inputs that it gave a right result for: %.900s", first);
}

struct repeats {
    uint32_t count; /* of sets */
    const struct hone_set *sets[SETS];
    uint8_t *first[SETS];   /* results; of those that a device keeps: */
    uint64_t digests[SETS]; /* and whether a later one had another */
    bool differed;
    double fresh_ns[SETS], again_ns[AGAINS][SETS];
    uint32_t again_count;
    double moved;
};

static int call_fresh(struct hone_probing *probing, struct repeats *repeats, uint32_t index,
                      struct hone_failure *failure) {
    struct hone_place *place = &probing->stand.places[0];
    int status = call(probing, repeats->sets[index], &repeats->fresh_ns[index], failure);
    if (status == 0 && !failure->verdict && place->kept) {
        repeats->digests[index] = hone_probe_digest(probing, place);
    } else if (status == 0 && !failure->verdict) {
        repeats->first[index] = hone_probe_outputs(probing, place);
        status = repeats->first[index] ? 0 : -ENOMEM;
    }
    return status;
}

static int call_again(struct hone_probing *probing, struct repeats *repeats, uint32_t index,
                      int when, struct hone_failure *failure) {
    struct hone_place *place = &probing->stand.places[0];
    int status = call(probing, repeats->sets[index], &repeats->again_ns[when][index], failure);
    if (status != 0)
        return status;
    if (failure->verdict) {
        blame_repeat(failure);
        return 0;
    }
    repeats->again_count++;
    if (place->kept) {
        repeats->differed |= hone_probe_digest(probing, place) != repeats->digests[index];
        return 0;
    }
    uint8_t *result = hone_probe_outputs(probing, place);
    if (!result)
        return -ENOMEM;
    repeats->moved = fmax(repeats->moved, hone_probe_distance(probing, place, repeats->sets[index],
                                                              repeats->first[index], result));
    free(result);
    return 0;
}

static int run_repeats(struct hone_probing *probing, struct repeats *repeats,
                       struct hone_failure *failure) {
    int status = 0;
    for (uint32_t i = 0; i < repeats->count && status == 0 && !failure->verdict; i++) {
        status = call_fresh(probing, repeats, i, failure);
        if (status == 0 && !failure->verdict)
            status = call_again(probing, repeats, i, AT_ONCE, failure);
    }
    for (uint32_t i = 0; i < repeats->count && status == 0 && !failure->verdict; i++)
        status = call_again(probing, repeats, i, LATER, failure);
    return status;
}

static int lay_out(struct hone_probing *probing, const struct hone_workload *workload,
                   struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    struct hone_place *place = hone_stand_add(&probing->stand, workload, 1);
    if (!place)
        return hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
    place->scale_ns =
        measurement->known ? measurement->known->ns[0][workload - measurement->task->workloads] : 0;
    if (!(place->scale_ns > 0))
        place->scale_ns = 0;
    int status = hone_stand_lay_out(measurement, &probing->stand);
    return status ? status : hone_side_start(measurement, &probing->stand, &probing->side, failure);
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
        const double median = hone_median(again, repeats->count); /* sorts */
        if (when == 0 || again[repeats->count - 1] < row->ns_high) {
            row->ns = median;
            row->ns_high = again[repeats->count - 1];
        }
    }
    row->reference_ns = hone_median(repeats->fresh_ns, repeats->count);
    row->reference_ns_low = repeats->fresh_ns[0];
    /* Timed calls had inputs new to the process too: without a clock that tells when the machine
     * was busy, a few slow calls here are no proof that new inputs take longer. */
    if (!(probing->measurement->meter->description.gives & HONE_NEED_CPU_TIME))
        row->reference_ns_low = fmin(row->reference_ns_low, probing->measurement->longest_least_ns);
    return 0;
}

/* Each of some sets, the same again at once, and all of them once more. The first call of the
 * process is no sample. `whole`: results are compared, and not the digests that a device tells of
 * them. */
static int repeat_calls(struct hone_probing *probing, const struct hone_workload *workload,
                        bool whole, bool *differed, struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    struct repeats repeats = {0};
    probing->side.fetches = whole;
    hone_random_fill(&measurement->meter->random, &probing->side.digest_seed,
                     sizeof probing->side.digest_seed);
    int status = lay_out(probing, workload, failure);
    if (status != 0 || failure->verdict)
        return status;
    struct hone_place *place = &probing->stand.places[0];
    const struct hone_shelf_key key = hone_measure_key(measurement, workload);
    /* Timing has made some; for more, an oracle that takes long would be waited for. */
    status =
        hone_pool_hold(measurement->meter->pool, &key, 2, false, &place->shelf, measurement->error);
    if (status != 0)
        return status;
    repeats.count = place->shelf->count > SETS ? SETS : place->shelf->count - 1;
    const struct hone_set *warm =
        hone_shelf_take(place->shelf, &place->shown, hone_random_next(&measurement->meter->random));
    for (uint32_t i = 0; i < repeats.count; i++)
        repeats.sets[i] = hone_shelf_take(place->shelf, &place->shown,
                                          hone_random_next(&measurement->meter->random));
    status = call(probing, warm, NULL, failure);
    if (status == 0 && !failure->verdict)
        status = run_repeats(probing, &repeats, failure);
    *differed = repeats.differed && !failure->verdict;
    if (status == 0 && !*differed)
        status = report_repeats(probing, &repeats, failure);
    for (uint32_t i = 0; i < SETS; i++)
        free(repeats.first[i]);
    return status;
}

/* How far two results are apart is only looked at where they are not the same. */
static int repeat_workload(struct hone_probing *probing, const struct hone_workload *workload,
                           struct hone_failure *failure) {
    bool differed = false;
    int status = repeat_calls(probing, workload, false, &differed, failure);
    if (status != 0 || !differed)
        return status;
    hone_probe_renew(probing);
    return repeat_calls(probing, workload, true, &differed, failure);
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

/* Where the oracle's result moved most: how far, and how far the candidate's moved there. */
struct movement {
    double wanted, got;
};

static struct movement movement_of(const struct hone_probing *probing,
                                   const struct hone_place *place, const struct hone_set *before,
                                   const struct hone_set *after, const uint8_t *results) {
    const struct hone_task *task = probing->measurement->task;
    const struct hone_buffer *buffers = &probing->stand.table.buffers[place->first_buffer];
    struct movement most = {0, 0};
    for (uint32_t i = 0; i < probing->stand.tensors; i++) {
        const uint32_t arg = buffers[i].owner;
        if (!hone_arg_is_output(&task->args[arg]))
            continue;
        const struct hone_judged_output was =
            hone_side_output(probing->measurement, place, before, arg, NULL);
        const struct hone_judged_output is =
            hone_side_output(probing->measurement, place, after, arg, NULL);
        const uint32_t bytes = hone_dtype_bytes(was.dtype);
        for (int64_t k = 0; k < was.count; k++) {
            const double tolerance = was.limits.atol + was.limits.rtol * fabs(was.wanted[k]);
            const double wanted = (is.wanted[k] - was.wanted[k]) / tolerance;
            if (!(fabs(wanted) > fabs(most.wanted)) || !(tolerance > 0))
                continue;
            double old, new;
            hone_elements_read(was.dtype, results + k * bytes, 1, &old);
            hone_elements_read(was.dtype, buffers[i].host + k * bytes, 1, &new);
            most = (struct movement){wanted, (new - old) / tolerance};
        }
        results += buffers[i].bytes;
    }
    return most;
}

static int hold_one(struct hone_probing *probing, const struct hone_workload *workload,
                    struct hone_shelf **shelf) {
    struct hone_measurement *measurement = probing->measurement;
    const struct hone_shelf_key key = {
        .task = measurement->task,
        .workload = workload,
        .stream = "probe/one",
        .episode = measurement->request->episode_seed ^ measurement->meter->run,
    };
    return hone_pool_hold(measurement->meter->pool, &key, 1, true, shelf, measurement->error);
}

/* A call on inputs of their own, then one on the same but for one element. */
static int change_input(struct hone_probing *probing, uint32_t arg, struct hone_failure *failure) {
    struct hone_pool *pool = probing->measurement->meter->pool;
    struct hone_place *place = &probing->stand.places[0];
    struct hone_workload workload = *place->workload;
    struct hone_shelf *before = NULL, *after = NULL;
    uint8_t *results = NULL;
    int status = hold_one(probing, &workload, &before);
    workload.changed = 1 + arg;
    if (status == 0)
        status = hold_one(probing, &workload, &after);
    place->shelf = before;
    if (status == 0)
        status = call(probing, &before->sets[0], NULL, failure);
    if (status == 0 && !failure->verdict) {
        results = hone_probe_outputs(probing, place);
        status = results ? 0 : -ENOMEM;
    }
    place->shelf = after;
    if (status == 0 && !failure->verdict)
        status = call(probing, &after->sets[0], NULL, failure);
    if (status == 0 && results) {
        struct hone_probe_row *row =
            hone_probe_add(probing, HONE_NEED_ONE_ELEMENT, place->workload);
        const struct movement moved =
            movement_of(probing, place, &before->sets[0], &after->sets[0], results);
        status = row ? 0 : -ENOMEM;
        if (row) {
            row->argument = arg;
            row->calls = 1;
            row->right = !failure->verdict;
            row->moved = fabs(moved.got);
            row->wanted_moved = fabs(moved.wanted);
        }
    }
    if (failure->verdict == HONE_WRONG && results) /* told by the row; others go on */
        *failure = (struct hone_failure){0};
    place->shelf = NULL;
    free(results);
    hone_pool_release(pool, after);
    hone_pool_release(pool, before);
    return status;
}

/* Tolerances of a few elements go by many sets, which would have to be made. */
static bool has_few_outputs(const struct hone_task *task, const struct hone_workload *workload) {
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_output(&task->args[i]) &&
            hone_task_shape(task, workload, i, NULL) < HONE_SMALL_OUTPUT)
            return true;
    return false;
}

static const struct hone_workload *small_workload(const struct hone_measurement *measurement) {
    const struct hone_task *task = measurement->task;
    const struct hone_workload *chosen = NULL, *least = NULL;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < task->workload_count; i++) {
        const struct hone_workload *workload = &task->workloads[i];
        const uint64_t bytes = hone_workload_bytes(task, workload);
        if (workload->exact || workload->sampled ||
            measurement->result->rows[i].verdict != HONE_PASSED)
            continue;
        if (!least || bytes < hone_workload_bytes(task, least))
            least = workload;
        if (bytes <= CHEAP_BYTES && !has_few_outputs(task, workload) &&
            hone_random_next(&measurement->meter->random) % ++seen == 0)
            chosen = workload;
    }
    return chosen ? chosen : least;
}

/* On a small workload, whose oracle is quick, and any of those, so that none can be told apart. */
int hone_probe_one_element(struct hone_probing *probing, struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    const struct hone_task *task = measurement->task;
    const struct hone_workload *workload = small_workload(measurement);
    uint32_t inputs[HONE_ARGS_MAX], count = 0;
    for (uint32_t i = 0; workload && i < task->arg_count; i++)
        if (hone_inputs_may_change(task, workload, i) &&
            hone_task_shape(task, workload, i, NULL) > 0)
            inputs[count++] = i;
    if (count == 0)
        return 0;
    int status = lay_out(probing, workload, failure);
    for (uint32_t done = 0; done < INPUTS_MOST && count > 0 && status == 0 && !failure->verdict;
         done++) {
        if (done > 0 && hone_now_ns() > probing->until_ns)
            break;
        const uint32_t pick = (uint32_t)(hone_random_next(&measurement->meter->random) % count);
        status = change_input(probing, inputs[pick], failure);
        inputs[pick] = inputs[--count];
    }
    return status;
}
