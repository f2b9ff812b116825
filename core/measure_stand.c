#include "core/measure_internal.h"

#include "core/error.h"
#include "core/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void hone_stand_finish(struct hone_stand *stand, struct hone_pool *pool) {
    for (uint32_t i = 0; i < stand->count; i++) {
        hone_pool_release(pool, stand->places[i].shelf);
        for (uint32_t k = 0; stand->places[i].seats && k < stand->seat_count; k++) {
            hone_plan_program_destroy(stand->places[i].seats[k].program);
            free(stand->places[i].seats[k].words);
        }
        free(stand->places[i].seats);
        for (uint32_t k = 0; stand->places[i].remote && k < HONE_ARGS_MAX; k++) {
            free(stand->places[i].remote[k].elements);
            free(stand->places[i].remote[k].sums);
        }
        free(stand->places[i].remote);
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

int hone_seat_needs(const struct hone_task *task, const struct hone_plan *plan,
                    const struct hone_workload *workload, struct hone_seat_needs *needs,
                    struct hone_error *error) {
    struct hone_plan_program *program;
    *needs = (struct hone_seat_needs){.words = task->arg_count};
    if (!plan)
        return 0;
    int code = hone_plan_resolve(plan, workload, &program, error);
    if (code)
        return code;
    needs->words = program->word_count;
    needs->workspaces = program->workspace_count;
    for (uint32_t i = 0; i < program->workspace_count; i++)
        needs->workspace_bytes += program->workspaces[i].bytes;
    hone_plan_program_destroy(program);
    return 0;
}

uint32_t hone_measure_workspaces_most(const struct hone_task *task) {
    uint32_t timed = 0; /* together, in one process */
    for (uint32_t i = 0; i < task->workload_count; i++)
        timed += task->workloads[i].set == HONE_BENCH;
    const uint32_t regions = REGIONS_MOST / (timed ? timed : 1), tensors = hone_task_tensors(task);
    return regions > tensors ? regions - tensors : 0;
}

/* The words of the task's arguments in one slot: addresses of tensors, values of the others. */
static void fill_arguments(const struct hone_task *task, const struct hone_stand *stand,
                           const struct hone_place *place, uint32_t slot, uint64_t *words) {
    const struct hone_workload *workload = place->workload;
    const struct hone_buffer *buffer =
        &stand->table.buffers[place->first_buffer + slot * stand->tensors];
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        if (arg->role == HONE_AXIS)
            words[i] = (uint64_t)workload->axes[arg->axis];
        else if (hone_arg_is_tensor(arg))
            words[i] = (buffer++)->address;
        else
            words[i] = hone_arg_word(arg, workload->scalar[i]);
    }
}

/* Put the words of one slot's call where each go finds its part: go by go, slot by slot. */
static void deal_words(const struct hone_seat *seat, uint32_t batch, uint32_t slot,
                       const uint64_t *words) {
    for (uint32_t i = 0; i < seat->segment_count; i++) {
        const struct hone_plan_segment *segment = &seat->segments[i];
        uint64_t *to =
            seat->words + (size_t)batch * segment->word + (size_t)slot * segment->word_count;
        memcpy(to, words + segment->word, segment->word_count * sizeof *words);
    }
}

/* The words of one slot, with its workspaces already in the table. */
static void fill_words(const struct hone_task *task, const struct hone_stand *stand,
                       const struct hone_place *place, const struct hone_seat *seat, uint32_t slot,
                       uint32_t without_line) {
    const struct hone_plan_program *program = seat->program;
    uint64_t arguments[HONE_ARGS_MAX], scratch[HONE_PLAN_WORKSPACES_MAX];
    uint64_t *call = seat->words + (size_t)place->batch * seat->word_count; /* the row to spare */
    fill_arguments(task, stand, place, slot, arguments);
    for (uint32_t i = 0; program && i < program->workspace_count; i++)
        scratch[i] =
            stand->table.buffers[seat->first_workspace + slot * program->workspace_count + i]
                .address;
    if (program)
        hone_plan_program_words_without(program, without_line, arguments, scratch, call);
    deal_words(seat, place->batch, slot, program ? call : arguments);
}

