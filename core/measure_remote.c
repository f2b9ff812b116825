/* A call on a device that makes inputs and poison by itself, and keeps the outputs: core/remote.h.
 */
#include "core/measure_internal.h"

#include "core/error.h"
#include "core/inputs.h"
#include "core/remote.h"
#include "core/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MATERIALS_OF_REGION 3u
/* Of one slot: both bands of everything that may be written, and the outputs. */
#define LOOKS_MOST (2 * (HONE_PLAN_WORKSPACES_MAX + HONE_ARGS_MAX) + HONE_ARGS_MAX)
#define WORKSPACE_BYTES_LEAST (64u << 10)

bool hone_meter_serves_remote(const struct hone_meter *meter) {
    return HONE_HAS(meter->ops, process_prepare) && HONE_HAS(meter->ops, process_look);
}

bool hone_call_is_remote(const struct hone_measurement *measurement, const struct hone_place *place,
                         const struct hone_side *side, const struct hone_set *const *sets) {
    bool remote = hone_meter_serves_remote(measurement->meter) && !side->operators;
    for (uint32_t slot = 0; slot < place->batch; slot++)
        remote &= sets[slot]->remote;
    return remote;
}

/* The rules that a stand's buffers are filled by, next to each other. */
struct list {
    struct hone_material *materials;
    uint32_t count;
};

static void add(struct list *list, struct hone_material material, uint64_t address) {
    if (!material.count)
        return;
    material.address = address;
    list->materials[list->count++] = material;
}

static struct hone_material guard(uint64_t bytes, uint64_t seed) {
    return (struct hone_material){
        .count = bytes, .kind = HONE_MATERIAL_GUARD, .format = HONE_FORMAT_U8, .seed = seed};
}

/* Either band of a buffer, as core/arena.h fills them. */
static void add_guards(struct list *list, const struct hone_table *table, uint32_t index) {
    const struct hone_buffer *buffer = &table->buffers[index];
    const uint64_t seed = table->guard_seed + 2 * index;
    add(list, guard(buffer->before, seed), buffer->address - buffer->before);
    add(list, guard(buffer->after, seed + 1), buffer->address + buffer->bytes);
}

static struct hone_material input_of(const struct hone_measurement *measurement,
                                     const struct hone_place *place, const struct hone_set *set,
                                     uint32_t arg) {
    struct hone_material material;
    hone_inputs_material(measurement->task, place->workload, hone_sample_inputs_seed(set->seed),
                         arg, &material);
    return material;
}

static struct hone_material poison_of(const struct hone_measurement *measurement,
                                      const struct hone_place *place, const struct hone_set *set,
                                      uint32_t arg, uint32_t slot,
                                      const struct hone_poisoning *poisoning) {
    const struct hone_judged_output output = hone_side_output(measurement, place, set, arg, NULL);
    return hone_judge_material(&output, hone_poisoning_output(poisoning, slot, arg),
                               poisoning->pattern);
}

static struct hone_material workspace_of(const struct hone_plan_workspace *workspace, uint32_t slot,
                                         uint32_t index, const struct hone_poisoning *poisoning) {
    if (workspace->zero)
        return (struct hone_material){.count = (uint64_t)workspace->count,
                                      .kind = HONE_MATERIAL_CONSTANT,
                                      .format = workspace->dtype};
    return hone_scratch_material(workspace->dtype, workspace->count,
                                 hone_poisoning_workspace(poisoning, slot, index),
                                 poisoning->pattern);
}

bool hone_remote_workspace(const struct hone_plan_workspace *workspace) {
    return workspace->bytes >= WORKSPACE_BYTES_LEAST;
}

static void add_workspaces(struct list *list, const struct hone_stand *stand,
                           const struct hone_place *place, uint32_t seat_index,
                           const struct hone_poisoning *poisoning) {
    const struct hone_seat *seat = &place->seats[seat_index];
    const uint32_t count = seat->program ? seat->program->workspace_count : 0;
    uint32_t index = seat->first_workspace;
    for (uint32_t slot = 0; slot < place->batch; slot++)
        for (uint32_t i = 0; i < count; i++, index++) {
            const struct hone_plan_workspace *workspace = &seat->program->workspaces[i];
            if (!hone_remote_workspace(workspace))
                continue;
            add(list, workspace_of(workspace, slot, i, poisoning),
                stand->table.buffers[index].address);
            add_guards(list, &stand->table, index);
        }
}

