#include "core/measure_internal.h"

#include "core/error.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* What the calls took in all on the workloads whose every access is then looked at, which takes
 * some ten times as long. */
#define CLOSE_LOOK_NS 4e6
/* On the largest, every access is looked at for so long. */
#define GLANCE_NS 20000000u
/* Workloads share a process while their arguments stay below this. */
#define GROUP_BYTES (64u << 20)
/* Up to here a workload is called more than once; hidden ones have their sets made for one
 * measurement. */
#define CHEAP_BYTES (1u << 20)
#define CHEAP_HIDDEN_BYTES (64u << 10)
/* And again only while that costs less than so much, emulated: where many small blocks do little.
 */
#define CHEAP_EMULATED_NS 1e7

/* The floor baseline's time for the limit of a call: known for bench workloads; what is verified is
 * seldom larger than those. */
static double floor_ns(const struct hone_measurement *measurement) {
    double most = 0;
    if (!measurement->known)
        return 0;
    for (uint32_t b = 0; b < measurement->task->baseline_count; b++)
        for (uint32_t w = 0; measurement->known->known[b] && w < measurement->task->workload_count;
             w++)
            most = fmax(most, measurement->known->ns[b][w]); /* fmax drops a NaN */
    return most;
}

static uint32_t calls_of(const struct hone_measurement *measurement,
                         const struct hone_workload *workload) {
    const uint64_t cheap = workload->set == HONE_HIDDEN ? CHEAP_HIDDEN_BYTES : CHEAP_BYTES;
    if (workload->set == HONE_BENCH || workload->big ||
        hone_workload_bytes(measurement->task, workload) > cheap)
        return 1;
    return VERIFY_CALLS;
}

static struct hone_shelf_key hidden_key(const struct hone_measurement *measurement,
                                        const struct hone_workload *workload) {
    return (struct hone_shelf_key){
        .task = measurement->task,
        .workload = workload,
        .stream = "hidden/inputs",
        .episode = measurement->request->episode_seed,
        .first_draw = (uint64_t)(workload - measurement->hidden) * HONE_SETS_MAX,
    };
}

/* What hangs on the order of threads shows when it changes: from call to call, and where there is
 * one call only, from workload to workload. */
static void order_threads(const struct hone_measurement *measurement,
                          const struct hone_stand *stand, struct hone_side *side,
                          const struct hone_place *place, uint32_t call) {
    static const uint32_t orders[] = {HONE_ORDER_FORWARD, HONE_ORDER_REVERSE, HONE_ORDER_RANDOM};
    const size_t index = (size_t)(place - stand->places) + call + (place->limit_ns != 0);
    if (!measurement->request->emulated)
        return;
    side->order = orders[index % (sizeof orders / sizeof *orders)];
    hone_random_fill(&measurement->meter->random, &side->order_seed, sizeof side->order_seed);
}

static int verify_place(struct hone_measurement *measurement, const struct hone_stand *stand,
                        struct hone_side *side, struct hone_place *place,
                        struct hone_failure *failure) {
    struct hone_meter *meter = measurement->meter;
    const bool once = side->checking && place->workload->set != HONE_DEBUG;
    const uint32_t calls = once ? 1 : calls_of(measurement, place->workload);
    for (uint32_t call = 0; call < calls; call++) {
        int status = hone_measure_check(measurement);
        if (status < 0)
            return status;
        if (status > 0)
            return hone_measure_end(measurement, status, 0, failure);
        const struct hone_set *set =
            hone_shelf_take(place->shelf, &place->shown, hone_random_next(&meter->random));
        struct hone_sample sample;
        order_threads(measurement, stand, side, place, call);
        /* Where the truth is not known everywhere, one unwritten element is surely found where it
         * is not a number. */
        const uint32_t pattern = place->workload->sampled ? HONE_POISON_WILD : meter->pattern++;
        status = hone_side_call(measurement, stand, side, place, &set, pattern, &sample, failure);
        if (status != 0 || failure->verdict)
            return status;
        place->call_ns = sample.cpu_ns > 0 ? sample.cpu_ns : sample.wall_ns;
        if (measurement->request->emulated && place->call_ns > CHEAP_EMULATED_NS &&
            side->order != HONE_ORDER_FORWARD)
            break;
    }
    if (place->row->verdict == HONE_UNDECIDED && !place->limit_ns)
        place->row->verdict = HONE_PASSED;
    return 0;
}

