#include "core/scorer_child.h"

#include "core/error.h"
#include "core/inputs.h"
#include "core/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <xxhash.h>

static int find_plugin(const struct hone_scorer_child *child, uint32_t index,
                       const struct hone_instance **plugin, struct hone_error *error) {
    if (index >= child->plugin_count[HONE_TASK])
        return hone_fail(error, -EINVAL, "scorer: task plugin %u of %u", index,
                         child->plugin_count[HONE_TASK]);
    *plugin = &child->plugins[HONE_TASK][index];
    return 0;
}

static int count_tasks(struct hone_scorer_child *child, uint32_t plugin, uint32_t *count,
                       struct hone_error *error) {
    const struct hone_instance *instance = NULL;
    int result = find_plugin(child, plugin, &instance, error);
    if (result)
        return result;
    const char *name = instance->loaded.plugin->name;
    hone_child_announce(child, HONE_TASK, name, "count");
    result = instance->loaded.plugin->task->count(instance->self, count);
    return hone_child_ended(child, HONE_TASK, name, "count", result, error);
}

/* The description's strings are the plugin's; its text is the reason when there is one. */
static int describe(struct hone_scorer_child *child, uint32_t plugin, uint32_t index,
                    struct hone_task_description *description, struct hone_error *error) {
    const struct hone_instance *instance = NULL;
    struct hone_error why = {{0}};
    int result = find_plugin(child, plugin, &instance, error);
    if (result)
        return result;
    const struct hone_plugin *table = instance->loaded.plugin;
    *description = (struct hone_task_description){.size = sizeof *description};
    hone_child_announce(child, HONE_TASK, table->name, "describe");
    result = table->task->describe(instance->self, index, description, &why);
    why.text[sizeof why.text - 1] = '\0';
    const int ended = hone_child_ended(child, HONE_TASK, table->name, "describe", result, error);
    if (result && why.text[0])
        return hone_fail(error, -EREMOTEIO, "%s", why.text);
    if (ended)
        return ended;
    if (!description->origin)
        description->origin = table->name;
    return 0;
}

int hone_child_task_count(struct hone_scorer_child *child, const struct hone_wire_request *request,
                          struct hone_wire_reply *reply, struct hone_error *error) {
    return count_tasks(child, request->plugin, &reply->count, error);
}

/* Append one file to the reply. False when there is no room. */
static bool put_file(char *room, uint64_t *used, const char *name, const char *text,
                     uint64_t text_bytes) {
    struct hone_wire_file head = {strlen(name), text_bytes};
    uint64_t left = HONE_WIRE_ROOM_BYTES - *used, need = sizeof head + head.name_bytes + 2;
    if (need > left || text_bytes > left - need)
        return false;
    char *at = room + *used;
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, name, head.name_bytes + 1);
    at += sizeof head + head.name_bytes + 1;
    memcpy(at, text, text_bytes);
    at[text_bytes] = '\0';
    *used += need + text_bytes;
    return true;
}

int hone_child_describe(struct hone_scorer_child *child, const struct hone_wire_request *request,
                        struct hone_wire_reply *reply, struct hone_error *error) {
    struct hone_task_description description;
    char *room = hone_wire_reply_room(child->exchange);
    int result = describe(child, request->plugin, request->index, &description, error);
    if (result)
        return result;
    bool fits = put_file(room, &reply->bytes, "", description.origin, strlen(description.origin));
    for (uint32_t i = 0; i < description.file_count && fits; i++)
        fits = put_file(room, &reply->bytes, description.files[i].name, description.files[i].text,
                        description.files[i].bytes);
    if (!fits)
        return hone_fail(error, -E2BIG, "%s: larger than %u bytes", description.origin,
                         HONE_WIRE_ROOM_BYTES);
    reply->count = description.file_count + 1;
    return 0;
}

static int keep_task(struct hone_scorer_child *child, const struct hone_known_task *known) {
    struct hone_known_task *tasks =
        realloc(child->tasks, ((size_t)child->task_count + 1) * sizeof *tasks);
    if (!tasks) {
        hone_task_destroy(known->task);
        return -ENOMEM;
    }
    child->tasks = tasks;
    child->tasks[child->task_count++] = *known;
    return 0;
}

/* Parse every task there is, in every dtype; one that cannot be read was reported by the process
 * that lists them. */
