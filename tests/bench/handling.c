#include "core/clock.h"
#include "core/element.h"
#include "core/judge.h"
#include "tests/bench/bench.h"
#include "tests/bench/sides.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS 8
#define ELEMENT_NS 0.6

/* Medians over sets, in ns. */
struct costs {
    double copy, poison, judge, naive, read, plain;
    int64_t elements;
};

/* Every word once, by four sums: as fast as memory and caches give it. */
HONE_VECTORISED static uint64_t read_all(const void *from, uint64_t bytes) {
    const char *at = from;
    uint64_t sum[8] = {0}, word[8], all = 0;
    for (uint64_t i = 0; i + sizeof word <= bytes; i += sizeof word) {
        memcpy(word, at + i, sizeof word);
        for (int k = 0; k < 8; k++)
            sum[k] += word[k];
    }
    for (int k = 0; k < 8; k++)
        all += sum[k];
    return all;
}

static double since(uint64_t begun) {
    return (double)(hone_now_ns() - begun);
}

/* One set: what a call does around the kernel, part by part, on what the kernel really wrote. */
static void measure_set(struct sides_stand *stand, struct hone_side *naive, uint32_t index,
                        char *spare, struct costs *costs) {
    const struct hone_stand *own = &stand->stand;
    const struct hone_set *set = &own->places[0].shelf->sets[index];
    /* The plain memcpy is of a set that has not been looked at lately, as the one that is called
     * with has not. */
    const struct hone_set *other = &own->places[0].shelf->sets[(index + SETS / 2) % SETS];
    const struct hone_set_layout *layout = &own->places[0].shelf->layout;
    const struct hone_task *task = stand->measurement.task;
    static volatile uint64_t sink; /* so that reading is not left out */
    *costs = (struct costs){0};
    const double called = sides_call(stand, naive, index).wall_ns;
    costs->naive = called;
    for (uint32_t i = 0; i < own->tensors; i++) {
        const struct hone_buffer *buffer = &own->table.buffers[i];
        const bool is_output = hone_arg_is_output(&task->args[buffer->owner]);
        struct hone_judgement judgement;
        if (!is_output)
            continue;
        const struct hone_judged_output output = hone_side_output(
            &stand->measurement, &own->places[0], set, buffer->owner, buffer->host);
        uint64_t begun = hone_now_ns();
        sink = read_all(output.got, buffer->bytes) +
               read_all(output.wanted, 8 * (uint64_t)output.count);
        costs->read += since(begun) + 0 * (double)sink;
        begun = hone_now_ns();
        hone_judge(&output, index, index, &judgement);
        costs->judge += since(begun);
        costs->elements += output.count;
        if (judgement.reason)
            lab_die("%s: what passed is judged wrong", task->id);
    }
    for (uint32_t i = 0; i < own->tensors; i++) {
        const struct hone_buffer *buffer = &own->table.buffers[i];
        const uint64_t offset = layout->input_offset[buffer->owner];
        const void *from = offset == UINT64_MAX ? (const void *)buffer->host : other->base + offset;
        uint64_t begun = hone_now_ns();
        memcpy(spare, from, buffer->bytes);
        costs->plain += since(begun);
        spare += buffer->bytes;
    }
    for (uint32_t i = 0; i < own->tensors; i++) {
        const struct hone_buffer *buffer = &own->table.buffers[i];
        if (task->args[buffer->owner].role == HONE_OUT) {
            const struct hone_judged_output output = hone_side_output(
                &stand->measurement, &own->places[0], set, buffer->owner, buffer->host);
            const uint64_t begun = hone_now_ns();
            hone_judge_poison(&output, index, index);
            costs->poison += since(begun);
        } else {
            const uint64_t begun = hone_now_ns();
            memcpy(buffer->host, set->base + layout->input_offset[buffer->owner], buffer->bytes);
            costs->copy += since(begun);
        }
    }
}

static double median_at(const struct costs *costs, size_t offset) {
    double values[SETS];
    for (uint32_t i = 0; i < SETS; i++)
        memcpy(&values[i], (const char *)&costs[i] + offset, sizeof values[i]);
    return lab_median(values, SETS);
}
#define MEDIAN(field) median_at(costs, offsetof(struct costs, field))

static void run_workload(const struct sides *sides, const struct hone_task *task,
                         const struct hone_workload *workload, struct sides_built *built) {
    struct hone_side *naive = &built->side[hone_task_floor(task)];
    struct costs costs[SETS];
    struct sides_stand stand;
    sides_stand_up(sides, task, built, workload, SETS, &stand);
    char *spare = calloc(1, hone_workload_bytes(task, workload) + 64);
    if (!spare)
        lab_die("out of memory");
    measure_set(&stand, naive, 0, spare, &costs[0]); /* pages and caches */
    for (uint32_t i = 0; i < SETS; i++)
        measure_set(&stand, naive, i, spare, &costs[i]);
    free(spare);
    hone_side_stop(&stand.measurement, naive);
    sides_stand_down(&stand);
    const double judge = MEDIAN(judge), plain = MEDIAN(plain);
    const double allowed =
        fmax(MEDIAN(naive), ELEMENT_NS * (double)costs[0].elements + MEDIAN(read));
    const double all = MEDIAN(copy) + MEDIAN(poison) + judge;
    printf("%-26s %-10s %8.1f us  %5.2fx of allowed  %5.2f ns  |  %7.1f + %7.1f + %7.1f = %8.1f us "
           " %5.2fx memcpy%s\n",
           task->id, workload->id, judge / 1e3, judge / allowed, judge / (double)costs[0].elements,
           MEDIAN(copy) / 1e3, MEDIAN(poison) / 1e3, judge / 1e3, all / 1e3, all / plain,
           judge > allowed || all > 6 * plain ? "  <- over" : "");
    fflush(stdout);
}

void bench_handling(void) {
    struct sides sides;
    struct lab lab;
    uint32_t count;
    lab_open(&lab);
    unsetenv("HONE_TASKS");
    sides_open(&sides);
    printf("comparison: at most the larger of naive's time and %.1f ns an element plus reading "
           "output and oracle once\ncopy + poison + comparison: at most 6x a memcpy of the "
           "arguments\n",
           ELEMENT_NS);
    struct hone_task *const *tasks = hone_gate_tasks(sides.gate, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct sides_built built;
        sides_build(&sides, tasks[i], &built);
        for (uint32_t w = 0; w < tasks[i]->workload_count; w++)
            if (tasks[i]->workloads[w].set == HONE_BENCH)
                run_workload(&sides, tasks[i], &tasks[i]->workloads[w], &built);
        sides_unbuild(&built);
    }
    sides_close(&sides);
    lab_close(&lab);
}
