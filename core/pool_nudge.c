/* The truth of a set for inputs whose low bits are moved. */
#include "core/pool_private.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/inputs.h"
#include "core/precision.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Keep the outputs of a filled twin of the set; no more of it. */
static int keep_wanted(struct hone_pool *pool, const struct hone_shelf *shelf, struct hone_set *set,
                       uint32_t which, const uint8_t *twin) {
    const struct hone_set_layout *layout = &shelf->layout;
    for (uint32_t i = 0; i < shelf->task->arg_count; i++) {
        if (!hone_arg_is_output(&shelf->task->args[i]))
            continue;
        const int64_t count = layout->sampled ? layout->sample_count[i] : layout->count[i];
        const uint64_t bytes = (uint64_t)count * sizeof(double);
        double *wanted = malloc(bytes + 1);
        if (!wanted)
            return -ENOMEM;
        memcpy(wanted, twin + layout->oracle_offset[i], bytes);
        set->nudged->wanted[which][i] = wanted;
        set->nudged->bytes += bytes;
        set->kept += bytes;
        pool->bytes += bytes;
    }
    return 0;
}

static int nudge(struct hone_pool *pool, const struct hone_shelf *shelf, struct hone_set *set,
                 uint32_t which, uint32_t arg, struct hone_error *error) {
    struct hone_workload workload = shelf->workload;
    const uint64_t bytes = shelf->layout.total_bytes;
    const int memory = hone_pool_memory(shelf, error);
    if (memory < 0)
        return memory;
    workload.nudged = 1 + arg;
    int status =
        pool->source.fill(pool->source.context, shelf->task, &workload, set->seed, memory, error);
    if (status == 0) {
        void *twin = mmap(NULL, bytes, PROT_READ, MAP_SHARED, memory, 0);
        status = twin == MAP_FAILED ? -errno : keep_wanted(pool, shelf, set, which, twin);
        if (status != 0)
            hone_fail(error, status, "no memory for the truth of moved inputs");
        if (twin != MAP_FAILED)
            munmap(twin, bytes);
    }
    close(memory);
    return status;
}

/* Every input that can be; of a workload too big for all of its truth one, drawn by the set: making
 * such inputs takes long. */
static int nudge_inputs(struct hone_pool *pool, const struct hone_shelf *shelf,
                        struct hone_set *set, struct hone_error *error) {
    const uint64_t begun = hone_now_ns();
    uint32_t inputs[HONE_NUDGED_MOST], count = 0;
    int status = 0;
    for (uint32_t i = 0; i < shelf->task->arg_count && count < HONE_NUDGED_MOST; i++)
        if (hone_inputs_may_nudge(shelf->task, &shelf->workload, i))
            inputs[count++] = i;
    set->nudged = count ? calloc(1, sizeof *set->nudged) : NULL;
    if (count && !set->nudged)
        return hone_fail(error, -ENOMEM, "no memory for the truth of moved inputs");
    for (uint32_t i = 0; i < count && status == 0; i++)
        if (!shelf->layout.sampled || i == set->seed % count)
            status = nudge(pool, shelf, set, i, inputs[i], error);
    pool->filling_ns += hone_now_ns() - begun;
    if (status != 0) /* half of it is none */
        hone_pool_unnudge(pool, set);
    return status;
}

void hone_pool_unnudge(struct hone_pool *pool, struct hone_set *set) {
    if (!set->nudged)
        return;
    for (uint32_t k = 0; k < HONE_NUDGED_MOST; k++)
        for (uint32_t i = 0; i < HONE_ARGS_MAX; i++)
            free(set->nudged->wanted[k][i]);
    set->kept -= set->nudged->bytes;
    pool->bytes -= set->nudged->bytes;
    free(set->nudged);
    set->nudged = NULL;
}

int hone_pool_nudge(struct hone_pool *pool, struct hone_shelf *shelf, uint32_t shown,
                    uint32_t *index, struct hone_error *error) {
    hone_pool_settle(pool, NULL);
    *index = HONE_SETS_MAX;
    for (uint32_t i = shelf->count; i-- > 0;)
        if (!(shown & 1u << i) && (*index == HONE_SETS_MAX || shelf->sets[i].nudged))
            *index = i;
    assert(*index < HONE_SETS_MAX);
    struct hone_set *set = &shelf->sets[*index];
    if (set->nudged || !hone_precision_speaks(shelf->task, &shelf->workload))
        return 0;
    return nudge_inputs(pool, shelf, set, error);
}
