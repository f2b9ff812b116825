/* The "workloads" of a task, and what they share with its "hidden" ones. */
#include "core/task_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENT_BYTES_MAX (512 << 20) /* of one workload */

int hone_task_check_workload(const struct hone_task *task, const struct hone_workload *workload,
                             const struct hone_value *json) {
    struct hone_error why;
    for (uint32_t i = 0; i < task->arg_count; i++) {
        uint32_t dimension;
        if (hone_task_check_arg(task, workload, i, &dimension, &why) < 0) {
            if (dimension < task->args[i].ndim)
                return hone_value_fail(json, "makes args[%u].shape[%u] impossible: %s", i,
                                       dimension, why.text);
            return hone_value_fail(json, "makes args[%u] impossible: %s", i, why.text);
        }
        struct hone_limits limits;
        if (hone_arg_is_output(&task->args[i]) &&
            hone_task_check_limits(task, workload, i, 1, &limits, &why) < 0)
            return hone_value_fail(json, "makes the tolerance impossible: %s", why.text);
    }
    const uint64_t bytes = hone_workload_bytes(task, workload);
    if (task->sizes == HONE_SIZES_GPU && bytes > ARGUMENT_BYTES_MAX)
        return hone_value_fail(json, "expected at most %d MiB of arguments, found %.0f",
                               ARGUMENT_BYTES_MAX >> 20, (double)bytes / (1 << 20));
    if (hone_task_check_cost(task, workload, &why) < 0)
        return hone_value_fail(json, "makes the cost impossible: %s", why.text);
    if (hone_task_check_workspace(task, workload, &why) < 0)
        return hone_value_fail(json, "makes the workspace impossible: %s", why.text);
    return 0;
}

static int find_arg(const struct hone_task *task, const char *name) {
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (strcmp(task->args[i].name, name) == 0)
            return (int)i;
    return -ENOENT;
}

static int read_generates(const struct hone_task_reading *reading, const struct hone_value *json,
                          struct hone_workload *workload, struct hone_generate_texts *texts) {
    const struct hone_task *task = reading->task;
    if (!json->value)
        return 0;
    if (!json_is_object(json->value))
        return hone_value_fail(json, "expected an object from argument to generator");
    const char *key;
    json_t *value;
    json_object_foreach(json->value, key, value) {
        struct hone_value member = hone_value_member(json, key);
        int arg = find_arg(task, key);
        if (arg < 0 || !hone_arg_is_tensor(&task->args[arg]) || task->args[arg].role == HONE_OUT)
            return hone_value_fail(&member, "no input is called \"%.40s\"", key);
        int result = hone_task_read_generate(reading, &member, task->args[arg].dtype,
                                             &workload->generate[arg], &texts[arg]);
        if (result < 0)
            return result;
    }
    return 0;
}

static int read_scalars(const struct hone_task *task, const struct hone_value *json,
                        struct hone_workload *workload) {
    if (!json->value)
        return 0;
    if (!json_is_object(json->value))
        return hone_value_fail(json, "expected an object from scalar to value");
    const char *key;
    json_t *value;
    json_object_foreach(json->value, key, value) {
        struct hone_value member = hone_value_member(json, key);
        int arg = find_arg(task, key);
        if (arg < 0 || task->args[arg].role != HONE_SCALAR)
            return hone_value_fail(&member, "no scalar is called \"%.40s\"", key);
        int result = hone_task_read_scalar(&member, task->args[arg].dtype, &workload->scalar[arg]);
        if (result < 0)
            return result;
    }
    return 0;
}

