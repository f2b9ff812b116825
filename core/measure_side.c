/* A call: memory is made ready for it, it is run, and what it wrote is judged. */
#include "core/measure_internal.h"

#include "core/error.h"
#include "core/inputs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything one slot of a call needs to be judged, and to be poisoned for that. */
struct hone_judged_output hone_side_output(const struct hone_measurement *measurement,
                                           const struct hone_place *place,
                                           const struct hone_set *set, uint32_t arg, void *got) {
    const struct hone_set_layout *layout = &place->shelf->layout;
    return (struct hone_judged_output){
        .dtype = measurement->task->args[arg].dtype,
        .count = layout->count[arg],
        .got = got,
        .wanted = (const void *)(set->base + layout->oracle_offset[arg]),
        .mean = set->mean[arg],
        .rms = set->rms[arg],
        .limits = set->limits[arg],
        .sample = layout->sampled ? &set->sample[arg] : NULL,
        .exact = place->workload->exact,
        .unpoisoned = measurement->task->args[arg].role == HONE_INOUT,
    };
}

uint64_t hone_poisoning_output(const struct hone_poisoning *poisoning, uint32_t slot,
                               uint32_t arg) {
    return hone_seed(poisoning->secret, 0, "output", slot, arg);
}

uint64_t hone_poisoning_workspace(const struct hone_poisoning *poisoning, uint32_t slot,
                                  uint32_t index) {
    return hone_seed(poisoning->secret, 0, "workspace", slot, index);
}

static void prepare_workspaces(const struct hone_stand *stand, const struct hone_place *place,
                               uint32_t seat_index, bool remote,
                               const struct hone_poisoning *poisoning) {
    const struct hone_seat *seat = &place->seats[seat_index];
    const uint32_t count = seat->program ? seat->program->workspace_count : 0;
    const struct hone_buffer *buffer = &stand->table.buffers[seat->first_workspace];
    for (uint32_t slot = 0; slot < place->batch; slot++)
        for (uint32_t i = 0; i < count; i++, buffer++) {
            const struct hone_plan_workspace *workspace = &seat->program->workspaces[i];
            if (remote && hone_remote_workspace(workspace))
                continue;
            if (workspace->zero)
                memset(buffer->host, 0, buffer->bytes);
            else
                hone_scratch_poison(workspace->dtype, workspace->count, buffer->host,
                                    hone_poisoning_workspace(poisoning, slot, i),
                                    poisoning->pattern);
        }
}

/* Workspaces first, inputs then, outputs poisoned last, for either side of a pair alike. */
static void prepare(const struct hone_measurement *measurement, const struct hone_stand *stand,
                    const struct hone_place *place, uint32_t seat, bool remote,
                    const struct hone_set *const *sets, const struct hone_poisoning *poisoning) {
    const struct hone_task *task = measurement->task;
    const struct hone_set_layout *layout = &place->shelf->layout;
    const struct hone_buffer *buffer = &stand->table.buffers[place->first_buffer];
    prepare_workspaces(stand, place, seat, remote, poisoning);
    for (uint32_t slot = 0; slot < place->batch; slot++, buffer += stand->tensors)
        for (uint32_t i = 0; i < stand->tensors; i++)
            if (task->args[buffer[i].owner].role != HONE_OUT &&
                !(remote && place->remote[buffer[i].owner].made))
                memcpy(buffer[i].host, sets[slot]->base + layout->input_offset[buffer[i].owner],
                       buffer[i].bytes);
    buffer = &stand->table.buffers[place->first_buffer];
    for (uint32_t slot = 0; slot < place->batch; slot++, buffer += stand->tensors)
        for (uint32_t i = 0; i < stand->tensors; i++) {
            const uint32_t arg = buffer[i].owner;
            if (task->args[arg].role != HONE_OUT || (remote && place->remote[arg].made))
                continue;
            struct hone_judged_output output =
                hone_side_output(measurement, place, sets[slot], arg, buffer[i].host);
            hone_judge_poison(&output, hone_poisoning_output(poisoning, slot, arg),
                              poisoning->pattern);
        }
}

static void note(struct hone_workload_row *row, const struct hone_judgement *judgement) {
    if (!row)
        return;
    row->facts |= judgement->facts;
    row->max_error = fmax(row->max_error, judgement->max_error);
    row->rel_l2 = fmax(row->rel_l2, judgement->rel_l2);
}

