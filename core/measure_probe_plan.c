/* The probe on a plan: its steps left out, a line at a time, to see whether the result needs them.
 */
#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define CHEAP_BYTES (256u << 10)
#define PLACES_MOST 8u
#define PAIRS 5u           /* of calls with a line and without it, in one process ... */
#define PROCESSES_LEAST 3u /* ... in so many, where calls seem faster without it ... */
#define PROCESSES_MOST 7u  /* ... and in so many in time */
#define CERTAIN 0.99       /* coverage of the interval of how much faster */
#define LINES_MOST 8u      /* that are tried, of so many that are chosen from: */
#define LINES_LISTED 64u
#define LIMIT_FACTOR                                                                               \
    4 /* what a call may take without a step, in times of what it takes with it                    \
       */
#define LIMIT_LEAST_NS 2e6

static int add_place(struct hone_probing *probing, const struct hone_workload *workload) {
    struct hone_measurement *measurement = probing->measurement;
    struct hone_place *place = hone_stand_add(&probing->stand, workload, 1);
    if (!place)
        return hone_fail(measurement->error, -ENOMEM, "out of memory for workloads");
    const struct hone_shelf_key key = hone_measure_key(measurement, workload);
    const double ns = hone_measure_row(measurement, hone_probe_longest(measurement))->kernel_ns;
    place->limit_ns = (uint64_t)fmax(LIMIT_FACTOR * ns, LIMIT_LEAST_NS);
    return hone_pool_hold(measurement->meter->pool, &key, 1, false, &place->shelf,
                          measurement->error);
}

/* Small workloads of every kind, and last the one that takes longest. */
static int build_stand(struct hone_probing *probing) {
    struct hone_measurement *measurement = probing->measurement;
    const struct hone_task *task = measurement->task;
    const struct hone_workload *longest = hone_probe_longest(measurement);
    const uint32_t regions =
        hone_task_tensors(task) + hone_plan_workspace_count(measurement->request->candidate.plan);
    int status = 0;
    for (uint32_t i = 0; i < task->workload_count && status == 0; i++) {
        const struct hone_workload *workload = &task->workloads[i];
        const uint32_t count = probing->stand.count + 2; /* with this one, and the last */
        if (workload->set != HONE_BENCH && hone_workload_bytes(task, workload) <= CHEAP_BYTES &&
            measurement->result->rows[i].verdict == HONE_PASSED && count <= PLACES_MOST &&
            count * regions <= REGIONS_MOST)
            status = add_place(probing, workload);
    }
    if (status == 0)
        status = add_place(probing, longest);
    return status ? status : hone_stand_lay_out(measurement, &probing->stand);
}

/* A launch of no block does nothing, and is no decoy. */
static bool does_something(const struct hone_plan_step *step) {
    return step->kind == HONE_STEP_CALL ||
           (step->kind == HONE_STEP_LAUNCH && step->grid[0] && step->grid[1] && step->grid[2]);
}

/* The lines that have a step which does something on a place, each once. */
static uint32_t list_lines(const struct hone_stand *stand, uint32_t *lines) {
    uint32_t count = 0;
    for (uint32_t p = 0; p < stand->count; p++) {
        const struct hone_plan_program *program = stand->places[p].seats[0].program;
        for (uint32_t i = 0; i < program->step_count; i++) {
            const uint32_t line = program->steps[i].line;
            uint32_t k = 0;
            while (k < count && lines[k] != line)
                k++;
            if (k == count && count < LINES_LISTED && does_something(&program->steps[i]))
                lines[count++] = line;
        }
    }
    return count;
}

/* One call with the words as they are. *right: the result is right all the same. */
static int call_without(struct hone_probing *probing, struct hone_place *place, bool *right,
                        double *ns) {
    struct hone_failure failure = {0};
    const struct hone_set *set = hone_shelf_take(
        place->shelf, &place->shown, hone_random_next(&probing->measurement->meter->random));
    *right = false;
    if (!set)
        return 0;
    int status = hone_probe_call(probing, place, set, ns, &failure);
    *right = status == 0 && !failure.verdict;
    return status;
}

/* Calls with a line and without it. */
struct pairs {
    double whole_ns[PROCESSES_MOST * PAIRS],
        ratio[PROCESSES_MOST * PAIRS]; /* without it, to with it */
    uint32_t count;
};

/* One call of each in either order, in one process and one after the other: what the machine does
 * beside them it does to both. */
