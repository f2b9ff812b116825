/* The "hidden" of a task: workloads drawn anew for every evaluation, from ranges tried here. */
#include "core/task_read.h"

#include <errno.h>
#include <stdio.h>

#define DRAWS_MAX 16
#define TRIAL_DRAWS 64 /* of every hidden entry, to see that its ranges make sense */

static int read_draw_choice(const struct hone_value *json, int64_t low, int64_t high,
                            int64_t choices[16], uint32_t *choice_count) {
    size_t count;
    int result = hone_value_array(json, 1, 16, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct hone_value element = hone_value_element(json, i);
        result = hone_value_integer(&element, low, high, &choices[i]);
    }
    *choice_count = (uint32_t)count;
    return result;
}

static int read_draw_axis(const struct hone_axis *axis, const struct hone_value *json,
                          struct hone_hidden *hidden, uint32_t index) {
    static const char *const keys[] = {"uniform", "loguniform", "choice", NULL};
    int64_t *low = &hidden->axes[index].low, *high = &hidden->axes[index].high;
    if (json_is_integer(json->value)) {
        hidden->axes[index].kind = HONE_DRAW_FIXED;
        int result = hone_value_integer(json, axis->low, axis->high, low);
        *high = *low;
        return result;
    }
    int result = hone_value_object(json, keys);
    if (result < 0)
        return result;
    if (json_object_size(json->value) != 1)
        return hone_value_fail(json, "expected a number, or one of uniform, loguniform and choice");
    struct hone_value uniform = hone_value_member(json, "uniform");
    struct hone_value loguniform = hone_value_member(json, "loguniform");
    struct hone_value choice = hone_value_member(json, "choice");
    if (choice.value) {
        hidden->axes[index].kind = HONE_DRAW_CHOICE;
        return read_draw_choice(&choice, axis->low, axis->high, hidden->axes[index].choices,
                                &hidden->axes[index].choice_count);
    }
    hidden->axes[index].kind = uniform.value ? HONE_DRAW_UNIFORM : HONE_DRAW_LOGUNIFORM;
    const struct hone_value *range = uniform.value ? &uniform : &loguniform;
    size_t count;
    result = hone_value_array(range, 2, 2, &count);
    if (result < 0)
        return result;
    struct hone_value first = hone_value_element(range, 0), second = hone_value_element(range, 1);
    int64_t least = uniform.value || axis->low > 1 ? axis->low : 1; /* no logarithm of 0 */
    result = hone_value_integer(&first, least, axis->high, low);
    return result < 0 ? result : hone_value_integer(&second, *low, axis->high, high);
}

/* Draw a number of times, and once more with every axis at its largest, where that is allowed. */
static int try_draws(const struct hone_task *task, uint32_t index, const struct hone_value *json) {
    struct hone_workload workload;
    struct hone_error why;
    for (uint64_t seed = 0; seed < TRIAL_DRAWS; seed++) {
        int result = hone_task_try_draw(task, index, seed, &workload, &why);
        if (result == -ERANGE)
            return hone_value_fail(json, "no draw satisfies the constraints: %s", why.text);
        if (result < 0)
            return hone_value_fail(json, "%s", why.text);
        result = hone_task_check_workload(task, &workload, json);
        if (result < 0)
            return result;
    }
    const struct hone_hidden *hidden = &task->hidden[index];
    workload = hidden->base;
    for (uint32_t i = 0; i < task->axis_count; i++) {
        workload.axes[i] = hidden->axes[i].high;
        for (uint32_t j = 0; j < hidden->axes[i].choice_count; j++)
            if (hidden->axes[i].choices[j] > workload.axes[i])
                workload.axes[i] = hidden->axes[i].choices[j];
    }
    if (hone_task_complete_draw(task, hidden, &workload, NULL) < 0)
        return 0;
    return hone_task_check_workload(task, &workload, json);
}

static int read_hidden(const struct hone_task_reading *reading, const struct hone_value *json,
                       struct hone_hidden *hidden) {
    const struct hone_task *task = reading->task;
    static const char *const keys[] = {"set",         "profile", "draw",    "axes",
                                       "constraints", "gen",     "scalars", "exact",
                                       "weight",      "dtypes",  "sampled", NULL};
    static const char *const sets[] = {"hidden", NULL};
    struct hone_value set = hone_value_member(json, "set"), draw = hone_value_member(json, "draw");
    struct hone_value axes = hone_value_member(json, "axes");
    struct hone_value constraints = hone_value_member(json, "constraints");
    uint32_t which;
    int64_t draws = 1;
    int result = hone_value_object(json, keys);
    if (result == 0 && set.value)
        result = hone_value_choice(&set, sets, &which);
    if (result == 0 && draw.value)
        result = hone_value_integer(&draw, 1, DRAWS_MAX, &draws);
    if (result == 0)
        result = hone_task_require_axes(task, &axes);
    for (uint32_t i = 0; result == 0 && i < task->axis_count; i++) {
        struct hone_value axis = hone_value_member(&axes, task->axes[i].name);
        if (!task->axes[i].expression)
            result = read_draw_axis(&task->axes[i], &axis, hidden, i);
    }
    if (result == 0)
        result = hone_task_read_texts(reading, &constraints, &hidden->constraints,
                                      &hidden->constraint_count);
    if (result == 0)
        result = hone_task_read_common(reading, json, &hidden->base, hidden->texts);
    hidden->draws = (uint32_t)draws;
    hidden->base.set = HONE_HIDDEN;
    snprintf(hidden->base.id, sizeof hidden->base.id, "hidden");
    return result;
}

int hone_task_read_hidden(const struct hone_task_reading *reading, const struct hone_value *json) {
    struct hone_task *task = reading->task;
    struct hone_task_profile *cpu = &task->profiles[HONE_SIZES_CPU];
    struct hone_task_profile *gpu = &task->profiles[HONE_SIZES_GPU];
    size_t count = 0;
    int result = json->value ? hone_value_array(json, 0, DRAWS_MAX, &count) : 0;
    /* The cpu's, which a gpu runs too, and the gpu's behind them. */
    struct hone_hidden *hidden = hone_task_allocate(task, (count + 1) * sizeof *hidden);
    if (!hidden)
        return -ENOMEM;
    cpu->hidden = gpu->hidden = hidden;
    for (uint32_t pass = 0; pass < HONE_SIZES_COUNT; pass++)
        for (size_t i = 0; result == 0 && i < count; i++) {
            struct hone_value element = hone_value_element(json, i);
            struct hone_value axes = hone_value_member(&element, "axes");
            enum hone_sizes profile;
            bool in = false;
            result = hone_task_read_profile_of(&element, &profile);
            if (result == 0)
                result = hone_task_in_variant(reading, &element, &in);
            if (result < 0 || !in || profile != pass)
                continue;
            const uint32_t place = gpu->hidden_count++;
            cpu->hidden_count += profile == HONE_SIZES_CPU;
            hone_task_choose(task, profile);
            result = read_hidden(reading, &element, &hidden[place]);
            for (uint32_t runs = profile; result == 0 && runs < HONE_SIZES_COUNT; runs++) {
                hone_task_choose(task, (enum hone_sizes)runs);
                result = try_draws(task, place, &axes);
            }
        }
    hone_task_choose(task, HONE_SIZES_CPU);
    return result;
}