static bool guards_of(const struct hone_stop *stop, uint32_t first, uint32_t count,
                      struct hone_failure *failure) {
    const struct hone_table *table = &stop->stand->table;
    for (uint32_t i = first; i < first + count; i++) {
        uint64_t past, before;
        if (!table->regions[i].writable || hone_table_intact(table, i))
            continue;
        hone_table_damage(table, i, &past, &before);
        hone_failure_of_guard(stop, table->buffers[i].owner, past, before, failure);
        return false;
    }
    return true;
}

/* The bands of all outputs and of the side's workspaces, those of other workloads too: a process
 * that may write to them has done so in this go, and whoever is judged on them later is not at
 * fault. */
static bool guards_intact(const struct hone_measurement *measurement,
                          const struct hone_stand *stand, uint32_t seat,
                          struct hone_failure *failure) {
    for (uint32_t i = 0; i < stand->count; i++) {
        const struct hone_place *place = &stand->places[i];
        const struct hone_plan_program *program = place->seats[seat].program;
        const struct hone_stop stop = {
            .task = measurement->task, .stand = stand, .workload = place->workload, .seat = seat};
        if (!guards_of(&stop, place->first_buffer, place->batch * stand->tensors, failure))
            return false;
        if (program && !guards_of(&stop, place->seats[seat].first_workspace,
                                  place->batch * program->workspace_count, failure))
            return false;
    }
    return true;
}

/* Whether the wrong answer is the right one to inputs this process was shown before. */
static bool is_stale(const struct hone_measurement *measurement, const struct hone_place *place,
                     const struct hone_set *now, uint32_t arg, void *got) {
    for (uint32_t i = 0; i < place->shelf->count; i++) {
        const struct hone_set *earlier = &place->shelf->sets[i];
        if (!(place->shown & 1u << i) || earlier == now)
            continue;
        struct hone_judged_output output = hone_side_output(measurement, place, earlier, arg, got);
        struct hone_judgement judgement;
        output.unpoisoned = true;
        hone_judge(&output, 0, 0, &judgement);
        if (judgement.reason == HONE_REASON_NONE)
            return true;
    }
    return false;
}

/* One output, in the host's memory or as a device tells of it. What is wrong about it then, or what
 * somebody wants whole, is fetched: whatever is said of it is said of the bytes. */
static int judge_output(struct hone_measurement *measurement, const struct hone_stop *stop,
                        const struct hone_place *place, const struct hone_side *side,
                        const struct hone_buffer *buffer, uint64_t seed, uint32_t pattern,
                        const struct hone_set *set, struct hone_judged_output *output,
                        struct hone_failure *failure) {
    const uint32_t arg = buffer->owner;
    struct hone_workload_row *row = side->name ? NULL : place->row;
    struct hone_judgement judgement;
    hone_judge(output, seed, pattern, &judgement);
    if (output->sight && (side->fetches || judgement.reason != HONE_REASON_NONE)) {
        int status = hone_remote_fetch(measurement, side, buffer);
        if (status != 0)
            return status;
        output->sight = NULL;
        hone_judge(output, seed, pattern, &judgement);
    }
    note(row, &judgement);
    if (judgement.reason == HONE_REASON_NONE)
        return 0;
    if (row && judgement.reason == HONE_REASON_VALUES &&
        is_stale(measurement, place, set, arg, buffer->host))
        judgement.facts |= HONE_FACT_STALE;
    hone_failure_of_output(stop, arg, &judgement, output->count, output->limits.rel_l2, failure);
    return 0;
}

/* The outputs of one slot. Inputs need no look: their memory is sealed against every mapping that
 * could write. */