static int read_tasks(struct hone_scorer_child *child, struct hone_error *error) {
    for (uint32_t plugin = 0; plugin < child->plugin_count[HONE_TASK]; plugin++) {
        uint32_t count = 0;
        int result = count_tasks(child, plugin, &count, error);
        if (result)
            return result;
        for (uint32_t index = 0; index < count; index++) {
            struct hone_task_description description;
            struct hone_known_task known = {.plugin = plugin, .index = index};
            if (describe(child, plugin, index, &description, NULL))
                continue;
            for (uint32_t variant = 0; variant < HONE_DTYPES_MAX; variant++)
                if (!hone_task_parse_variant(&description, variant, &known.task, NULL) &&
                    keep_task(child, &known))
                    return hone_fail(error, -ENOMEM, "out of memory");
        }
    }
    child->tasks_read = true;
    return 0;
}

void hone_child_forget_tasks(struct hone_scorer_child *child) {
    for (uint32_t i = 0; i < child->task_count; i++)
        hone_task_destroy(child->tasks[i].task);
    free(child->tasks);
    child->tasks = NULL;
    child->task_count = 0;
    child->tasks_read = false;
}

static int find_task(struct hone_scorer_child *child, const char *hash,
                     struct hone_known_task **known, struct hone_error *error) {
    if (!child->tasks_read) {
        hone_child_forget_tasks(child); /* of a reading that failed half way */
        int result = read_tasks(child, error);
        if (result)
            return result;
    }
    for (uint32_t i = 0; i < child->task_count; i++)
        if (!strcmp(child->tasks[i].task->hash, hash)) {
            *known = &child->tasks[i];
            return 0;
        }
    return hone_fail(error, -ENOENT,
                     "scorer: no task has the hash %s: its folder changed since the server started",
                     hash);
}

struct arguments {
    struct hone_task_argument rows[HONE_ARGS_MAX];
    int64_t shapes[HONE_ARGS_MAX][HONE_DIMS_MAX];
};

static void type_of(enum hone_dtype dtype, struct hone_tensor *tensor) {
    static const uint8_t codes[] = {
        [HONE_F64] = HONE_TYPE_FLOAT,   [HONE_F32] = HONE_TYPE_FLOAT, [HONE_F16] = HONE_TYPE_FLOAT,
        [HONE_BF16] = HONE_TYPE_BFLOAT, [HONE_I64] = HONE_TYPE_INT,   [HONE_I32] = HONE_TYPE_INT,
        [HONE_U8] = HONE_TYPE_UINT,     [HONE_BOOL] = HONE_TYPE_BOOL, [HONE_U32] = HONE_TYPE_UINT,
        [HONE_U64] = HONE_TYPE_UINT};
    tensor->type_code = codes[dtype];
    tensor->type_bits = (uint8_t)(8 * hone_dtype_bytes(dtype));
    tensor->type_lanes = 1;
}

/* The arguments as a plugin sees them; with `oracle`, outputs are tensors of f64, else they have no
 * data. */
static void make_arguments(const struct hone_task *task, const struct hone_workload *workload,
                           const struct hone_set_layout *layout, void *memory, bool oracle,
                           struct arguments *arguments) {
    memset(arguments, 0, sizeof *arguments);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_arg *arg = &task->args[i];
        struct hone_task_argument *row = &arguments->rows[i];
        row->name = arg->name;
        row->real = workload->scalar[i];
        row->integer =
            arg->role == HONE_AXIS ? workload->axes[arg->axis] : (int64_t)workload->scalar[i];
        if (!hone_arg_is_tensor(arg))
            continue;
        bool truth = oracle && hone_arg_is_output(arg);
        uint64_t offset = truth ? layout->oracle_offset[i] : layout->input_offset[i];
        hone_task_shape(task, workload, i, arguments->shapes[i]);
        row->tensor = (struct hone_tensor){
            .device_type = 1, .ndim = (int32_t)arg->ndim, .shape = arguments->shapes[i]};
        if (offset != UINT64_MAX)
            row->tensor.data = (char *)memory + offset;
        type_of(truth ? HONE_F64 : arg->dtype, &row->tensor);
    }
}

static struct hone_task_workload describe_workload(const struct hone_task *task,
                                                   const struct hone_workload *workload) {
    return (struct hone_task_workload){.size = sizeof(struct hone_task_workload),
                                       .axis_count = task->axis_count,
                                       .id = workload->id,
                                       .axes = workload->axes};
}

