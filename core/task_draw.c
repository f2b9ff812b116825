#include "core/error.h"
#include "core/task_read.h"

#include "plugins/random.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define TRIES_MAX 256

static int hold(const char *const *constraints, uint32_t count, const struct hone_names *names,
                struct hone_error *error) {
    for (uint32_t i = 0; i < count; i++) {
        int64_t holds;
        int result = hone_expression_integer(constraints[i], names, &holds, error);
        if (result < 0)
            return result;
        if (!holds)
            return hone_fail(error, -ERANGE, "constraint \"%s\" does not hold", constraints[i]);
    }
    return 0;
}

int hone_task_complete_axes(const struct hone_task *task, struct hone_workload *workload,
                            struct hone_error *error) {
    struct hone_name rows[HONE_AXES_MAX];
    struct hone_names names = {rows, 0};
    for (uint32_t i = 0; i < task->axis_count; i++) {
        const struct hone_axis *axis = &task->axes[i];
        int64_t *value = &workload->axes[i];
        if (axis->expression) { /* over the axes before it */
            int result = hone_expression_integer(axis->expression, &names, value, error);
            if (result < 0)
                return result;
        } else if (*value < axis->low || *value > axis->high) {
            return hone_fail(error, -ERANGE, "axis %s is %lld, expected %lld..%lld", axis->name,
                             (long long)*value, (long long)axis->low, (long long)axis->high);
        }
        rows[names.count++] = (struct hone_name){.name = axis->name, .integer = *value};
    }
    return hold(task->constraints, task->constraint_count, &names, error);
}

int hone_task_complete_draw(const struct hone_task *task, const struct hone_hidden *hidden,
                            struct hone_workload *workload, struct hone_error *error) {
    struct hone_name rows[HONE_AXES_MAX];
    int result = hone_task_complete_axes(task, workload, error);
    if (result < 0)
        return result;
    const struct hone_names names = {rows, hone_task_names(task, workload, rows)};
    return hold(hidden->constraints, hidden->constraint_count, &names, error);
}

/* Equal chances for every power of two between low and high. */
static int64_t draw_loguniform(int64_t low, int64_t high, uint32_t word) {
    double share = (double)word / 4294967296.0;
    double value = (double)low * exp2(share * log2(((double)high + 1) / (double)low));
    int64_t whole = (int64_t)value;
    return whole < low ? low : whole > high ? high : whole;
}

int hone_task_try_draw(const struct hone_task *task, uint32_t index, uint64_t seed,
                       struct hone_workload *workload, struct hone_error *error) {
    const struct hone_hidden *hidden = &task->hidden[index];
    int result = -ERANGE;
    for (uint32_t attempt = 0; attempt < TRIES_MAX && result == -ERANGE; attempt++) {
        *workload = hidden->base;
        for (uint32_t i = 0; i < task->axis_count; i++) {
            const int64_t low = hidden->axes[i].low, high = hidden->axes[i].high;
            uint32_t word = hone_random_word(seed, attempt, i, index);
            switch (hidden->axes[i].kind) {
            case HONE_DRAW_FIXED:
                workload->axes[i] = low;
                break;
            case HONE_DRAW_UNIFORM:
                workload->axes[i] = hone_random_integer(word, low, high);
                break;
            case HONE_DRAW_LOGUNIFORM:
                workload->axes[i] = draw_loguniform(low, high, word);
                break;
            case HONE_DRAW_CHOICE: {
                int64_t pick = hone_random_integer(word, 0, hidden->axes[i].choice_count - 1);
                workload->axes[i] = hidden->axes[i].choices[pick];
                break;
            }
            }
        }
        result = hone_task_complete_draw(task, hidden, workload, error);
        if (result == 0)
            result = hone_task_complete_generators(task, workload, hidden->texts, error);
    }
    return result;
}

int hone_task_draw(const struct hone_task *task, uint32_t index, uint64_t seed,
                   struct hone_workload *workload) {
    if (index >= task->hidden_count)
        return -EINVAL;
    return hone_task_try_draw(task, index, seed, workload, NULL);
}