/* What was to be made for an earlier call is not to be made for this one. */
static int make_nothing(const struct hone_measurement *measurement, const struct hone_side *side) {
    return hone_meter_serves_remote(measurement->meter)
               ? measurement->meter->ops->process_prepare(side->process, NULL, 0)
               : 0;
}

int hone_remote_prepare(struct hone_measurement *measurement, const struct hone_stand *stand,
                        const struct hone_place *place, const struct hone_side *side,
                        const struct hone_set *const *sets,
                        const struct hone_poisoning *poisoning) {
    if (!sets)
        return make_nothing(measurement, side);
    const struct hone_task *task = measurement->task;
    struct list list = {NULL, 0};
    uint32_t index = place->first_buffer;
    list.materials = calloc(MATERIALS_OF_REGION * (stand->table.count + 1), sizeof *list.materials);
    if (!list.materials)
        return hone_fail(measurement->error, -ENOMEM, "out of memory for materials");
    add_workspaces(&list, stand, place, side->seat, poisoning);
    for (uint32_t slot = 0; slot < place->batch; slot++)
        for (uint32_t i = 0; i < stand->tensors; i++, index++) {
            const struct hone_buffer *buffer = &stand->table.buffers[index];
            const uint32_t arg = buffer->owner;
            if (!place->remote[arg].made)
                continue;
            add(&list,
                task->args[arg].role == HONE_OUT
                    ? poison_of(measurement, place, sets[slot], arg, slot, poisoning)
                    : input_of(measurement, place, sets[slot], arg),
                buffer->address);
            add_guards(&list, &stand->table, index);
        }
    int status =
        measurement->meter->ops->process_prepare(side->process, list.materials, list.count);
    free(list.materials);
    return status == 0 ? 0
                       : hone_fail(measurement->error, status,
                                   "device %s does not take what it shall make of its memory: %s",
                                   measurement->meter->description.id, strerror(-status));
}

/* ---- after the go ---- */

static int ask(struct hone_measurement *measurement, const struct hone_side *side,
               struct hone_look *looks, uint32_t count) {
    struct hone_meter *meter = measurement->meter;
    struct hone_go_result done = {.size = sizeof done};
    int status = meter->ops->process_look(side->process, looks, count, &done);
    if (status == 0 && done.status == HONE_GO_DONE)
        return 0;
    meter->lost = true;
    return hone_fail(measurement->error, side->name ? -EIO : -EPIPE,
                     "the worker of device %s was lost while looking at results: %.120s",
                     meter->description.id,
                     done.text[0] ? done.text : strerror(status < 0 ? -status : EIO));
}

/* Places for what is brought back of an output, made once. */
static int make_room(struct hone_look *look, struct hone_remote_tensor *room) {
    const uint64_t bytes = look->element_count * hone_format_bytes(look->material.format);
    if (!room->elements)
        room->elements = malloc(bytes + 1);
    if (!room->sums && look->length)
        room->sums = malloc(3 * look->outer * look->inner * sizeof *room->sums + 1);
    look->elements = room->elements;
    look->sums = room->sums;
    return room->elements && (room->sums || !look->length) ? 0 : -ENOMEM;
}

static int look_at_output(const struct hone_measurement *measurement, const struct hone_side *side,
                          const struct hone_place *place, const struct hone_set *set, uint32_t arg,
                          const struct hone_material *made, struct hone_look *look) {
    const struct hone_judged_sample *sample = &set->sample[arg];
    *look = (struct hone_look){
        .kind = HONE_LOOK_OUTPUT,
        .unpoisoned = measurement->task->args[arg].role != HONE_OUT,
        .material = *made,
        .runs = set->runs[arg],
        .run_count = set->run_count[arg],
        .element_count = (uint64_t)sample->count,
        .digest_seed = side->digest_seed,
    };
    if (sample->sums) {
        look->outer = (uint64_t)sample->outer;
        look->length = (uint64_t)sample->length;
        look->inner = (uint64_t)sample->inner;
        look->sign_seed = hone_sample_signs_seed(set->seed);
        look->sign_argument = measurement->task->sample.linear;
    }
    return make_room(look, &place->remote[arg]);
}