static int judge_slot(struct hone_measurement *measurement, const struct hone_stand *stand,
                      const struct hone_place *place, const struct hone_side *side, bool remote,
                      uint32_t slot, const struct hone_set *set,
                      const struct hone_poisoning *poisoning, struct hone_failure *failure) {
    const struct hone_stop stop = {
        .task = measurement->task, .stand = stand, .workload = place->workload, .seat = side->seat};
    const uint32_t first = place->first_buffer + slot * stand->tensors;
    struct hone_sight sights[HONE_ARGS_MAX];
    int status = remote ? hone_remote_look(measurement, stand, place, side, slot, set, poisoning,
                                           sights, failure)
                        : 0;
    for (uint32_t i = 0; i < stand->tensors && status == 0 && !failure->verdict; i++) {
        const struct hone_buffer *buffer = &stand->table.buffers[first + i];
        const uint32_t arg = buffer->owner;
        if (!hone_arg_is_output(&measurement->task->args[arg]))
            continue;
        struct hone_judged_output output =
            hone_side_output(measurement, place, set, arg, buffer->host);
        output.sight = remote && place->remote[arg].made ? &sights[arg] : NULL;
        status = judge_output(measurement, &stop, place, side, buffer,
                              hone_poisoning_output(poisoning, slot, arg), poisoning->pattern, set,
                              &output, failure);
        if (status == 0 && !failure->verdict && side->errors) {
            hone_deviation_add(&side->errors->deviation, &output);
            hone_precision_add(&side->errors->precision, &output);
            for (uint32_t k = 0; set->nudged && k < HONE_NUDGED_MOST; k++)
                if (set->nudged->wanted[k][arg])
                    hone_precision_compare(&side->errors->precision, &output, k,
                                           set->nudged->wanted[k][arg]);
        }
    }
    return status;
}

static int judge(struct hone_measurement *measurement, const struct hone_stand *stand,
                 const struct hone_place *place, const struct hone_side *side, bool remote,
                 const struct hone_set *const *sets, const struct hone_poisoning *poisoning,
                 struct hone_failure *failure) {
    int status = 0;
    if (!guards_intact(measurement, stand, side->seat, failure))
        return 0;
    for (uint32_t slot = 0; slot < place->batch && status == 0 && !failure->verdict; slot++)
        status = judge_slot(measurement, stand, place, side, remote, slot, sets[slot], poisoning,
                            failure);
    return status;
}

/* What a go may take. A baseline is trusted to end; however long the machine stalls, it is not at
 * fault. */
static uint64_t go_limit(const struct hone_measurement *measurement, const struct hone_side *side,
                         const struct hone_place *place) {
    const struct hone_task *task = measurement->task;
    if (side->name)
        return BASELINE_LIMIT_NS;
    if (place->limit_ns)
        return place->limit_ns;
    const double least =
        (double)CALL_LIMIT_NS * (hone_is_emulated(measurement) ? EMULATED_CALL_FACTOR : 1);
    /* In the checking build every access is looked at; the least is enough for that, too. */
    const double slower = side->checking ? CHECKING_FACTOR : 1;
    double limit = fmax(least, CALL_LIMIT_FACTOR * place->scale_ns * place->batch * slower);
    if (task->call_limit_s > 0)
        limit = fmin(limit, task->call_limit_s * 1e9 * place->batch * slower);
    return (uint64_t)limit;
}

int hone_side_call(struct hone_measurement *measurement, const struct hone_stand *stand,
                   struct hone_side *side, struct hone_place *place,
                   const struct hone_set *const *sets, uint32_t pattern, struct hone_sample *sample,
                   struct hone_failure *failure) {
    struct hone_workload_row *row = side->name ? NULL : place->row;
    struct hone_poisoning poisoning = {.pattern = pattern};
    hone_random_fill(&measurement->meter->random, poisoning.secret, sizeof poisoning.secret);
    const struct hone_stop stop = {.task = measurement->task,
                                   .stand = stand,
                                   .workload = place->workload,
                                   .seat = side->seat,
                                   .limit_ns = go_limit(measurement, side, place)};
    const bool remote = hone_call_is_remote(measurement, place, side, sets);
    place->kept = remote && !side->fetches;
    *failure = (struct hone_failure){0};
    prepare(measurement, stand, place, side->seat, remote, sets, &poisoning);
    int status =
        hone_remote_prepare(measurement, stand, place, side, remote ? sets : NULL, &poisoning);
    if (status == 0)
        status = hone_side_go(measurement, &stop, side, place, sample, failure);
    if (status != 0 || failure->verdict)
        return status;
    status = judge(measurement, stand, place, side, remote, sets, &poisoning, failure);
    if (status == 0 && row)
        row->calls += place->batch;
    return status;
}

int hone_side_blame(struct hone_measurement *measurement, const struct hone_side *side,
                    const struct hone_failure *failure) {
    return hone_fail(measurement->error, -EIO, "baseline %s of task %s: %.300s", side->name,
                     measurement->task->id, failure->message);
}
