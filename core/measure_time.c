#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPEATS_MOST 2u /* of one noisy pair */
#define CACHE_LINE_BYTES 64u
#define NOISY_SHARE_MOST 8u /* the result is noisy when more than one pair in so many stayed so */

struct timing {
    struct hone_measurement *measurement;
    struct hone_stand stand;
    struct hone_side sides[SIDES];
    const struct hone_plan *plans[SIDES];
    struct hone_series *series; /* by place */
    double *round_ratio;
    struct hone_errors (*errors)[SIDES]; /* by place; NULL: nobody asks */
    uint32_t listened;                   /* the round in which errors are looked at */
    uint32_t rounds, done;
    uint32_t pairs; /* until both processes are replaced, where there are sets for so many */
    bool warm;      /* the processes that are up have run everything once, and nothing else */
    uint32_t pair_count, noisy_count;
    double round_ns[SIDES];  /* as the first calls had it */
    uint64_t round_spent_ns; /* of what the step is charged for */
    uint64_t next_draw;      /* of confirm, whose sets are all new */
};

static uint64_t next_random(const struct timing *timing) {
    return hone_random_next(&timing->measurement->meter->random);
}

static int object(const struct timing *timing, int side, const struct hone_place *place,
                  const struct hone_failure *failure) {
    if (side == BASELINE)
        return hone_side_blame(timing->measurement, &timing->sides[side], failure);
    hone_measure_object(timing->measurement, place ? place->row : NULL, failure);
    return 0;
}

static int call(struct timing *timing, int side, struct hone_place *place,
                const struct hone_set *const *sets, uint32_t pattern, struct hone_sample *sample,
                struct hone_failure *failure) {
    int status = hone_side_call(timing->measurement, &timing->stand, &timing->sides[side], place,
                                sets, pattern, sample, failure);
    if (status == 0 && failure->verdict)
        status = object(timing, side, place, failure);
    return status;
}

/* Where errors are looked at, one of them is a set whose truth for moved inputs is known: at any
 * slot, since a slot's addresses are the same in every go. */
static int take_sets(const struct timing *timing, struct hone_place *place,
                     const struct hone_set **sets) {
    struct hone_measurement *measurement = timing->measurement;
    uint32_t i = 0, random;
    if (hone_shelf_unshown(place->shelf, place->shown) < place->batch) /* replace() makes more */
        return hone_fail(measurement->error, -EIO, "too few input sets for a pair");
    if (timing->sides[CANDIDATE].errors) {
        uint32_t index;
        int status = hone_pool_nudge(measurement->meter->pool, place->shelf, place->shown, &index,
                                     measurement->error);
        if (status != 0)
            return status;
        sets[i++] = hone_shelf_show(place->shelf, &place->shown, index);
    }
    for (; i < place->batch; i++)
        sets[i] = hone_shelf_take(place->shelf, &place->shown, next_random(timing));
    random = (uint32_t)(next_random(timing) % place->batch);
    const struct hone_set *first = sets[0];
    sets[0] = sets[random];
    sets[random] = first;
    return 0;
}

/* Read a set once, so that the side that goes first finds it in the caches as the other one will.
 */
static void warm(const struct hone_set *set) {
    if (set->remote) /* on its way to a device, little of it, past these caches */
        return;
    const volatile uint8_t *bytes = set->base;
    for (uint64_t i = 0; i < set->bytes; i += CACHE_LINE_BYTES)
        (void)bytes[i];
}

/* One go of either side on the same sets, in random order. */
static int run_pair(struct timing *timing, struct hone_place *place, struct hone_sample *samples,
                    struct hone_failure *failure) {
    const struct hone_set *sets[BATCH_MOST];
    int status = take_sets(timing, place, sets);
    if (status != 0)
        return status;
    for (uint32_t i = 0; i < place->batch; i++)
        warm(sets[i]);
    const uint32_t pattern = place->pattern++;
    const int first = (int)(next_random(timing) & 1);
    for (int i = 0; i < SIDES; i++) {
        const int side = first ^ i;
        status = call(timing, side, place, sets, pattern, &samples[side], failure);
        if (status != 0 || failure->verdict)
            return status;
    }
    return 0;
}

