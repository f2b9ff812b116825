#include "tests/bench/sides.h"

#include "core/overrides.h"
#include "tests/bench/bench.h"

#include <errno.h>
#include <string.h>

#define ATTEMPTS 10 /* of a call that the machine stalled in */

static void note_refused(void *context, const char *text) {
    (void)context;
    lab_die("%s", text);
}

void sides_open(struct sides *sides) {
    const struct hone_overrides overrides = {0};
    struct hone_error error = {""};
    *sides = (struct sides){0};
    if (hone_overrides_open(&overrides, &sides->settings, &error) ||
        hone_gate_open(sides->settings, 0, note_refused, NULL, &sides->gate, &error))
        lab_die("%s", error.text);
    if (sides->gate->meter->description.measuring_cpu >= 0)
        bench_pin(sides->gate->meter->description.measuring_cpu);
}

void sides_close(struct sides *sides) {
    hone_gate_close(sides->gate);
    hone_settings_close(sides->settings);
}

void sides_build(const struct sides *sides, const struct hone_task *task,
                 struct sides_built *built) {
    struct hone_error error = {""};
    *built = (struct sides_built){0};
    for (uint32_t i = 0; i < task->baseline_count; i++)
        built->sources[i] = (struct hone_gate_source){.name = task->baselines[i].name,
                                                      .text = task->baselines[i].source,
                                                      .library = task->baselines[i].library};
    if (hone_gate_compile(sides->gate, task, built->sources, task->baseline_count, &error))
        lab_die("%s: %s", task->id, error.text);
    for (uint32_t i = 0; i < task->baseline_count; i++) {
        const struct hone_compiled *compiled = &built->sources[i].compiled;
        if (compiled->verdict)
            lab_die("%s: %s", task->id, compiled->message);
        built->plans[i] = built->sources[i].plan;
        built->side[i] =
            (struct hone_side){.name = task->baselines[i].name,
                               .seat = i,
                               .image = {.bytes = compiled->image,
                                         .size = compiled->image_bytes,
                                         .plan = built->plans[i],
                                         .library = built->sources[i].library != NULL}};
    }
}

void sides_unbuild(struct sides_built *built) {
    for (uint32_t i = 0; i < HONE_BASELINES_MAX; i++)
        hone_gate_source_finish(&built->sources[i]);
}

void sides_stand_up(const struct sides *sides, const struct hone_task *task,
                    const struct sides_built *built, const struct hone_workload *workload,
                    uint32_t sets, struct sides_stand *stand) {
    *stand =
        (struct sides_stand){.measurement = {.meter = sides->gate->meter, .task = task},
                             .stand = {.plans = built->plans, .seat_count = task->baseline_count}};
    stand->measurement.error = &stand->error;
    const struct hone_shelf_key key = {.task = task, .workload = workload, .stream = workload->id};
    struct hone_place *place = hone_stand_add(&stand->stand, workload, 1);
    if (!place ||
        hone_pool_hold(sides->gate->meter->pool, &key, sets, false, &place->shelf, &stand->error) ||
        hone_stand_lay_out(&stand->measurement, &stand->stand))
        lab_die("%s: %s", task->id, stand->error.text);
}

void sides_stand_down(struct sides_stand *stand) {
    hone_stand_finish(&stand->stand, stand->measurement.meter->pool);
}

struct hone_sample sides_call(struct sides_stand *stand, struct hone_side *side, uint32_t set) {
    struct hone_place *place = &stand->stand.places[0];
    const struct hone_set *one = &place->shelf->sets[set % place->shelf->count];
    struct hone_sample sample = {0};
    struct hone_failure failure = {0};
    int status = -EAGAIN;
    if (!side->process &&
        (hone_side_start(&stand->measurement, &stand->stand, side, &failure) || failure.verdict))
        lab_die("%s: %s%s", side->name, stand->error.text, failure.message);
    for (int i = 0; status == -EAGAIN && i < ATTEMPTS; i++)
        status = hone_side_call(&stand->measurement, &stand->stand, side, place, &one,
                                stand->measurement.meter->pattern++, &sample, &failure);
    if (status || failure.verdict)
        lab_die("%s: %s%s", side->name, stand->error.text, failure.message);
    return sample;
}
