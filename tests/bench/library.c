#include "core/statistics.h"
#include "tests/bench/bench.h"
#include "tests/bench/sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 31
#define PAIRS 2   /* of the same two processes */
#define REPEATS 3 /* of a pair that something else disturbed */
#define SETS 8

/* New processes, made in random order; the first call of each is not timed. */
static void replace(struct sides_stand *stand, struct hone_side pair[2], int first) {
    for (int i = 0; i < 2; i++)
        hone_side_stop(&stand->measurement, &pair[i]);
    for (int i = 0; i < 2; i++)
        sides_call(stand, &pair[first ^ i], 0);
}

/* What a measurement does with a candidate: pairs in random order, in processes that are replaced,
 * on the same arenas. */
static double compare(const struct sides *sides, struct sides_stand *stand,
                      struct hone_side pair[2], double *low, double *high) {
    double ratios[ROUNDS], median;
    struct hone_random *random = &sides->gate->meter->random;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        double ns[2];
        if (round % PAIRS == 0)
            replace(stand, pair, (int)(hone_random_next(random) & 1));
        bool noisy = true;
        for (int attempt = 0; noisy && attempt <= REPEATS; attempt++) {
            const int first = (int)(hone_random_next(random) & 1);
            const uint32_t set = 1 + (uint32_t)(hone_random_next(random) % (SETS - 1));
            noisy = false;
            for (int i = 0; i < 2; i++) {
                const struct hone_sample sample = sides_call(stand, &pair[first ^ i], set);
                ns[first ^ i] = sample.noisy ? sample.cpu_ns : sample.wall_ns;
                noisy |= sample.noisy;
            }
        }
        ratios[round] = ns[1] / ns[0];
    }
    for (int i = 0; i < 2; i++)
        hone_side_stop(&stand->measurement, &pair[i]);
    hone_median_interval(ratios, ROUNDS, COVERAGE, &median, low, high);
    return median;
}

/* Baseline `a` over baseline `b`; where they are the same, every interval should hold 1. */
static void run_pair(const struct sides *sides, const struct hone_task *task,
                     const struct hone_workload *workload, const struct sides_built *built,
                     uint32_t a, uint32_t b, uint32_t runs) {
    double speedup[64], width[64];
    uint32_t holds = 0;
    struct sides_stand stand;
    sides_stand_up(sides, task, built, workload, SETS, &stand);
    for (uint32_t i = 0; i < runs; i++) {
        struct hone_side pair[2] = {built->side[a], built->side[b]};
        double low, high;
        speedup[i] = compare(sides, &stand, pair, &low, &high);
        width[i] = high - low;
        holds += low <= 1 && high >= 1;
    }
    sides_stand_down(&stand);
    const double median = lab_median(speedup, runs);
    printf("%-20s %-10s %8s over %-8s %6.3fx  from %.3f to %.3f, width %.3f; %u of %u intervals "
           "hold 1\n",
           task->id, workload->id, task->baselines[a].name, task->baselines[b].name, median,
           speedup[0], speedup[runs - 1], lab_median(width, runs), holds, runs);
    fflush(stdout);
}

static bool run_task(const struct sides *sides, const struct hone_task *task, uint32_t runs) {
    bool any = false;
    struct sides_built built;
    for (uint32_t b = 0; b < task->baseline_count; b++)
        any |= task->baselines[b].library != NULL;
    if (!any)
        return false;
    sides_build(sides, task, &built);
    for (uint32_t w = 0; w < task->workload_count; w++)
        for (uint32_t b = 0; b < task->baseline_count && task->workloads[w].set == HONE_BENCH; b++)
            if (task->baselines[b].library) {
                run_pair(sides, task, &task->workloads[w], &built, b, b, runs);
                run_pair(sides, task, &task->workloads[w], &built, b, b ? 0 : 1, runs);
            }
    sides_unbuild(&built);
    return true;
}

void bench_library(void) {
    const char *wanted = getenv("COPIES");
    uint32_t runs = wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 10, count;
    struct sides sides;
    struct lab lab;
    bool any = false;
    if (!runs || runs > 64)
        lab_die("COPIES is a number from 1 to 64");
    lab_open(&lab);
    unsetenv("HONE_TASKS");
    sides_open(&sides);
    printf("%s\n", sides.gate->meter->description.fingerprint);
    struct hone_task *const *tasks = hone_gate_tasks(sides.gate, &count);
    for (uint32_t i = 0; i < count; i++)
        any |= run_task(&sides, tasks[i], runs);
    if (!any)
        printf("no baseline calls a library that this machine has\n");
    sides_close(&sides);
    lab_close(&lab);
}
