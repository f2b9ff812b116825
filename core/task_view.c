#include "core/task_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TIMED_MOST 2u
/* Times, limits and draws of one view are not another's. */
#define EMULATED_SALT 0x656d756c61746564u /* "emulated" */

struct view {
    struct hone_task task;
    struct hone_workload *workloads; /* NULL: the task's */
};

static uint32_t take_baselines(const struct hone_task *task, const char *language,
                               struct hone_baseline baselines[HONE_BASELINES_MAX]) {
    const uint32_t there = task->baseline_count + task->cuda_baseline_count;
    uint32_t count = 0;
    for (uint32_t i = 0; i < there && count < HONE_BASELINES_MAX; i++)
        if (strcmp(task->baselines[i].language, language) == 0)
            baselines[count++] = task->baselines[i];
    return count;
}

/* What a call costs, in no unit: products by their operations, the rest by what they move. */
static double cost_of(const struct hone_task *task, const struct hone_workload *workload) {
    double flops, bytes;
    struct hone_set_layout layout;
    hone_task_cost(task, workload, &flops, &bytes);
    hone_set_layout(task, workload, &layout);
    return fmax(fmax(flops, bytes), (double)layout.total_bytes); /* fmax drops what is not known */
}

/* The costliest verify workload that is not taken yet; workload_count: there is none. */
static uint32_t find_costliest(const struct hone_task *task, const bool *taken) {
    uint32_t best = task->workload_count;
    double most = -1;
    for (uint32_t i = 0; i < task->workload_count; i++) {
        const struct hone_workload *workload = &task->workloads[i];
        if (workload->set != HONE_VERIFY || taken[i] || !(cost_of(task, workload) > most))
            continue;
        most = cost_of(task, workload);
        best = i;
    }
    return best;
}

static int shrink(const struct hone_task *task, struct view *view) {
    struct hone_workload *workloads = calloc(task->workload_count + TIMED_MOST, sizeof *workloads);
    bool *taken = calloc(task->workload_count + 1, sizeof *taken);
    uint32_t count = 0;
    if (!workloads || !taken) {
        free(workloads);
        free(taken);
        return -1;
    }
    for (uint32_t i = 0; i < task->workload_count; i++) {
        workloads[count] = task->workloads[i];
        if (task->workloads[i].set == HONE_BENCH) {
            workloads[count].set = HONE_VERIFY;
            workloads[count].big = true;
        }
        count++;
    }
    for (uint32_t i = 0; i < TIMED_MOST; i++) {
        const uint32_t costliest = find_costliest(task, taken);
        if (costliest == task->workload_count)
            break;
        taken[costliest] = true;
        workloads[count] = task->workloads[costliest];
        workloads[count++].set = HONE_BENCH;
    }
    free(taken);
    view->workloads = workloads;
    view->task.workloads = workloads;
    view->task.workload_count = count;
    view->task.hash64 ^= EMULATED_SALT;
    return 0;
}

struct hone_task *hone_task_view_create(const struct hone_task *task, const char *language,
                                        bool emulated) {
    struct view *view = calloc(1, sizeof *view);
    if (!view)
        return NULL;
    view->task = *task;
    memset(view->task.baselines, 0, sizeof view->task.baselines);
    view->task.baseline_count = take_baselines(task, language, view->task.baselines);
    view->task.cuda_baseline_count = view->task.absent_baseline_count = 0;
    if (!emulated || shrink(task, view) == 0)
        return &view->task;
    free(view);
    return NULL;
}

void hone_task_view_destroy(struct hone_task *task) {
    struct view *view = (struct view *)task; /* its first member */
    if (view)
        free(view->workloads);
    free(view);
}