static int fill_inputs(struct hone_scorer_child *child, const struct hone_known_task *known,
                       const struct hone_workload *workload, const struct hone_set_layout *layout,
                       uint64_t seed, void *memory, struct hone_error *error) {
    const struct hone_instance *plugin = &child->plugins[HONE_TASK][known->plugin];
    const struct hone_task_ops *ops = plugin->loaded.plugin->task;
    const struct hone_task *task = known->task;
    if (HONE_HAS(ops, inputs)) {
        struct hone_task_workload place = describe_workload(task, workload);
        struct arguments arguments;
        make_arguments(task, workload, layout, memory, false, &arguments);
        hone_child_announce(child, HONE_TASK, plugin->loaded.plugin->name, "inputs");
        int result =
            ops->inputs(plugin->self, known->index, &place, seed, arguments.rows, task->arg_count);
        return hone_child_ended(child, HONE_TASK, plugin->loaded.plugin->name, "inputs", result,
                                error);
    }
    hone_child_announce(child, HONE_TASK, task->id, "inputs");
    for (uint32_t i = 0; i < task->arg_count; i++) {
        if (layout->input_offset[i] == UINT64_MAX || !hone_arg_is_tensor(&task->args[i]) ||
            task->args[i].role == HONE_OUT)
            continue;
        int result =
            hone_inputs_fill(task, workload, seed, i, (char *)memory + layout->input_offset[i]);
        if (result)
            return hone_fail(error, result, "%s: %s cannot be drawn: %s", task->id,
                             task->args[i].name, strerror(-result));
    }
    if (layout->sampled)
        *(uint64_t *)(void *)((char *)memory + layout->drawn_offset) = 1;
    return 0;
}

/* What an oracle was given is what candidates are given: one that writes to it would say the truth
 * about inputs that nobody else sees. */
static uint64_t digest_inputs(const struct hone_task *task, const struct hone_set_layout *layout,
                              const void *memory) {
    uint64_t digest = 0;
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_tensor(&task->args[i]) && layout->input_offset[i] != UINT64_MAX)
            digest = XXH3_64bits_withSeed(
                (const char *)memory + layout->input_offset[i],
                (size_t)layout->count[i] * hone_dtype_bytes(task->args[i].dtype), digest);
    return digest;
}

static int compute_truth(struct hone_scorer_child *child, struct hone_known_task *known,
                         const struct hone_workload *workload, const struct hone_set_layout *layout,
                         void *memory, struct hone_error *error) {
    const struct hone_instance *plugin = &child->plugins[HONE_TASK][known->plugin];
    const struct hone_task_ops *ops = plugin->loaded.plugin->task;
    const struct hone_task *task = known->task;
    if (HONE_HAS(ops, oracle)) {
        struct hone_task_workload place = describe_workload(task, workload);
        struct arguments arguments;
        make_arguments(task, workload, layout, memory, true, &arguments);
        hone_oracle_prepare(task, layout, memory);
        hone_child_announce(child, HONE_TASK, plugin->loaded.plugin->name, "oracle");
        int result =
            ops->oracle(plugin->self, known->index, &place, arguments.rows, task->arg_count);
        result = hone_child_ended(child, HONE_TASK, plugin->loaded.plugin->name, "oracle", result,
                                  error);
        return result ? result : hone_oracle_check(task, layout, memory, error);
    }
    if (!task->oracle && !task->graph)
        return hone_fail(error, -ENOENT,
                         "%s: has no oracle.c or oracle.graph, and its plugin computes no oracle",
                         task->id);
    hone_child_announce(child, HONE_TASK, task->id, "oracle");
    if (task->graph)
        return hone_oracle_run_graph(task, workload, layout, memory, error);
    int result = known->oracle.call ? 0 : hone_oracle_open(task, &known->oracle, error);
    if (!result)
        result = hone_oracle_run(&known->oracle, task, workload, layout, memory, error);
    const int ended = hone_child_ended(child, HONE_TASK, task->id, "oracle", 0, error);
    return result ? result : ended;
}

