/* sides.h - the shipped tasks on this machine's cpu, with their baselines compiled: for parts that
 * look at measuring itself, below the server. */
#ifndef HONE_TESTS_BENCH_SIDES_H
#define HONE_TESTS_BENCH_SIDES_H

#include "core/gate_private.h"

struct sides {
    struct hone_settings *settings;
    struct hone_gate *gate;
};

/* Ends the program where it cannot be had. Pins this thread to the measuring core. */
void sides_open(struct sides *sides);
void sides_close(struct sides *sides);

/* Baselines of a task, compiled, each with a seat of its own; images and plans belong to `sources`.
 */
struct sides_built {
    struct hone_gate_source sources[HONE_BASELINES_MAX];
    struct hone_side side[HONE_BASELINES_MAX];
    const struct hone_plan *plans[HONE_BASELINES_MAX];
};
void sides_build(const struct sides *sides, const struct hone_task *task,
                 struct sides_built *built);
void sides_unbuild(struct sides_built *built);

/* A stand for those baselines with one bench workload and `sets` of its sets. */
struct sides_stand {
    struct hone_measurement measurement;
    struct hone_stand stand;
    struct hone_error error;
};
void sides_stand_up(const struct sides *sides, const struct hone_task *task,
                    const struct sides_built *built, const struct hone_workload *workload,
                    uint32_t sets, struct sides_stand *stand);
void sides_stand_down(struct sides_stand *stand);

/* One call with the next set, in a process that is started when there is none. Ends the program
 * when it is wrong. */
struct hone_sample sides_call(struct sides_stand *stand, struct hone_side *side, uint32_t set);

#endif
