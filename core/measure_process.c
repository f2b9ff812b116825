/* A side's processes: started on the regions of a stand, run go by go, and lost. */
#include "core/measure_internal.h"

#include "core/error.h"
#include "core/statistics.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* -EPIPE when the candidate was in the worker: whoever takes its worker down every time has earned
 * a verdict. */
static int lose(struct hone_measurement *measurement, const struct hone_side *side,
                const char *what, int status, const struct hone_go_result *go) {
    measurement->meter->lost = true;
    return hone_fail(measurement->error, side->name ? -EIO : -EPIPE,
                     "the worker of device %s was lost while %s: %.120s; a new one takes its place",
                     measurement->meter->description.id, what,
                     go->text[0] ? go->text : strerror(status < 0 ? -status : EIO));
}

/* An operator that fails is a fault of ours, whatever a candidate left it to read. */
static int lose_operators(struct hone_measurement *measurement, const char *what, int status,
                          const struct hone_go_result *go) {
    const char *why = go->text[0]                     ? go->text
                      : go->status == HONE_GO_EXITED  ? strerror(go->code)
                      : go->status == HONE_GO_CRASHED ? strsignal(go->signal)
                                                      : strerror(status < 0 ? -status : EIO);
    measurement->meter->lost |= status < 0 || go->status == HONE_GO_LOST;
    return hone_fail(measurement->error, -EIO, "the operators of task %s on device %s %s: %.120s",
                     measurement->task->id, measurement->meter->description.id, what, why);
}

/* Neither a candidate nor the guest sends SIGKILL; an operator or a kernel out of memory does.
 * Tried again, like a lost worker, which itself is well. */
static bool is_killed(const struct hone_go_result *go) {
    return go->status == HONE_GO_CRASHED && go->signal == SIGKILL;
}

static int report_killed(struct hone_measurement *measurement, const struct hone_side *side) {
    return hone_fail(measurement->error, side->name ? -EIO : -EPIPE,
                     "the process of %s was killed from outside (SIGKILL)",
                     side->name ? side->name : "the candidate");
}

static double median_of(const double *values, uint32_t count) {
    double sorted[GO_SAMPLES];
    memcpy(sorted, values, count * sizeof *values);
    return hone_median(sorted, count);
}

/* What a go costs by itself. The process has run nothing of its program yet, so nobody can have
 * made it slow; and both sides' samples go by the same medians. */
static void learn_cost(struct hone_meter *meter, void *process) {
    const struct hone_go nothing = {.size = sizeof nothing, .limit_ns = START_LIMIT_NS};
    for (uint32_t i = 0; i < GO_SAMPLES_PROCESS; i++) {
        struct hone_go_result done = {.size = sizeof done};
        if (meter->ops->process_go(process, &nothing, &done) || done.status != HONE_GO_DONE)
            return;
        const uint32_t index = meter->go_samples++ % GO_SAMPLES;
        meter->go_wall_ns[index] = (double)done.wall_ns;
        meter->go_cpu_ns[index] = (double)done.cpu_ns;
    }
    const uint32_t count = meter->go_samples < GO_SAMPLES ? meter->go_samples : GO_SAMPLES;
    meter->go_costs_wall_ns = median_of(meter->go_wall_ns, count);
    meter->go_costs_cpu_ns = median_of(meter->go_cpu_ns, count);
}

/* Never below a tenth of what was read: a cost that large is noise. */
static double without_cost(uint64_t read_ns, double cost_ns) {
    return fmax((double)read_ns - cost_ns, (double)read_ns / 10);
}

/* The regions this side's process shall see: all but the scratch memory of other images, in which
 * a baseline may have left what is asked for. */
static uint32_t list_regions(const struct hone_table *table, uint32_t seat,
                             struct hone_region *regions, struct hone_extent *extents) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->count; i++)
        if (hone_owner_is_seen(table->buffers[i].owner, seat)) {
            extents[count] =
                (struct hone_extent){table->buffers[i].address, table->buffers[i].bytes};
            regions[count++] = table->regions[i];
        }
    return count;
}

/* Whether this side's plan has operators on any of the stand's places. */
static bool has_operators(const struct hone_stand *stand, uint32_t seat) {
    bool found = false;
    for (uint32_t i = 0; i < stand->count; i++)
        for (uint32_t k = 0; k < stand->places[i].seats[seat].segment_count; k++)
            found |= stand->places[i].seats[seat].segments[k].operators;
    return found;
}