static void stop_sides(struct timing *timing) {
    for (int side = 0; side < SIDES; side++)
        hone_side_stop(timing->measurement, &timing->sides[side]);
}

/* New sets for every pair: confirm trusts no number a process before may have seen. */
static int renew_sets(struct timing *timing) {
    struct hone_measurement *measurement = timing->measurement;
    for (uint32_t i = 0; i < timing->stand.count; i++) {
        struct hone_place *place = &timing->stand.places[i];
        const struct hone_shelf_key key = {
            .task = measurement->task,
            .workload = place->workload,
            .stream = "confirm",
            .episode = measurement->request->episode_seed ^ measurement->meter->run,
            .first_draw = timing->next_draw,
        };
        timing->next_draw += HONE_SETS_MAX;
        hone_pool_release(measurement->meter->pool, place->shelf);
        place->shelf = NULL;
        int status = hone_pool_hold(measurement->meter->pool, &key, place->batch * 2, true,
                                    &place->shelf, measurement->error);
        if (status != 0)
            return status;
    }
    return 0;
}

/* Sets are made beside the measurement, one at a time, until there are enough for `pairs`. */
static void feed(const struct timing *timing) {
    const struct hone_place *least = NULL;
    if (timing->measurement->request->confirm)
        return;
    for (uint32_t i = 0; i < timing->stand.count; i++) {
        const struct hone_place *place = &timing->stand.places[i];
        if (place->shelf->count < (timing->pairs + 1) * place->batch &&
            (!least || place->shelf->count / place->batch < least->shelf->count / least->batch))
            least = place;
    }
    if (least)
        hone_pool_feed(timing->measurement->meter->pool, least->shelf,
                       (timing->pairs + 1) * least->batch);
}

/* Replace both processes, made in random order: page placement is noise inside the interval then,
 * not a bias of the whole measurement. */
static int replace(struct timing *timing, struct hone_failure *failure) {
    const int first = (int)(next_random(timing) & 1);
    stop_sides(timing);
    feed(timing);
    if (timing->measurement->request->confirm) {
        int status = renew_sets(timing);
        if (status != 0)
            return status;
    }
    for (int i = 0; i < SIDES; i++) {
        const int side = first ^ i;
        int status =
            hone_side_start(timing->measurement, &timing->stand, &timing->sides[side], failure);
        if (status == 0 && failure->verdict)
            status = object(timing, side, NULL, failure);
        if (status != 0 || failure->verdict)
            return status;
    }
    for (uint32_t i = 0; i < timing->stand.count; i++) {
        timing->stand.places[i].shown = 0;
        timing->stand.places[i].ran = false;
    }
    return 0;
}

/* Errors are looked at in one round, the same for all workloads: no call can know that it is the
 * one, so none can be of better precision than the others. */
static void listen(struct timing *timing, uint32_t index, bool now) {
    for (int side = 0; timing->errors && side < SIDES; side++)
        timing->sides[side].errors = now ? &timing->errors[index][side] : NULL;
}

/* A pair that may be timed: with enough sets, by processes that have run the workload once. */
static int run_warm_pair(struct timing *timing, uint32_t index, bool listens,
                         struct hone_sample *samples, struct hone_failure *failure) {
    struct hone_place *place = &timing->stand.places[index];
    int status = 0;
    feed(timing);
    if (hone_shelf_unshown(place->shelf, place->shown) < place->batch)
        status = replace(timing, failure);
    if (status == 0 && !failure->verdict && !place->ran) {
        status = run_pair(timing, place, samples, failure);
        place->ran = true;
    }
    listen(timing, index, listens);
    if (status == 0 && !failure->verdict)
        status = run_pair(timing, place, samples, failure);
    listen(timing, index, false);
    return status;
}