int hone_task_read_common(const struct hone_task_reading *reading, const struct hone_value *json,
                          struct hone_workload *workload,
                          struct hone_generate_texts texts[HONE_ARGS_MAX]) {
    const struct hone_task *task = reading->task;
    struct hone_value generate = hone_value_member(json, "gen");
    struct hone_value scalars = hone_value_member(json, "scalars");
    struct hone_value exact = hone_value_member(json, "exact");
    struct hone_value weight = hone_value_member(json, "weight");
    struct hone_value sampled = hone_value_member(json, "sampled");
    for (uint32_t i = 0; i < task->arg_count; i++) {
        workload->generate[i] = task->args[i].generate;
        texts[i] = task->args[i].texts;
        workload->scalar[i] = task->args[i].scalar;
    }
    workload->weight = 1;
    int result = read_generates(reading, &generate, workload, texts);
    if (result == 0)
        result = read_scalars(task, &scalars, workload);
    if (result == 0 && exact.value)
        result = hone_value_flag(&exact, &workload->exact);
    if (result == 0 && weight.value)
        result = hone_value_real(&weight, 1e-6, 1e6, &workload->weight);
    if (result == 0 && sampled.value)
        result = hone_value_flag(&sampled, &workload->sampled);
    if (result == 0 && workload->sampled && task->sample.axis_count == 0)
        return hone_value_fail(&sampled, "the task has no \"sample\" to judge it by");
    if (result == 0 && workload->sampled && workload->set == HONE_DEBUG)
        return hone_value_fail(&sampled, "a debug workload is judged whole: its values are shown");
    return result;
}

int hone_task_require_axes(const struct hone_task *task, const struct hone_value *json) {
    if (!json_is_object(json->value))
        return hone_value_fail(json, "expected an object with every variable axis");
    const char *key;
    json_t *value;
    json_object_foreach(json->value, key, value) {
        uint32_t i = 0;
        while (i < task->axis_count && strcmp(task->axes[i].name, key) != 0)
            i++;
        struct hone_value member = hone_value_member(json, key);
        if (i == task->axis_count)
            return hone_value_fail(&member, "no axis is called \"%.40s\"", key);
        if (task->axes[i].expression)
            return hone_value_fail(&member, "this axis is computed: \"%.80s\"",
                                   task->axes[i].expression);
    }
    return 0;
}

