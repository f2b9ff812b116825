/* What differs between devices: ranges, constraints and workloads. */
#include "core/task_read.h"

#include <errno.h>
#include <string.h>

void hone_task_choose(struct hone_task *task, enum hone_sizes profile) {
    const struct hone_task_profile *own = &task->profiles[profile];
    task->sizes = profile;
    task->workload_count = own->workload_count;
    task->workloads = own->workloads;
    task->hidden_count = own->hidden_count;
    task->hidden = own->hidden;
    task->constraint_count = own->constraint_count;
    task->constraints = own->constraints;
    for (uint32_t i = 0; i < task->axis_count; i++) {
        task->axes[i].low = own->low[i];
        task->axes[i].high = own->high[i];
    }
}

static int read_range(const struct hone_task *task, const struct hone_value *json,
                      struct hone_task_profile *profile) {
    uint32_t axis = 0;
    while (axis < task->axis_count && strcmp(task->axes[axis].name, json->key) != 0)
        axis++;
    if (axis == task->axis_count || task->axes[axis].expression)
        return hone_value_fail(json, "no variable axis is called \"%.40s\"", json->key);
    size_t count;
    int result = hone_value_array(json, 2, 2, &count);
    struct hone_value low = hone_value_element(json, 0), high = hone_value_element(json, 1);
    if (result == 0) /* what holds for the cpu's workloads shall hold for the same ones here */
        result = hone_value_integer(&low, 0, profile->low[axis], &profile->low[axis]);
    return result < 0 ? result
                      : hone_value_integer(&high, profile->high[axis], HONE_TENSOR_BYTES_MAX,
                                           &profile->high[axis]);
}

int hone_task_read_profiles(const struct hone_task_reading *reading,
                            const struct hone_value *json) {
    static const char *const keys[] = {"axes", "constraints", NULL};
    struct hone_task *task = reading->task;
    struct hone_task_profile *cpu = &task->profiles[HONE_SIZES_CPU];
    struct hone_task_profile *gpu = &task->profiles[HONE_SIZES_GPU];
    cpu->constraints = task->constraints;
    cpu->constraint_count = task->constraint_count;
    for (uint32_t i = 0; i < task->axis_count; i++) {
        cpu->low[i] = task->axes[i].low;
        cpu->high[i] = task->axes[i].high;
    }
    *gpu = *cpu;
    if (!json->value)
        return 0;
    int result = hone_value_object(json, keys);
    struct hone_value axes = hone_value_member(json, "axes");
    struct hone_value constraints = hone_value_member(json, "constraints");
    if (result == 0 && axes.value && !json_is_object(axes.value))
        return hone_value_fail(&axes, "expected an object from axis to [low, high]");
    const char *key;
    json_t *value;
    if (result == 0 && axes.value)
        json_object_foreach(axes.value, key, value) {
            struct hone_value range = hone_value_member(&axes, key);
            result = read_range(task, &range, gpu);
            if (result < 0)
                return result;
        }
    return result < 0 ? result
                      : hone_task_read_texts(reading, &constraints, &gpu->constraints,
                                             &gpu->constraint_count);
}