/* A glance ends when its time is over: that is no fault. */
static bool is_over(const struct hone_place *place, const struct hone_failure *failure) {
    return place && place->limit_ns && failure->verdict == HONE_TIMED_OUT &&
           failure->reason == HONE_REASON_CALL_TIME;
}

/* Verify the workloads of one stand in one process. */
static int verify_stand(struct hone_measurement *measurement, struct hone_stand *stand,
                        bool checking, struct hone_failure *failure) {
    struct hone_side side = {
        .image = measurement->request->candidate, .checking = checking, .untimed = true};
    for (uint32_t i = 0; i < stand->count; i++) {
        struct hone_place *place = &stand->places[i];
        const bool hidden = place->workload->set == HONE_HIDDEN;
        const struct hone_shelf_key key = hidden ? hidden_key(measurement, place->workload)
                                                 : hone_measure_key(measurement, place->workload);
        int status =
            hone_pool_hold(measurement->meter->pool, &key, calls_of(measurement, place->workload),
                           hidden, &place->shelf, measurement->error);
        if (status != 0)
            return status;
    }
    stand->plans = &measurement->request->candidate.plan;
    stand->seat_count = 1;
    int status = hone_stand_lay_out(measurement, stand);
    if (status == 0)
        status = hone_side_start(measurement, stand, &side, failure);
    struct hone_place *place = NULL;
    for (uint32_t i = 0; status == 0 && !failure->verdict && i < stand->count; i++) {
        place = &stand->places[i];
        status = verify_place(measurement, stand, &side, place, failure);
    }
    const bool of_row =
        place && failure->reason != HONE_REASON_STEP_TIME && failure->reason != HONE_REASON_BUDGET;
    if (status == 0 && is_over(place, failure))
        *failure = (struct hone_failure){0};
    if (status == 0 && failure->verdict)
        hone_measure_object(measurement, of_row ? place->row : NULL, failure);
    hone_side_stop(measurement, &side);
    return status;
}

/* What is verified, in order: debug, verify and hidden workloads, and bench ones that nobody will
 * time; big ones where something will be. */
static uint32_t list_workloads(const struct hone_measurement *measurement,
                               const struct hone_workload **list) {
    const struct hone_task *task = measurement->task;
    const bool timed = measurement->request->stages & 1u << HONE_STAGE_TIME;
    const uint32_t order[] = {HONE_DEBUG, HONE_VERIFY, HONE_HIDDEN, HONE_BENCH};
    uint32_t count = 0;
    for (uint32_t set = 0; set < 4; set++) {
        if (order[set] == HONE_BENCH && timed)
            continue;
        for (uint32_t i = 0; i < task->workload_count; i++)
            if (task->workloads[i].set == order[set] && (timed || !task->workloads[i].big))
                list[count++] = &task->workloads[i];
        for (uint32_t i = 0; order[set] == HONE_HIDDEN && i < measurement->hidden_count; i++)
            list[count++] = &measurement->hidden[i];
    }
    return count;
}

static bool is_hidden(const struct hone_workload *workload) {
    return workload->set == HONE_HIDDEN;
}

/* In as few processes as they fit into; hidden ones in their own, since where a process crashes on
 * another is shown, and would tell what else is mapped in it. `glance_ns`: how long each is looked
 * at, where that is not to its end, else 0. `call_ns`: for what a call took on each; or NULL. */
static int verify_list(struct hone_measurement *measurement,
                       const struct hone_workload *const *list, uint32_t count, bool checking,
                       uint64_t glance_ns, double *call_ns, struct hone_failure *failure) {
    const double scale_ns = floor_ns(measurement);
    const struct hone_plan *plan = measurement->request->candidate.plan;
    const uint32_t regions = hone_task_tensors(measurement->task) + hone_plan_workspace_count(plan);
    int status = 0;
    for (uint32_t next = 0; status == 0 && !failure->verdict && next < count;) {
        struct hone_stand stand = {0};
        uint64_t bytes = 0;
        while (status == 0 && next < count) {
            struct hone_seat_needs needs;
            status =
                hone_seat_needs(measurement->task, plan, list[next], &needs, measurement->error);
            if (status != 0)
                break;
            bytes += hone_workload_bytes(measurement->task, list[next]) + needs.workspace_bytes;
            if (stand.count > 0 &&
                (bytes > GROUP_BYTES || (stand.count + 1) * regions > REGIONS_MOST ||
                 is_hidden(list[next]) != is_hidden(stand.places[0].workload)))
                break;
            struct hone_place *place = hone_stand_add(&stand, list[next], 1);
            if (!place) {
                status = hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
                break;
            }
            place->row = hone_measure_row(measurement, list[next++]);
            place->scale_ns = scale_ns;
            place->limit_ns = glance_ns;
        }
        if (status == 0)
            status = verify_stand(measurement, &stand, checking, failure);
        for (uint32_t i = 0; call_ns && i < stand.count; i++)
            call_ns[next - stand.count + i] = stand.places[i].call_ns;
        hone_stand_finish(&stand, measurement->meter->pool);
    }
    return status;
}