/* The image's process: what goes wrong with it is the candidate's. */
static int start_own(struct hone_measurement *measurement, const struct hone_stand *stand,
                     struct hone_side *side, struct hone_process_request *request,
                     struct hone_failure *failure) {
    struct hone_meter *meter = measurement->meter;
    struct hone_go_result started = {.size = sizeof started};
    request->image = side->image.bytes;
    request->image_bytes = side->image.size;
    request->flags = (side->checking ? HONE_PROCESS_CHECKING : 0u) |
                     (side->untimed ? HONE_PROCESS_UNTIMED : 0u) |
                     (side->image.library ? HONE_PROCESS_LIBRARY : 0u);
    request->entries = hone_plan_entries(side->image.plan, &request->plan_entry_count);
    int status = meter->ops->process_start(meter->runner, request, &side->process, &started);
    if (status < 0 || started.status == HONE_GO_LOST)
        return lose(measurement, side, "loading a program", status, &started);
    if (is_killed(&started))
        return report_killed(measurement, side);
    const struct hone_stop stop = {
        .task = measurement->task, .stand = stand, .seat = side->seat, .limit_ns = START_LIMIT_NS};
    hone_failure_of_go(&stop, &started, failure);
    if (side->process)
        learn_cost(meter, side->process);
    return 0;
}

/* The library's: trusted, on the same memory. */
static int start_operators(struct hone_measurement *measurement, struct hone_side *side,
                           struct hone_process_request *request) {
    struct hone_meter *meter = measurement->meter;
    struct hone_go_result started = {.size = sizeof started};
    request->image = NULL;
    request->image_bytes = request->plan_entry_count = 0;
    request->entries = NULL;
    request->flags = HONE_PROCESS_OPERATORS;
    int status = meter->ops->process_start(meter->runner, request, &side->operators, &started);
    if (status < 0 || started.status != HONE_GO_DONE)
        return lose_operators(measurement, "cannot be started", status, &started);
    learn_cost(meter, side->operators);
    return 0;
}

int hone_side_start(struct hone_measurement *measurement, const struct hone_stand *stand,
                    struct hone_side *side, struct hone_failure *failure) {
    const struct hone_table *table = &stand->table;
    struct hone_region *regions = calloc(table->count + 1, sizeof *regions);
    struct hone_extent *extents = calloc(table->count + 1, sizeof *extents);
    if (!regions || !extents) {
        free(regions);
        free(extents);
        return hone_fail(measurement->error, -ENOMEM, "out of memory for regions");
    }
    struct hone_process_request request = {
        .size = sizeof request,
        .region_count = list_regions(table, side->seat, regions, extents),
        .regions = regions,
        .extents = extents,
        .stack_bytes = STACK_BYTES,
        .memory_limit_bytes = table->input_bytes + table->output_bytes + STACK_BYTES + MEMORY_SPARE,
        .start_limit_ns = START_LIMIT_NS,
    };
    int status = 0;
    *failure = (struct hone_failure){0};
    side->process = side->operators = NULL;
    if (side->image.library && !side->name)
        status = hone_fail(measurement->error, -EINVAL,
                           "a candidate's image calls a library: only baselines may");
    /* Sets come again in later processes: a candidate must not find the inputs and results that an
     * earlier process left with the workloads it is not called on yet, nor what that one wrote
     * there for it. A device that fills its own memory has fresh memory for every process, and of
     * the host's only what a call is about to use. */
    if (status == 0 && !side->name && !hone_meter_serves_remote(measurement->meter))
        hone_table_clear(&stand->table);
    if (status == 0)
        status = start_own(measurement, stand, side, &request, failure);
    if (status == 0 && !failure->verdict && has_operators(stand, side->seat))
        status = start_operators(measurement, side, &request);
    free(regions);
    free(extents);
    return status;
}

/* The limit is one of CPU time where there is a clock for that, since a machine may stall for
 * longer; the wall clock ends the go some times later. Returns whether it was the machine. */
static bool is_stalled(struct hone_go_result *done, uint64_t limit_ns) {
    const bool late = (done->cpu_ns ? done->cpu_ns : done->wall_ns) > limit_ns;
    if (done->status == HONE_GO_DONE && late)
        done->status = HONE_GO_TIMED_OUT;
    return done->status == HONE_GO_TIMED_OUT && done->cpu_ns > 0 && !late;
}

/* What the goes of a call took so far. */
struct spent {
    uint64_t wall_ns, cpu_ns;
    struct hone_sample sample; /* a go's cost taken off each */
};