static int run_oracle(struct hone_scorer_child *child, struct hone_known_task *known,
                      const struct hone_workload *workload, const struct hone_set_layout *layout,
                      void *memory, struct hone_error *error) {
    const uint64_t before = digest_inputs(known->task, layout, memory);
    int result = compute_truth(child, known, workload, layout, memory, error);
    if (result || digest_inputs(known->task, layout, memory) == before)
        return result;
    const struct hone_plugin *plugin = child->plugins[HONE_TASK][known->plugin].loaded.plugin;
    return hone_fail(error, -EREMOTEIO,
                     "task/%s: the oracle of %s changed an input, expected it to read them only",
                     plugin->name, known->task->id);
}

struct oracle_of {
    struct hone_scorer_child *child;
    struct hone_known_task *known;
};

static int run_smaller(void *context, const struct hone_workload *workload,
                       const struct hone_set_layout *layout, void *memory,
                       struct hone_error *error) {
    const struct oracle_of *of = context;
    return run_oracle(of->child, of->known, workload, layout, memory, error);
}

static int nudge_input(const struct hone_task *task, const struct hone_workload *workload,
                       const struct hone_set_layout *layout, void *memory,
                       struct hone_error *error) {
    if (!workload->nudged)
        return 0;
    const uint32_t arg = workload->nudged - 1;
    if (arg >= task->arg_count || !hone_inputs_may_nudge(task, workload, arg))
        return hone_fail(error, -EINVAL, "%s: argument %u is no input whose bits could be moved",
                         task->id, arg);
    hone_inputs_nudge(layout->count[arg], (void *)((char *)memory + layout->input_offset[arg]));
    return 0;
}

/* What a workload that names an input to change asks for. */
static int change_input(const struct hone_task *task, const struct hone_workload *workload,
                        const struct hone_set_layout *layout, uint64_t seed, void *memory,
                        struct hone_error *error) {
    if (!workload->changed)
        return 0;
    const uint32_t arg = workload->changed - 1;
    if (arg >= task->arg_count || !hone_inputs_may_change(task, workload, arg))
        return hone_fail(error, -EINVAL, "%s: argument %u is no input that could be changed",
                         task->id, arg);
    hone_inputs_change(task->args[arg].dtype, layout->count[arg], seed, arg,
                       (char *)memory + layout->input_offset[arg]);
    return 0;
}

int hone_child_fill_set(struct hone_scorer_child *child, const struct hone_wire_request *request,
                        int memory, struct hone_error *error) {
    struct hone_known_task *known = NULL;
    struct hone_workload workload;
    struct hone_set_layout layout;
    struct stat status;
    if (request->bytes != sizeof workload || !memchr(request->task_hash, '\0', 33))
        return hone_fail(error, -EINVAL, "scorer: a malformed request for a set");
    memcpy(&workload, hone_wire_request_room(child->exchange), sizeof workload);
    workload.id[sizeof workload.id - 1] = '\0';
    int result = find_task(child, request->task_hash, &known, error);
    if (result)
        return result;
    if (workload.sampled && !known->task->sample.axis_count)
        return hone_fail(error, -EINVAL, "%s: a sampled set of a task that has no sample",
                         known->task->id);
    hone_set_layout(known->task, &workload, &layout);
    if (memory < 0 || fstat(memory, &status) || (uint64_t)status.st_size < layout.total_bytes)
        return hone_fail(error, -EINVAL, "%s: memory for a set is smaller than its %llu bytes",
                         known->task->id, (unsigned long long)layout.total_bytes);
    void *set = mmap(NULL, layout.total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (set == MAP_FAILED)
        return hone_fail(error, -errno, "%s: memory for a set: %s", known->task->id,
                         strerror(errno));
    const uint64_t seed = layout.sampled ? hone_sample_inputs_seed(request->seed) : request->seed;
    result = fill_inputs(child, known, &workload, &layout, seed, set, error);
    struct oracle_of of = {child, known};
    const struct hone_sample_oracle oracle = {&of, run_smaller};
    if (!result)
        result = change_input(known->task, &workload, &layout, seed, set, error);
    if (!result)
        result = nudge_input(known->task, &workload, &layout, set, error);
    if (!result && layout.sampled)
        result =
            hone_sample_fill(known->task, &workload, &layout, request->seed, set, &oracle, error);
    else if (!result)
        result = run_oracle(child, known, &workload, &layout, set, error);
    munmap(set, layout.total_bytes);
    return result;
}