/* Positive: a limit has passed. */
static int check(const struct timing *timing) {
    int status = hone_measure_check(timing->measurement);
    if (status > 0)
        timing->measurement->result->incomplete = true;
    return status;
}

/* By the clock that the whole is told by. */
static double own_share(const struct hone_sample *sample, bool noisy) {
    const bool by_cpu = noisy && sample->cpu_ns > 0;
    return by_cpu ? sample->own_cpu_ns / sample->cpu_ns : sample->own_wall_ns / sample->wall_ns;
}

/* Whether the step has time for a pair again beside the rounds that are left, of which new
 * processes run one more that is not timed. On a busy machine the clocks disagree on every long
 * call. */
static bool may_repeat(const struct timing *timing) {
    const struct hone_measurement *measurement = timing->measurement;
    const uint64_t budget_ns = measurement->request->budget_ns;
    const uint64_t step_ns = hone_step_limit_ns(measurement);
    const uint64_t limit_ns = budget_ns && budget_ns < step_ns ? budget_ns : step_ns;
    const uint64_t rounds = timing->rounds - timing->done;
    const uint64_t left_ns = (rounds + rounds / timing->pairs + 2) * timing->round_spent_ns;
    return hone_spending_ns(measurement) + left_ns + left_ns / 4 < limit_ns;
}

/* The timed pair of one round, repeated when the clocks disagree. What stays noisy is told by the
 * CPU clock, for both. */
static int time_pair(struct timing *timing, uint32_t index, uint32_t round,
                     struct hone_failure *failure) {
    struct hone_sample samples[SIDES];
    for (uint32_t attempt = 0; attempt <= REPEATS_MOST; attempt++) {
        int status = check(timing);
        const bool listens = round == timing->listened && attempt == 0;
        if (status == 0 && !failure->verdict)
            status = run_warm_pair(timing, index, listens, samples, failure);
        if (status != 0 || failure->verdict)
            return status;
        if ((!samples[CANDIDATE].noisy && !samples[BASELINE].noisy) || !may_repeat(timing))
            break;
    }
    const bool noisy = samples[CANDIDATE].noisy || samples[BASELINE].noisy;
    timing->pair_count++;
    timing->noisy_count += noisy;
    struct hone_series *series = &timing->series[index];
    for (int side = 0; side < SIDES; side++) {
        double ns = noisy ? samples[side].cpu_ns : samples[side].wall_ns;
        series->ns[side][round] = ns > 0 ? ns : samples[side].wall_ns;
    }
    series->own_share[round] = own_share(&samples[CANDIDATE], noisy);
    series->cpu_ns[round] = samples[CANDIDATE].cpu_ns;
    series->ratio[round] = series->ns[BASELINE][round] / series->ns[CANDIDATE][round];
    return 0;
}

/* The geometric mean of the workloads' ratios. */
static double ratio_of_round(const struct timing *timing, uint32_t round) {
    double logarithm = 0, weights = 0;
    for (uint32_t i = 0; i < timing->stand.count; i++) {
        const double weight = hone_workload_weight(timing->stand.places[i].workload);
        logarithm += weight * log(timing->series[i].ratio[round]);
        weights += weight;
    }
    return exp(logarithm / weights);
}

/* Time up to `rounds` rounds, workload by workload: a workload's buffers stay in the caches from
 * pair to pair, whichever side went last. How many are complete, on every workload, is told in
 * *complete. */
static int time_rounds(struct timing *timing, uint32_t rounds, uint32_t *complete,
                       struct hone_failure *failure) {
    for (uint32_t i = 0; i < timing->stand.count; i++)
        for (uint32_t k = 0; k < rounds; k++) {
            int status = time_pair(timing, i, timing->done + k, failure);
            if (status != 0 || failure->verdict)
                return status;
            if (i + 1 == timing->stand.count)
                *complete = k + 1;
        }
    return 0;
}