/* Looks at the bands of a buffer: none, one or two. */
static uint32_t look_at_guards(const struct hone_table *table, uint32_t index,
                               struct hone_look *looks) {
    struct hone_material materials[2];
    struct list list = {materials, 0};
    add_guards(&list, table, index);
    for (uint32_t i = 0; i < list.count; i++)
        looks[i] = (struct hone_look){.kind = HONE_LOOK_CHANGED, .material = materials[i]};
    return list.count;
}

/* False: a band is not as it was, and `failure` says whose. */
static bool guards_intact(const struct hone_stop *stop, const struct hone_look *looks,
                          uint32_t count, struct hone_failure *failure) {
    const struct hone_table *table = &stop->stand->table;
    for (uint32_t i = 0; i < count; i++) {
        const struct hone_look *look = &looks[i];
        int64_t distance;
        if (look->kind != HONE_LOOK_CHANGED || !look->seen.changed)
            continue;
        const int index = hone_table_find(table, look->material.address, &distance);
        const struct hone_buffer *buffer = &table->buffers[index];
        const bool before = look->material.address < buffer->address;
        hone_failure_of_guard(stop, buffer->owner, before ? 0 : look->seen.last_changed + 1,
                              before ? look->material.count - look->seen.first_changed : 0,
                              failure);
        return false;
    }
    return true;
}

int hone_remote_fetch(struct hone_measurement *measurement, const struct hone_side *side,
                      const struct hone_buffer *buffer) {
    struct hone_look look = {
        .kind = HONE_LOOK_FETCH,
        .material = {.address = buffer->address, .format = HONE_FORMAT_U8},
    };
    return ask(measurement, side, &look, 1);
}

/* Everything to be known of a call, in one question for each slot. */
int hone_remote_look(struct hone_measurement *measurement, const struct hone_stand *stand,
                     const struct hone_place *place, const struct hone_side *side, uint32_t slot,
                     const struct hone_set *set, const struct hone_poisoning *poisoning,
                     struct hone_sight *sights, struct hone_failure *failure) {
    const struct hone_task *task = measurement->task;
    const struct hone_seat *seat = &place->seats[side->seat];
    const uint32_t workspaces = seat->program ? seat->program->workspace_count : 0;
    const uint32_t first = place->first_buffer + slot * stand->tensors;
    const struct hone_stop stop = {
        .task = task, .stand = stand, .workload = place->workload, .seat = side->seat};
    struct hone_look looks[LOOKS_MOST];
    uint32_t count = 0, output[HONE_ARGS_MAX];
    for (uint32_t i = 0; i < workspaces; i++)
        if (hone_remote_workspace(&seat->program->workspaces[i]))
            count += look_at_guards(&stand->table, seat->first_workspace + slot * workspaces + i,
                                    looks + count);
    for (uint32_t i = 0; i < stand->tensors; i++) {
        const struct hone_buffer *buffer = &stand->table.buffers[first + i];
        const uint32_t arg = buffer->owner;
        if (!hone_arg_is_output(&task->args[arg]) || !place->remote[arg].made)
            continue;
        struct hone_material made = task->args[arg].role == HONE_OUT
                                        ? poison_of(measurement, place, set, arg, slot, poisoning)
                                        : input_of(measurement, place, set, arg);
        made.address = buffer->address;
        count += look_at_guards(&stand->table, first + i, looks + count);
        output[arg] = count;
        if (look_at_output(measurement, side, place, set, arg, &made, &looks[count++]))
            return hone_fail(measurement->error, -ENOMEM, "out of memory for a sample");
    }
    int status = count ? ask(measurement, side, looks, count) : 0;
    if (status != 0 || !guards_intact(&stop, looks, count, failure))
        return status;
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_output(&task->args[i]) && place->remote[i].made) {
            const struct hone_look *look = &looks[output[i]];
            sights[i] = (struct hone_sight){look->elements, look->sums, look->seen};
            place->remote[i].digest = look->seen.digest;
        }
    return 0;
}