static int read_id(const struct hone_task *task, const struct hone_value *json,
                   struct hone_workload *workload) {
    const char *text;
    int result = hone_value_text(json, &text);
    if (result < 0)
        return result;
    size_t length = strlen(text);
    if (length >= sizeof workload->id ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") != length)
        return hone_value_fail(json, "expected at most %zu of a-z 0-9 _ -",
                               sizeof workload->id - 1);
    if (strcmp(text, "hidden") == 0)
        return hone_value_fail(json, "the id \"hidden\" is taken; choose another");
    for (uint32_t profile = 0; profile < HONE_SIZES_COUNT; profile++)
        for (uint32_t i = 0; i < task->profiles[profile].workload_count; i++)
            if (strcmp(task->profiles[profile].workloads[i].id, text) == 0)
                return hone_value_fail(json, "a second workload called \"%s\"", text);
    memcpy(workload->id, text, length + 1);
    return 0;
}

static int read_workload(const struct hone_task_reading *reading, const struct hone_value *json,
                         struct hone_workload *workload) {
    const struct hone_task *task = reading->task;
    static const char *const keys[] = {"id",    "set",    "profile", "axes",    "gen", "scalars",
                                       "exact", "weight", "dtypes",  "sampled", NULL};
    static const char *const sets[] = {"debug", "verify", "bench", NULL};
    int result = hone_value_object(json, keys);
    struct hone_value id = hone_value_member(json, "id"), set = hone_value_member(json, "set");
    struct hone_value axes = hone_value_member(json, "axes");
    uint32_t which = 0;
    if (result == 0)
        result = read_id(task, &id, workload);
    if (result == 0)
        result = hone_value_choice(&set, sets, &which);
    if (result == 0)
        result = hone_task_require_axes(task, &axes);
    workload->set = (enum hone_workload_set)(which + HONE_DEBUG);
    for (uint32_t i = 0; result == 0 && i < task->axis_count; i++) {
        struct hone_value axis = hone_value_member(&axes, task->axes[i].name);
        if (!task->axes[i].expression)
            result = hone_value_integer(&axis, task->axes[i].low, task->axes[i].high,
                                        &workload->axes[i]);
    }
    struct hone_generate_texts texts[HONE_ARGS_MAX];
    if (result == 0)
        result = hone_task_read_common(reading, json, workload, texts);
    if (result < 0)
        return result;
    struct hone_error why;
    if (hone_task_complete_axes(task, workload, &why) < 0)
        return hone_value_fail(&axes, "%s", why.text);
    result = hone_task_check_workload(task, workload, &axes);
    if (result == 0 && hone_task_complete_generators(task, workload, texts, &why) < 0)
        result = hone_value_fail(json, "%s", why.text);
    return result;
}

int hone_task_read_profile_of(const struct hone_value *json, enum hone_sizes *profile) {
    static const char *const profiles[] = {"cpu", "gpu", NULL};
    struct hone_value text = hone_value_member(json, "profile");
    uint32_t index = HONE_SIZES_CPU;
    int result =
        json_is_object(json->value) && text.value ? hone_value_choice(&text, profiles, &index) : 0;
    *profile = (enum hone_sizes)index;
    return result;
}

static bool has_bench(const struct hone_task_profile *profile) {
    bool has = false;
    for (uint32_t i = 0; i < profile->workload_count; i++)
        has |= profile->workloads[i].set == HONE_BENCH;
    return has;
}

/* Put the cpu's that a gpu runs too before its own. */
static void share_workloads(const struct hone_task_profile *cpu, struct hone_task_profile *gpu,
                            struct hone_workload *workloads) {
    const bool own = has_bench(gpu);
    struct hone_workload *from = workloads + cpu->workload_count;
    uint32_t count = 0;
    memmove(from, workloads, gpu->workload_count * sizeof *workloads);
    for (uint32_t i = 0; i < cpu->workload_count; i++)
        if (!own || cpu->workloads[i].set != HONE_BENCH)
            workloads[count++] = cpu->workloads[i];
    memmove(workloads + count, from, gpu->workload_count * sizeof *workloads);
    gpu->workload_count += count;
    gpu->shared_count = count;
}

static int require_sets(const struct hone_task *task, const struct hone_value *json) {
    uint32_t in_set[HONE_HIDDEN + 1] = {0};
    for (uint32_t i = 0; i < task->profiles[HONE_SIZES_CPU].workload_count; i++)
        in_set[task->profiles[HONE_SIZES_CPU].workloads[i].set]++;
    if (!in_set[HONE_DEBUG] || !in_set[HONE_VERIFY] || !in_set[HONE_BENCH])
        return hone_value_fail(json,
                               "expected a debug, a verify and a bench workload at least, "
                               "found %u, %u and %u",
                               in_set[HONE_DEBUG], in_set[HONE_VERIFY], in_set[HONE_BENCH]);
    return 0;
}

int hone_task_read_workloads(const struct hone_task_reading *reading,
                             const struct hone_value *json) {
    struct hone_task *task = reading->task;
    struct hone_workload *workloads[HONE_SIZES_COUNT];
    size_t count;
    int result = hone_value_array(json, 1, HONE_WORKLOADS_MAX, &count);
    for (uint32_t i = 0; result == 0 && i < HONE_SIZES_COUNT; i++) {
        task->profiles[i].workloads = workloads[i] =
            hone_task_allocate(task, count * sizeof *workloads[i]);
        if (!workloads[i])
            return -ENOMEM;
    }
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct hone_value element = hone_value_element(json, i);
        struct hone_workload workload = {0};
        enum hone_sizes profile;
        bool in = false;
        result = hone_task_read_profile_of(&element, &profile);
        if (result == 0)
            result = hone_task_in_variant(reading, &element, &in);
        if (result < 0 || !in)
            continue;
        hone_task_choose(task, profile);
        result = read_workload(reading, &element, &workload);
        if (result == 0)
            workloads[profile][task->profiles[profile].workload_count++] = workload;
    }
    if (result == 0)
        result = require_sets(task, json);
    if (result < 0)
        return result;
    share_workloads(&task->profiles[HONE_SIZES_CPU], &task->profiles[HONE_SIZES_GPU],
                    workloads[HONE_SIZES_GPU]);
    hone_task_choose(task, HONE_SIZES_GPU);
    for (uint32_t i = 0; result == 0 && i < task->workload_count; i++) {
        struct hone_workload workload = task->workloads[i];
        struct hone_error why;
        if (hone_task_complete_axes(task, &workload, &why) < 0)
            result = hone_value_fail(json, "workload \"%s\" is not one for a gpu: %s", workload.id,
                                     why.text);
    }
    return result;
}