/* How many rounds the processes that are up have sets for. */
static uint32_t rounds_there_are(const struct timing *timing) {
    uint32_t rounds = timing->pairs;
    for (uint32_t i = 0; i < timing->stand.count; i++) {
        const struct hone_place *place = &timing->stand.places[i];
        const uint32_t left = hone_shelf_unshown(place->shelf, place->shown) / place->batch;
        const uint32_t timed = left > !place->ran ? left - !place->ran : 1;
        rounds = timed < rounds ? timed : rounds;
    }
    return rounds;
}

/* The rounds of one pair of processes. Positive: a limit has passed. */
static int run_rounds(struct timing *timing, struct hone_failure *failure) {
    const uint32_t left = timing->rounds - timing->done;
    uint32_t complete = 0;
    int status = timing->warm ? 0 : replace(timing, failure);
    timing->warm = false;
    if (status == 0 && !failure->verdict) {
        const uint32_t most = rounds_there_are(timing);
        status = time_rounds(timing, left < most ? left : most, &complete, failure);
    }
    for (; complete > 0; complete--, timing->done++)
        timing->round_ratio[timing->done] = ratio_of_round(timing, timing->done);
    return status;
}

/* Start both processes and run every workload once, not timed. */
static int warm_up(struct timing *timing, struct hone_failure *failure) {
    const struct hone_known *known = timing->measurement->known;
    const struct hone_workload *workloads = timing->measurement->task->workloads;
    struct hone_round_cost cost = {
        .budget_ns = (double)timing->measurement->meter->options.timing_budget_ns};
    uint64_t begun = hone_now_ns();
    int status = replace(timing, failure);
    cost.replacing_ns = (double)(hone_now_ns() - begun);
    const uint64_t spent_ns = hone_spending_ns(timing->measurement);
    for (uint32_t i = 0; status == 0 && !failure->verdict && i < timing->stand.count; i++) {
        struct hone_place *place = &timing->stand.places[i];
        struct hone_sample samples[SIDES] = {0};
        begun = hone_now_ns();
        status = check(timing);
        if (status == 0)
            status = run_pair(timing, place, samples, failure);
        if (status != 0 || failure->verdict)
            break;
        place->ran = true;
        cost.spent_ns += (double)(hone_now_ns() - begun);
        const struct hone_sample *own = &samples[CANDIDATE];
        cost.timed_ns[CANDIDATE] += place->batch * (own->noisy ? own->cpu_ns : own->wall_ns);
        cost.timed_ns[BASELINE] += place->batch * known->ns[0][place->workload - workloads];
    }
    timing->round_spent_ns = hone_spending_ns(timing->measurement) - spent_ns;
    memcpy(timing->round_ns, cost.timed_ns, sizeof timing->round_ns);
    if (status == 0 && !failure->verdict)
        timing->rounds = hone_pace_rounds(&cost, rounds_there_are(timing), &timing->pairs);
    timing->warm = true;
    return status;
}

/* Input sets for the untimed pair and a timed one: more are made beside the measurement, for as
 * many pairs as the pool has room for. */
static int hold_sets(struct timing *timing) {
    struct hone_measurement *measurement = timing->measurement;
    uint64_t bytes = 0;
    uint32_t most = 1;
    for (uint32_t i = 0; i < timing->stand.count; i++) {
        bytes += hone_pool_set_bytes(measurement->meter->pool, measurement->task,
                                     timing->stand.places[i].workload) *
                 timing->stand.places[i].batch;
        most = most > timing->stand.places[i].batch ? most : timing->stand.places[i].batch;
    }
    timing->pairs = measurement->request->confirm ? 1 : PAIRS_MOST;
    while (timing->pairs > 1 &&
           ((timing->pairs + 1) * most > HONE_SETS_MAX ||
            (timing->pairs + 1) * bytes > measurement->meter->options.pool_bytes))
        timing->pairs--;
    for (uint32_t i = 0; !measurement->request->confirm && i < timing->stand.count; i++) {
        struct hone_place *place = &timing->stand.places[i];
        const struct hone_shelf_key key = hone_measure_key(measurement, place->workload);
        int status = hone_pool_hold(measurement->meter->pool, &key, 2 * place->batch, false,
                                    &place->shelf, measurement->error);
        if (status != 0)
            return status;
    }
    return 0;
}