static void add_go(const struct hone_meter *meter, const struct hone_go_result *done, bool own,
                   struct spent *spent) {
    const double wall_ns = without_cost(done->wall_ns, meter->go_costs_wall_ns);
    const double cpu_ns = without_cost(done->cpu_ns, meter->go_costs_cpu_ns);
    const double within_ns = fmin((double)done->operator_ns, wall_ns);
    spent->wall_ns += done->wall_ns;
    spent->cpu_ns += done->cpu_ns;
    spent->sample.wall_ns += wall_ns;
    spent->sample.cpu_ns += cpu_ns;
    spent->sample.own_wall_ns += own ? wall_ns - within_ns : 0;
    spent->sample.own_cpu_ns += own ? cpu_ns : 0;
    spent->sample.noisy |=
        done->cpu_ns > 0 &&
        (double)done->wall_ns > NOISE_FACTOR * (double)done->cpu_ns + NOISE_SLACK_NS;
}

/* One go, within what the call's limit has left. */
static int run_segment(struct hone_measurement *measurement, const struct hone_stop *stop,
                       struct hone_side *side, const struct hone_place *place,
                       const struct hone_plan_segment *segment, struct spent *spent,
                       struct hone_failure *failure) {
    struct hone_meter *meter = measurement->meter;
    const uint64_t used_ns = spent->cpu_ns ? spent->cpu_ns : spent->wall_ns;
    const uint64_t left_ns = used_ns < stop->limit_ns ? stop->limit_ns - used_ns : 1;
    const struct hone_go go = {
        .size = sizeof go,
        .count = place->batch,
        .word_count = segment->word_count,
        .words = place->seats[side->seat].words + (size_t)place->batch * segment->word,
        /* of little left too, a machine may stall */
        .limit_ns = STALL_FACTOR * (stop->limit_ns > STALL_NS ? stop->limit_ns : STALL_NS),
        .cpu_limit_ns = left_ns,
        .order = side->order,
        .order_seed = side->order_seed,
    };
    void *process = segment->operators ? side->operators : side->process;
    struct hone_go_result done = {.size = sizeof done};
    int status = meter->ops->process_go(process, &go, &done);
    hone_spending_add(measurement, &done);
    const bool lost = status < 0 || done.status == HONE_GO_LOST;
    if (lost && !segment->operators)
        return lose(measurement, side, "running a program", status, &done);
    if (!lost && !segment->operators && is_killed(&done))
        return report_killed(measurement, side);
    if (!lost && is_stalled(&done, left_ns))
        return hone_fail(measurement->error, -EAGAIN,
                         "the machine stalled: a call got %.1f ms of a core within %.1f ms, and it "
                         "cannot sleep; run fewer programs beside the measurement",
                         (double)done.cpu_ns / 1e6, (double)go.limit_ns / 1e6);
    if (segment->operators && done.status != HONE_GO_DONE && done.status != HONE_GO_TIMED_OUT)
        return lose_operators(measurement, "failed", status, &done);
    if (done.status != HONE_GO_DONE)
        hone_failure_of_go(stop, &done, failure);
    else
        add_go(meter, &done, !segment->operators, spent);
    return 0;
}

/* While a process of the two runs the other is stopped in its done call, with all of its one
 * thread: what an operator reads changes only by what the operator writes. Where that was a
 * candidate's to write it may be anything, which floats may; indices come from inputs. */
int hone_side_go(struct hone_measurement *measurement, const struct hone_stop *stop,
                 struct hone_side *side, const struct hone_place *place, struct hone_sample *sample,
                 struct hone_failure *failure) {
    const struct hone_seat *seat = &place->seats[side->seat];
    struct spent spent = {0};
    for (uint32_t i = 0; i < seat->segment_count; i++) {
        int status =
            run_segment(measurement, stop, side, place, &seat->segments[i], &spent, failure);
        if (status != 0 || failure->verdict)
            return status;
    }
    *sample = spent.sample;
    sample->wall_ns /= place->batch;
    sample->cpu_ns /= place->batch;
    sample->own_wall_ns /= place->batch;
    sample->own_cpu_ns /= place->batch;
    return 0;
}

void hone_side_stop(struct hone_measurement *measurement, struct hone_side *side) {
    if (side->process)
        measurement->meter->ops->process_stop(side->process);
    if (side->operators)
        measurement->meter->ops->process_stop(side->operators);
    side->process = side->operators = NULL;
}
