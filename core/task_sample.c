/* "sample": {"axes": {"m": 64, "n": 64}, "linear": "n"}: how to judge what is too big for the whole
 * truth (core/sample.h). */
#include "core/task_read.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SAMPLE_MOST 4096 /* indices of one axis */

static bool names_axis(const char *expression, const char *axis) {
    const size_t length = strlen(axis);
    for (const char *at = expression; (at = strstr(at, axis)); at += length) {
        const unsigned char before = at > expression ? (unsigned char)at[-1] : ' ';
        const unsigned char after = (unsigned char)at[length];
        if (!isalnum(before) && before != '_' && !isalnum(after) && after != '_')
            return true;
    }
    return false;
}

/* How many dimensions are the axis itself; one that is computed from it cannot be cut. */
static int count_dimensions(const struct hone_task *task, const struct hone_value *json,
                            uint32_t arg, uint32_t axis, uint32_t *count) {
    const struct hone_arg *argument = &task->args[arg];
    const char *name = task->axes[axis].name;
    *count = 0;
    for (uint32_t i = 0; hone_arg_is_tensor(argument) && i < argument->ndim; i++) {
        const bool whole = strcmp(argument->shape[i], name) == 0;
        *count += whole;
        if (!whole && names_axis(argument->shape[i], name))
            return hone_value_fail(json, "%s has a dimension of \"%.60s\", expected %s by itself",
                                   argument->name, argument->shape[i], name);
    }
    return 0;
}

static int find_axis(const struct hone_task *task, const struct hone_value *json, const char *name,
                     uint32_t *axis) {
    for (*axis = 0; *axis < task->axis_count; ++*axis)
        if (strcmp(task->axes[*axis].name, name) == 0 && !task->axes[*axis].expression)
            return 0;
    return hone_value_fail(json, "no variable axis is called \"%.40s\"", name);
}

static int read_axis(struct hone_task *task, const struct hone_value *json) {
    struct hone_task_sample *sample = &task->sample;
    if (sample->axis_count == HONE_SAMPLE_AXES_MAX)
        return hone_value_fail(json, "expected at most %d axes", HONE_SAMPLE_AXES_MAX);
    const uint32_t place = sample->axis_count;
    int result = find_axis(task, json, json->key, &sample->axes[place]);
    if (result == 0)
        result = hone_value_integer(json, 2, SAMPLE_MOST, &sample->counts[place]);
    for (uint32_t i = 0; result == 0 && i < task->arg_count; i++) {
        uint32_t count;
        result = count_dimensions(task, json, i, sample->axes[place], &count);
    }
    sample->axis_count += result == 0;
    return result;
}

static int read_linear(struct hone_task *task, const struct hone_value *json) {
    const char *name;
    uint32_t axis = 0, carried = 0;
    int result = hone_value_text(json, &name);
    if (result == 0)
        result = find_axis(task, json, name, &axis);
    for (uint32_t i = 0; result == 0 && i < task->arg_count; i++) {
        const struct hone_arg *argument = &task->args[i];
        const bool output = hone_arg_is_output(argument);
        uint32_t count;
        result = count_dimensions(task, json, i, axis, &count);
        if (result == 0 && output && count != 1)
            return hone_value_fail(json, "expected every output to have the axis once, %s does not",
                                   argument->name);
        if (result == 0 && !output && count == 1 && task->dtype_count &&
            (argument->dtype == HONE_F16 || argument->dtype == HONE_BF16))
            return 0; /* two parts do not hold its sums: this variant goes without */
        if (result == 0 && !output && count &&
            (count > 1 || (argument->dtype != HONE_F32 && argument->dtype != HONE_F64)))
            return hone_value_fail(json, "%s cannot be summed along it: expected f32 or f64, once",
                                   argument->name);
        carried += !output && count;
    }
    if (result == 0 && !carried)
        return hone_value_fail(json, "no input has this axis");
    task->sample.linear = axis;
    return result;
}

int hone_task_read_sample(const struct hone_task_reading *reading, const struct hone_value *json) {
    static const char *const keys[] = {"axes", "linear", NULL};
    struct hone_task *task = reading->task;
    task->sample.linear = HONE_NO_AXIS;
    if (!json->value)
        return 0;
    int result = hone_value_object(json, keys);
    struct hone_value axes = hone_value_member(json, "axes");
    struct hone_value linear = hone_value_member(json, "linear");
    if (result == 0 && !json_is_object(axes.value))
        return hone_value_fail(&axes, "expected an object from axis to how many of its indices");
    const char *key;
    json_t *value;
    if (result == 0)
        json_object_foreach(axes.value, key, value) {
            struct hone_value member = hone_value_member(&axes, key);
            result = read_axis(task, &member);
            if (result < 0)
                return result;
        }
    if (result == 0 && !task->sample.axis_count)
        return hone_value_fail(&axes, "expected an axis at least");
    for (uint32_t i = 0; result == 0 && i < task->arg_count; i++) {
        const struct hone_arg *argument = &task->args[i];
        if (hone_arg_is_output(argument) &&
            (argument->role == HONE_INOUT || argument->dtype > HONE_BF16))
            return hone_value_fail(json, "%s cannot be sampled: expected outputs of floats only",
                                   argument->name);
    }
    return result < 0 || !linear.value ? result : read_linear(task, &linear);
}