/* What either side's plan adds to a slot, the larger of both. */
static int needs_of(const struct timing *timing, const struct hone_workload *workload,
                    struct hone_seat_needs *needs) {
    const struct hone_measurement *measurement = timing->measurement;
    *needs = (struct hone_seat_needs){0};
    for (int side = 0; side < SIDES; side++) {
        struct hone_seat_needs mine;
        int status = hone_seat_needs(measurement->task, timing->plans[side], workload, &mine,
                                     measurement->error);
        if (status != 0)
            return status;
        if (mine.words > needs->words)
            needs->words = mine.words;
        if (mine.workspace_bytes > needs->workspace_bytes)
            needs->workspace_bytes = mine.workspace_bytes;
    }
    return 0;
}

static uint32_t regions_of_slot(const struct timing *timing) {
    uint32_t most = 0;
    for (int side = 0; side < SIDES; side++) {
        const uint32_t count = hone_plan_workspace_count(timing->plans[side]);
        most = most > count ? most : count;
    }
    return hone_task_tensors(timing->measurement->task) + most;
}

static bool make_series(struct timing *timing) {
    timing->series = calloc(timing->stand.count, sizeof *timing->series);
    timing->round_ratio = calloc(ROUNDS_MOST, sizeof(double));
    const bool deviates = timing->measurement->request->needs & HONE_NEED_DEVIATION;
    if (deviates)
        timing->errors = calloc(timing->stand.count, sizeof *timing->errors);
    bool complete = timing->series && timing->round_ratio && (timing->errors || !deviates);
    for (uint32_t i = 0; complete && i < timing->stand.count; i++) {
        struct hone_series *series = &timing->series[i];
        series->ratio = calloc(ROUNDS_MOST, sizeof(double));
        series->own_share = calloc(ROUNDS_MOST, sizeof(double));
        series->ns[CANDIDATE] = calloc(ROUNDS_MOST, sizeof(double));
        series->ns[BASELINE] = calloc(ROUNDS_MOST, sizeof(double));
        series->cpu_ns = calloc(ROUNDS_MOST, sizeof(double));
        complete = series->ratio && series->own_share && series->ns[CANDIDATE] &&
                   series->ns[BASELINE] && series->cpu_ns;
    }
    return complete;
}

static int prepare(struct timing *timing) {
    struct hone_measurement *measurement = timing->measurement;
    const struct hone_task *task = measurement->task;
    const struct hone_known *known = measurement->known;
    for (uint32_t i = 0; i < task->workload_count; i++) {
        if (task->workloads[i].set != HONE_BENCH)
            continue;
        struct hone_seat_needs needs;
        int code = needs_of(timing, &task->workloads[i], &needs);
        if (code != 0)
            return code;
        struct hone_place *place =
            hone_stand_add(&timing->stand, &task->workloads[i],
                           hone_pace_batch(measurement, &task->workloads[i], &needs));
        if (!place)
            return hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
        place->row = hone_measure_row(measurement, &task->workloads[i]);
        for (uint32_t b = 0; b < task->baseline_count; b++)
            if (known->known[b])
                place->scale_ns = fmax(place->scale_ns, known->ns[b][i]);
    }
    if (timing->stand.count == 0)
        return hone_fail(measurement->error, -EINVAL, "task %s has no bench workload", task->id);
    hone_pace_regions(&timing->stand, regions_of_slot(timing));
    timing->stand.plans = timing->plans;
    timing->stand.seat_count = SIDES;
    if (!make_series(timing))
        return hone_fail(measurement->error, -ENOMEM, "out of memory for samples");
    int status = hold_sets(timing);
    return status == 0 ? hone_stand_lay_out(measurement, &timing->stand) : status;
}