/* Those of the verify set that are left in the list after this cost least, and little in all. */
static uint32_t keep_cheapest(const struct hone_workload **list, double *call_ns, uint32_t count) {
    uint32_t kept = 0;
    double left_ns = CLOSE_LOOK_NS;
    for (;; kept++) {
        uint32_t best = count;
        for (uint32_t i = kept; i < count; i++)
            if (list[i]->set == HONE_VERIFY && call_ns[i] <= left_ns &&
                (best == count || call_ns[i] < call_ns[best]))
                best = i;
        if (best == count)
            return kept;
        left_ns -= call_ns[best];
        const struct hone_workload *chosen = list[best];
        list[best] = list[kept];
        call_ns[best] = call_ns[kept];
        list[kept] = chosen;
    }
}

static const struct hone_workload *larger(const struct hone_task *task,
                                          const struct hone_workload *one,
                                          const struct hone_workload *other) {
    return one && hone_workload_bytes(task, one) >= hone_workload_bytes(task, other) ? one : other;
}

/* What is large is not looked at to its end: but a candidate may do something else there, and lose
 * sums where nobody sees it. So for a while at the largest that is timed, or of those left. */
static int glance(struct hone_measurement *measurement, const struct hone_workload *const *left,
                  uint32_t left_count, struct hone_failure *failure) {
    const struct hone_task *task = measurement->task;
    const bool timed = measurement->request->stages & 1u << HONE_STAGE_TIME;
    const struct hone_workload *chosen = NULL;
    for (uint32_t i = 0; timed && i < task->workload_count; i++)
        if (task->workloads[i].set == HONE_BENCH)
            chosen = larger(task, chosen, &task->workloads[i]);
    for (uint32_t i = 0; !timed && i < left_count; i++)
        chosen = larger(task, chosen, left[i]);
    return verify_list(measurement, &chosen, chosen != NULL, true, GLANCE_NS, NULL, failure);
}

/* The debug workloads come first in the list. They are small and no secret, so an emulated
 * candidate is looked at closely on them, in its checking build; and then, where everything was
 * right, on as many others as cost little: on small ones there is often one block only. */
static int verify_emulated(struct hone_measurement *measurement, const struct hone_workload **list,
                           uint32_t count, struct hone_failure *failure) {
    uint32_t debug = 0;
    double *call_ns = calloc(count + 1, sizeof *call_ns);
    if (!call_ns)
        return hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
    while (debug < count && list[debug]->set == HONE_DEBUG)
        debug++;
    int status = verify_list(measurement, list, debug, true, 0, NULL, failure);
    if (status == 0 && !failure->verdict)
        status = verify_list(measurement, list, count, false, 0, call_ns, failure);
    const uint32_t kept = keep_cheapest(list, call_ns, count);
    if (status == 0 && !failure->verdict)
        status = verify_list(measurement, list, kept, true, 0, NULL, failure);
    if (status == 0 && !failure->verdict)
        status = glance(measurement, &list[kept], count - kept, failure);
    free(call_ns);
    return status;
}

int hone_measure_verify(struct hone_measurement *measurement, struct hone_failure *failure) {
    const struct hone_workload **list =
        calloc(measurement->result->row_count + 1, sizeof(const struct hone_workload *));
    if (!list)
        return hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
    const uint32_t count = list_workloads(measurement, list);
    int status = measurement->request->emulated
                     ? verify_emulated(measurement, list, count, failure)
                     : verify_list(measurement, list, count, false, 0, NULL, failure);
    free(list);
    return status;
}