static int time_pair(struct hone_probing *probing, struct hone_place *place,
                     struct hone_probe_row *row, struct pairs *pairs, bool *right) {
    struct hone_measurement *measurement = probing->measurement;
    const int first = (int)(hone_random_next(&measurement->meter->random) & 1);
    enum { WITHOUT, WHOLE, BOTH };
    double ns[BOTH] = {NAN, NAN};
    for (int i = 0; i < BOTH; i++) {
        const int which = first ^ i;
        place->shown = 0; /* times alone: inputs may come again */
        hone_stand_leave_out(measurement->task, &probing->stand, place, 0,
                             which == WHOLE ? 0 : row->line);
        int status = call_without(probing, place, right, &ns[which]);
        if (status == 0 && which == WITHOUT) {
            row->calls++;
            row->right += *right;
        }
        if (status != 0 || !*right)
            return status;
    }
    pairs->whole_ns[pairs->count] = ns[WHOLE];
    pairs->ratio[pairs->count++] = ns[WITHOUT] / ns[WHOLE];
    return 0;
}

static int time_pairs(struct hone_probing *probing, struct hone_place *place,
                      struct hone_probe_row *row, struct pairs *pairs, bool *right) {
    int status = 0;
    for (uint32_t i = 0; i < PAIRS && *right && status == 0; i++)
        status = time_pair(probing, place, row, pairs, right);
    return status;
}

/* A line that nothing needs and that seems to take time is looked at in more processes, in a few
 * whatever time that takes: that it takes any must not be a busy machine's doing. */
static int time_line(struct hone_probing *probing, struct hone_place *place,
                     struct hone_probe_row *row) {
    struct pairs pairs = {.count = 0};
    double median = NAN, low, high = NAN;
    bool right = true;
    for (uint32_t i = 0; i < PROCESSES_MOST && right && !(median >= 1); i++) {
        if (i >= PROCESSES_LEAST && hone_now_ns() > probing->until_ns)
            break;
        struct hone_failure failure = {0};
        int status = 0;
        if (i > 0) {
            hone_side_stop(probing->measurement, &probing->side);
            status =
                hone_side_start(probing->measurement, &probing->stand, &probing->side, &failure);
        }
        if (status == 0 && !failure.verdict)
            status = time_pairs(probing, place, row, &pairs, &right);
        if (status != 0 || failure.verdict)
            return status;
        hone_median_interval(pairs.ratio, pairs.count, CERTAIN, &median, &low, &high);
    }
    if (!right)
        return 0;
    row->reference_ns = hone_median(pairs.whole_ns, pairs.count); /* sorts */
    row->reference_ns_low = pairs.whole_ns[0];
    row->ns = median * row->reference_ns;
    row->ns_high = high * row->reference_ns;
    return 0;
}

/* Any way a call fails without the step shows that the step mattered. */
static int try_line(struct hone_probing *probing, uint32_t line) {
    struct hone_measurement *measurement = probing->measurement;
    struct hone_stand *stand = &probing->stand;
    struct hone_failure failure = {0};
    struct hone_probe_row *row =
        hone_probe_add(probing, HONE_NEED_LEAVE_OUT, stand->places[stand->count - 1].workload);
    if (!row)
        return -ENOMEM;
    row->line = line;
    int status = hone_side_start(measurement, stand, &probing->side, &failure);
    if (status != 0 || failure.verdict)
        return status;
    bool right = true;
    for (uint32_t p = 0; p < stand->count; p++)
        stand->places[p].shown = 0;
    for (uint32_t p = 0; p < stand->count && right && status == 0; p++) {
        struct hone_place *place = &stand->places[p];
        double ns;
        if (!hone_stand_leave_out(measurement->task, stand, place, 0, line))
            continue;
        status = call_without(probing, place, &right, &ns);
        row->calls++;
        row->right += right;
        if (p + 1 == stand->count && right && status == 0)
            status = time_line(probing, place, row);
    }
    hone_side_stop(measurement, &probing->side);
    return status;
}

int hone_probe_leave_out(struct hone_probing *probing, struct hone_failure *failure) {
    struct hone_measurement *measurement = probing->measurement;
    uint32_t lines[LINES_LISTED];
    (void)failure; /* leaving a step out is not the candidate's doing */
    if (!measurement->request->candidate.plan)
        return 0;
    int status = build_stand(probing);
    uint32_t count = status ? 0 : list_lines(&probing->stand, lines);
    if (count < 2) /* without its only line there would be nothing left to call */
        return status;
    for (uint32_t tried = 0; tried < LINES_MOST && count > 0 && status == 0; tried++) {
        if (tried > 0 && hone_now_ns() > probing->until_ns)
            break;
        const uint32_t pick = (uint32_t)(hone_random_next(&measurement->meter->random) % count);
        status = try_line(probing, lines[pick]);
        lines[pick] = lines[--count];
    }
    return status;
}