static int lay_out_seat(const struct hone_task *task, struct hone_stand *stand,
                        struct hone_place *place, uint32_t index, struct hone_error *error) {
    struct hone_seat *seat = &place->seats[index];
    const struct hone_plan *plan = stand->plans ? stand->plans[index] : NULL;
    int code = plan ? hone_plan_resolve(plan, place->workload, &seat->program, error) : 0;
    if (code)
        return code;
    const struct hone_plan_program *program = seat->program;
    const uint32_t workspaces = program ? program->workspace_count : 0;
    seat->word_count = program ? program->word_count : task->arg_count;
    seat->whole = (struct hone_plan_segment){.step_count = 1, .word_count = seat->word_count};
    seat->segments = program ? program->segments : &seat->whole;
    seat->segment_count = program ? program->segment_count : 1;
    seat->first_workspace = stand->table.count;
    seat->words = calloc((size_t)(place->batch + 1) * seat->word_count, sizeof *seat->words);
    if (!seat->words)
        return -ENOMEM;
    for (uint32_t slot = 0; slot < place->batch; slot++) {
        for (uint32_t i = 0; i < workspaces; i++) {
            int buffer = hone_table_add(&stand->table, program->workspaces[i].bytes, true,
                                        hone_owner_workspace(index, i));
            if (buffer < 0)
                return buffer;
        }
        fill_words(task, stand, place, seat, slot, 0);
    }
    return 0;
}

uint32_t hone_stand_leave_out(const struct hone_task *task, struct hone_stand *stand,
                              struct hone_place *place, uint32_t seat, uint32_t line) {
    const struct hone_plan_program *program = place->seats[seat].program;
    uint32_t count = 0;
    for (uint32_t i = 0; i < program->step_count; i++)
        count += program->steps[i].line == line && program->steps[i].kind != HONE_STEP_OP;
    for (uint32_t slot = 0; slot < place->batch; slot++)
        fill_words(task, stand, place, &place->seats[seat], slot, line);
    return count;
}

static int lay_out_place(const struct hone_task *task, struct hone_stand *stand,
                         struct hone_place *place, struct hone_error *error) {
    place->seats = calloc(stand->seat_count, sizeof *place->seats);
    place->remote = calloc(HONE_ARGS_MAX, sizeof *place->remote);
    if (!place->seats || !place->remote)
        return -ENOMEM;
    for (uint32_t i = 0; i < task->arg_count; i++)
        place->remote[i].made =
            hone_arg_is_tensor(&task->args[i]) && hone_remote_argument(task, place->workload, i);
    place->first_buffer = stand->table.count;
    for (uint32_t slot = 0; slot < place->batch; slot++)
        for (uint32_t i = 0; i < task->arg_count; i++) {
            const struct hone_arg *arg = &task->args[i];
            if (!hone_arg_is_tensor(arg))
                continue;
            const uint64_t bytes = (uint64_t)hone_task_shape(task, place->workload, i, NULL) *
                                   hone_dtype_bytes(arg->dtype);
            int index = hone_table_add(&stand->table, bytes, hone_arg_is_output(arg), i);
            if (index < 0)
                return index;
        }
    int code = 0;
    for (uint32_t i = 0; !code && i < stand->seat_count; i++)
        code = lay_out_seat(task, stand, place, i, error);
    return code;
}

int hone_stand_lay_out(struct hone_measurement *measurement, struct hone_stand *stand) {
    const struct hone_task *task = measurement->task;
    hone_table_init(&stand->table);
    stand->tensors = hone_task_tensors(task);
    for (uint32_t i = 0; i < stand->count; i++) {
        int code = lay_out_place(task, stand, &stand->places[i], measurement->error);
        if (code == -ENOMEM)
            return hone_fail(measurement->error, code, "out of memory for arguments");
        if (code)
            return code;
    }
    uint64_t guard_seed;
    hone_random_fill(&measurement->meter->random, &guard_seed, sizeof guard_seed);
    return hone_table_place(&stand->table, &measurement->meter->arenas, guard_seed,
                            measurement->error);
}
