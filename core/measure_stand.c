#include "core/measure_internal.h"

#include "core/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void hone_stand_finish(struct hone_stand *stand, struct hone_pool *pool) {
    for (uint32_t i = 0; i < stand->count; i++) {
        hone_pool_release(pool, stand->places[i].shelf);
        free(stand->places[i].words);
    }
    free(stand->places);
    hone_table_finish(&stand->table);
    *stand = (struct hone_stand){0};
}

/* Pointers to earlier places are void afterwards. NULL: out of memory. */
struct hone_place *hone_stand_add(struct hone_stand *stand, const struct hone_workload *workload,
                                  uint32_t batch) {
    if (stand->count == stand->capacity) {
        uint32_t capacity = stand->capacity ? 2 * stand->capacity : 8;
        struct hone_place *places = realloc(stand->places, capacity * sizeof *places);
        if (!places)
            return NULL;
        stand->places = places;
        stand->capacity = capacity;
    }
    struct hone_place *place = &stand->places[stand->count++];
    *place = (struct hone_place){.workload = workload, .batch = batch};
    return place;
}

uint32_t hone_task_tensors(const struct hone_task *task) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < task->arg_count; i++)
        count += hone_arg_is_tensor(&task->args[i]);
    return count;
}

uint64_t hone_workload_bytes(const struct hone_task *task, const struct hone_workload *workload) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_tensor(&task->args[i]))
            bytes += (uint64_t)hone_task_shape(task, workload, i, NULL) *
                     hone_dtype_bytes(task->args[i].dtype);
    return bytes;
}

/* An argument that is no tensor, as the word it is passed in. */
static uint64_t scalar_word(const struct hone_arg *arg, double value) {
    uint64_t word = 0;
    float single = (float)value;
    switch (arg->dtype) {
    case HONE_F64:
        memcpy(&word, &value, sizeof value);
        return word;
    case HONE_F32:
        memcpy(&word, &single, sizeof single); /* the low half: little-endian */
        return word;
    default:
        return (uint64_t)(int64_t)value;
    }
}

static int lay_out_place(const struct hone_task *task, struct hone_stand *stand,
                         struct hone_place *place) {
    const struct hone_workload *workload = place->workload;
    place->words = calloc((size_t)place->batch * task->arg_count, sizeof *place->words);
    if (!place->words)
        return -ENOMEM;
    place->first_buffer = stand->table.count;
    for (uint32_t slot = 0; slot < place->batch; slot++) {
        uint64_t *words = place->words + (size_t)slot * task->arg_count;
        for (uint32_t i = 0; i < task->arg_count; i++) {
            const struct hone_arg *arg = &task->args[i];
            if (arg->role == HONE_AXIS) {
                words[i] = (uint64_t)workload->axes[arg->axis];
            } else if (!hone_arg_is_tensor(arg)) {
                words[i] = scalar_word(arg, workload->scalar[i]);
            } else {
                uint64_t bytes = (uint64_t)hone_task_shape(task, workload, i, NULL) *
                                 hone_dtype_bytes(arg->dtype);
                int index = hone_table_add(&stand->table, bytes, hone_arg_is_output(arg), i);
                if (index < 0)
                    return index;
                words[i] = stand->table.buffers[index].address;
            }
        }
    }
    return 0;
}

int hone_stand_lay_out(struct hone_measurement *measurement, struct hone_stand *stand) {
    const struct hone_task *task = measurement->task;
    hone_table_init(&stand->table);
    stand->tensors = hone_task_tensors(task);
    for (uint32_t i = 0; i < stand->count; i++)
        if (lay_out_place(task, stand, &stand->places[i]) != 0)
            return hone_fail(measurement->error, -ENOMEM, "out of memory for arguments");
    return hone_table_place(&stand->table, &measurement->meter->arenas,
                            hone_random_next(&measurement->meter->random), measurement->error);
}