static void finish(struct timing *timing) {
    stop_sides(timing);
    for (uint32_t i = 0; timing->series && i < timing->stand.count; i++) {
        free(timing->series[i].ratio);
        free(timing->series[i].own_share);
        free(timing->series[i].cpu_ns);
        for (int side = 0; side < SIDES; side++)
            free(timing->series[i].ns[side]);
    }
    free(timing->series);
    free(timing->errors);
    free(timing->round_ratio);
    hone_stand_finish(&timing->stand, timing->measurement->meter->pool);
}

static void tell_errors(const struct timing *timing, uint32_t index) {
    const struct hone_place *place = &timing->stand.places[index];
    const struct hone_errors *errors = timing->errors[index];
    const ptrdiff_t workload = place->workload - timing->measurement->task->workloads;
    const struct hone_errors_told *honest = &timing->measurement->known->honest[workload];
    struct hone_workload_row *row = place->row;
    hone_deviation_of(&errors[CANDIDATE].deviation, &row->deviation);
    hone_deviation_of(&errors[BASELINE].deviation, &row->honest);
    hone_deviation_worsen(&row->honest, &honest->deviation);
    const int64_t terms = hone_task_terms(timing->measurement->task, place->workload);
    if (hone_deviation_is_linked(&errors[CANDIDATE].deviation) ||
        hone_deviation_is_scaled(&errors[CANDIDATE].deviation, (double)terms))
        row->flags |= HONE_ROW_LINKED;
    hone_precision_of(&errors[CANDIDATE].precision, &row->precision);
    hone_precision_of(&errors[BASELINE].precision, &row->honest_precision);
    hone_precision_worsen(&row->honest_precision, &honest->precision);
    timing->measurement->result->gathered |= HONE_NEED_DEVIATION;
}

static void report(struct timing *timing) {
    hone_measure_report(timing->measurement, &timing->stand, timing->series, timing->round_ratio,
                        timing->done);
    for (uint32_t i = 0; timing->errors && i < timing->stand.count; i++)
        tell_errors(timing, i);
    if (timing->noisy_count * NOISY_SHARE_MOST > timing->pair_count)
        timing->measurement->result->flags |= HONE_NOISY;
}

int hone_measure_time(struct hone_measurement *measurement, struct hone_failure *failure) {
    const struct hone_measure_request *request = measurement->request;
    if (!measurement->task->baseline_count || !request->baselines[0].bytes)
        return hone_fail(measurement->error, -EINVAL,
                         "task %s has no score baseline for device %s, so nothing can be timed",
                         measurement->task->id, measurement->meter->description.id);
    struct timing timing = {
        .measurement = measurement,
        .listened = (uint32_t)(hone_random_next(&measurement->meter->random) % ROUNDS_LEAST),
    };
    timing.sides[CANDIDATE] = (struct hone_side){.image = request->candidate};
    timing.sides[BASELINE] = (struct hone_side){.name = measurement->task->baselines[0].name,
                                                .image = request->baselines[0]};
    for (uint32_t side = 0; side < SIDES; side++) {
        timing.plans[side] = timing.sides[side].image.plan;
        timing.sides[side].seat = side;
    }
    *failure = (struct hone_failure){0};
    int status = prepare(&timing);
    if (status == 0)
        status = warm_up(&timing, failure);
    while (status == 0 && !failure->verdict && timing.done < timing.rounds)
        status = run_rounds(&timing, failure);
    if (status > 0 && !failure->verdict && timing.done < ROUNDS_LEAST) {
        status = hone_measure_end(measurement, status, timing.done, failure);
        if (status == 0 && failure->reason == HONE_REASON_STEP_TIME)
            hone_failure_add_pace(timing.round_ns[CANDIDATE], timing.round_ns[BASELINE],
                                  timing.sides[BASELINE].name, failure);
        if (status == 0)
            status = object(&timing, CANDIDATE, NULL, failure);
    }
    if (status >= 0 && !failure->verdict)
        report(&timing);
    finish(&timing);
    return status < 0 ? status : 0;
}
