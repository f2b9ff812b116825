#include "core/task.h"

#include "core/error.h"
#include "core/graph.h"
#include "core/task_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A task's memory: a chain of blocks, each behind this header. */
struct block {
    struct block *next;
    _Alignas(16) unsigned char bytes[];
};

void *hone_task_allocate(struct hone_task *task, uint64_t bytes) {
    if (bytes > SIZE_MAX / 2)
        return NULL;
    struct block *block = calloc(1, sizeof *block + (size_t)bytes);
    if (!block)
        return NULL;
    block->next = task->storage;
    task->storage = block;
    return block->bytes;
}

static char *keep_bytes(struct hone_task *task, const char *text, uint64_t bytes) {
    char *kept = hone_task_allocate(task, bytes + 1);
    if (kept)
        memcpy(kept, text, (size_t)bytes);
    return kept;
}

const char *hone_task_keep(struct hone_task *task, const char *text) {
    return keep_bytes(task, text, strlen(text));
}

const struct hone_task_file *hone_task_find_file(const struct hone_task *task, const char *name) {
    for (uint32_t i = 0; i < task->file_count; i++)
        if (strcmp(task->files[i].name, name) == 0)
            return &task->files[i];
    return NULL;
}

int hone_task_read_text(const struct hone_task_reading *reading, const struct hone_value *json,
                        const char **text) {
    const char *borrowed;
    int result = hone_value_text(json, &borrowed);
    if (result < 0)
        return result;
    *text = hone_task_keep(reading->task, borrowed);
    return *text ? 0 : -ENOMEM;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct hone_task_file *)a)->name,
                  ((const struct hone_task_file *)b)->name);
}

static int copy_files(struct hone_task *task, const struct hone_task_description *description,
                      struct hone_error *error) {
    struct hone_task_file *files =
        hone_task_allocate(task, description->file_count * sizeof *files);
    if (!files)
        return -ENOMEM;
    task->files = files;
    task->file_count = description->file_count;
    for (uint32_t i = 0; i < task->file_count; i++) {
        const struct hone_task_file *file = &description->files[i];
        files[i].name = hone_task_keep(task, file->name);
        files[i].text = keep_bytes(task, file->text, file->bytes);
        files[i].bytes = file->bytes;
        if (!files[i].name || !files[i].text)
            return -ENOMEM;
    }
    qsort(files, task->file_count, sizeof *files, by_name);
    for (uint32_t i = 1; i < task->file_count; i++)
        if (strcmp(files[i - 1].name, files[i].name) == 0)
            return hone_fail(error, -EINVAL, "%s: two files called \"%.80s\"", task->origin,
                             files[i].name);
    return 0;
}

/* Lengths go in before the bytes, so that text cannot move from one file to the next unseen. */
static int hash_files(struct hone_task *task) {
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        return -ENOMEM;
    XXH3_128bits_reset(state);
    for (uint32_t i = 0; i < task->file_count; i++) {
        const struct hone_task_file *file = &task->files[i];
        uint64_t lengths[2] = {strlen(file->name), file->bytes};
        XXH3_128bits_update(state, lengths, sizeof lengths);
        XXH3_128bits_update(state, file->name, (size_t)lengths[0]);
        XXH3_128bits_update(state, file->text, (size_t)lengths[1]);
    }
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    task->hash64 = hash.low64;
    snprintf(task->hash, sizeof task->hash, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    return 0;
}

int hone_task_read_file(const struct hone_task_reading *reading, const struct hone_value *json,
                        const char **name, const char **text) {
    const char *wanted;
    int result = hone_value_text(json, &wanted);
    if (result < 0)
        return result;
    const struct hone_task_file *file = hone_task_find_file(reading->task, wanted);
    if (!file)
        return hone_value_fail(json, "the task has no file \"%.80s\"", wanted);
    *name = file->name;
    *text = file->text;
    return 0;
}

static int read_id(const struct hone_task_reading *reading, const struct hone_value *json) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const char *text;
    int result = hone_value_text(json, &text);
    if (result < 0)
        return result;
    size_t suite = strspn(text, letters);
    size_t name = text[suite] == '/' ? strspn(text + suite + 1, letters) : 0;
    if (suite == 0 || name == 0 || text[suite + 1 + name] || suite + name > 62)
        return hone_value_fail(json, "expected suite/task of a-z 0-9 _, at most 63 bytes");
    return hone_task_read_text(reading, json, &reading->task->id);
}

int hone_task_read_texts(const struct hone_task_reading *reading, const struct hone_value *json,
                         const char *const **texts, uint32_t *count) {
    if (!json->value)
        return 0;
    size_t found;
    int result = hone_value_array(json, 0, 64, &found);
    if (result < 0)
        return result;
    const char **kept = hone_task_allocate(reading->task, found * sizeof *kept);
    if (!kept)
        return -ENOMEM;
    for (size_t i = 0; result == 0 && i < found; i++) {
        struct hone_value element = hone_value_element(json, i);
        result = hone_task_read_text(reading, &element, &kept[i]);
    }
    *texts = kept;
    *count = (uint32_t)found;
    return result;
}

static int read_judging(const struct hone_task_reading *reading, const struct hone_value *root) {
    struct hone_task *task = reading->task;
    struct hone_value tolerance = hone_value_member(root, "tolerance");
    struct hone_value reduction = hone_value_member(root, "reduction");
    struct hone_value cost = hone_value_member(root, "cost");
    struct hone_value workspace = hone_value_member(root, "workspace");
    task->reduction = "1";
    int result = tolerance.value ? hone_task_read_tolerance(reading, &tolerance) : 0;
    if (result == 0 && reduction.value)
        result = hone_task_read_text(reading, &reduction, &task->reduction);
    if (result == 0)
        result = hone_task_read_expressions(reading, &cost,
                                            (const char *const[]){"flops", "bytes", NULL},
                                            (const char **const[]){&task->flops, &task->bytes});
    if (result == 0)
        result = hone_task_read_expressions(reading, &workspace,
                                            (const char *const[]){"max_bytes", NULL},
                                            (const char **const[]){&task->workspace});
    return result;
}

static int read_oracle(const struct hone_task_reading *reading, const struct hone_value *json) {
    static const char *const keys[] = {"c", "graph", NULL};
    const char *name;
    if (!json->value)
        return 0;
    int result = hone_value_object(json, keys);
    struct hone_value source = hone_value_member(json, "c");
    struct hone_value graph = hone_value_member(json, "graph");
    if (result == 0 && !source.value == !graph.value)
        return hone_value_fail(json, "expected either \"c\" or \"graph\", with a file's name");
    if (result == 0 && source.value)
        return hone_task_read_file(reading, &source, &name, &reading->task->oracle);
    return result < 0 ? result : hone_task_read_graph(reading, &graph, &reading->task->graph);
}

/* The lines of the oracle's graph, unless the task has others. */
static int read_operators(const struct hone_task_reading *reading, const struct hone_value *json) {
    static const char *const keys[] = {"graph", NULL};
    struct hone_task *task = reading->task;
    task->operators = task->graph;
    if (!json->value)
        return 0;
    task->operators = NULL;
    int result = hone_value_object(json, keys);
    struct hone_value graph = hone_value_member(json, "graph");
    return result < 0 ? result : hone_task_read_graph(reading, &graph, &task->operators);
}

static int read_limits(const struct hone_task_reading *reading, const struct hone_value *json) {
    static const char *const keys[] = {"compile_s", "call_s", "source_bytes", NULL};
    struct hone_task *task = reading->task;
    int64_t bytes = 256 * 1024;
    task->compile_limit_s = 20;
    task->call_limit_s = 5;
    int result = json->value ? hone_value_object(json, keys) : 0;
    struct hone_value compile = hone_value_member(json, "compile_s");
    struct hone_value call = hone_value_member(json, "call_s");
    struct hone_value source = hone_value_member(json, "source_bytes");
    if (result == 0 && compile.value)
        result = hone_value_real(&compile, 0.1, 600, &task->compile_limit_s);
    if (result == 0 && call.value)
        result = hone_value_real(&call, 0.001, 600, &task->call_limit_s);
    if (result == 0 && source.value)
        result = hone_value_integer(&source, 1, 16 << 20, &bytes);
    task->source_limit_bytes = (uint64_t)bytes;
    return result;
}

static int read_prompt(const struct hone_task_reading *reading, const struct hone_value *json,
                       const struct hone_value *root) {
    const char *name;
    if (json->value)
        return hone_task_read_file(reading, json, &name, &reading->task->prompt);
    const struct hone_task_file *file = hone_task_find_file(reading->task, "prompt.md");
    if (!file)
        return hone_value_fail(root, "the task has no file \"prompt.md\"");
    reading->task->prompt = file->text;
    return 0;
}

static int read_head(const struct hone_task_reading *reading, const struct hone_value *root) {
    static const char *const keys[] = {
        "schema",      "id",        "version",   "title",     "tags",      "axes",
        "constraints", "args",      "workloads", "hidden",    "tolerance", "reduction",
        "cost",        "baselines", "oracle",    "limits",    "prompt",    "workspace",
        "dtypes",      "gpu",       "sample",    "operators", NULL};
    struct hone_task *task = reading->task;
    int result = hone_value_object(root, keys);
    struct hone_value schema = hone_value_member(root, "schema");
    struct hone_value id = hone_value_member(root, "id"), tags = hone_value_member(root, "tags");
    struct hone_value version = hone_value_member(root, "version");
    struct hone_value title = hone_value_member(root, "title");
    int64_t number;
    if (result == 0)
        result = hone_value_integer(&schema, 1, 1, &number);
    if (result == 0)
        result = read_id(reading, &id);
    if (result == 0)
        result = hone_task_read_text(reading, &version, &task->version);
    if (result == 0)
        result = hone_task_read_text(reading, &title, &task->title);
    if (result == 0)
        result = hone_task_read_texts(reading, &tags, &task->tags, &task->tag_count);
    return result;
}

/* In the order in which parts need each other. */
static int read_task(const struct hone_task_reading *reading, const struct hone_value *root) {
    struct hone_task *task = reading->task;
    struct hone_value axes = hone_value_member(root, "axes"),
                      args = hone_value_member(root, "args");
    struct hone_value constraints = hone_value_member(root, "constraints");
    struct hone_value workloads = hone_value_member(root, "workloads");
    struct hone_value hidden = hone_value_member(root, "hidden");
    struct hone_value baselines = hone_value_member(root, "baselines");
    struct hone_value oracle = hone_value_member(root, "oracle");
    struct hone_value operators = hone_value_member(root, "operators");
    struct hone_value limits = hone_value_member(root, "limits");
    struct hone_value prompt = hone_value_member(root, "prompt");
    struct hone_value gpu = hone_value_member(root, "gpu");
    struct hone_value sample = hone_value_member(root, "sample");
    struct hone_value dtypes = hone_value_member(root, "dtypes");
    int result = read_head(reading, root);
    if (result == 0 && dtypes.value)
        result = hone_task_read_dtypes(reading, &dtypes);
    if (result == 0 && reading->variant && reading->variant >= task->dtype_count)
        return hone_fail(reading->error, -ERANGE, "%s: dtype %u of %u", task->id, reading->variant,
                         task->dtype_count);
    task->variant = reading->variant;
    if (result == 0)
        result = hone_task_read_axes(reading, &axes);
    if (result == 0)
        result = hone_task_read_texts(reading, &constraints, &task->constraints,
                                      &task->constraint_count);
    if (result == 0)
        result = hone_task_read_profiles(reading, &gpu);
    if (result == 0)
        result = hone_task_read_args(reading, &args);
    if (result == 0)
        result = hone_task_name_variant(reading, root);
    if (result == 0)
        result = hone_task_read_sample(reading, &sample);
    if (result == 0)
        result = read_judging(reading, root);
    if (result == 0)
        result = hone_task_read_workloads(reading, &workloads);
    if (result == 0)
        result = hone_task_read_hidden(reading, &hidden);
    if (result == 0)
        result = hone_task_read_baselines(reading, &baselines);
    if (result == 0)
        result = read_oracle(reading, &oracle);
    if (result == 0)
        result = read_operators(reading, &operators);
    if (result == 0)
        result = read_limits(reading, &limits);
    if (result == 0)
        result = read_prompt(reading, &prompt, root);
    return result;
}

int hone_task_parse(const struct hone_task_description *description, struct hone_task **out,
                    struct hone_error *error) {
    return hone_task_parse_variant(description, 0, out, error);
}

int hone_task_parse_variant(const struct hone_task_description *description, uint32_t variant,
                            struct hone_task **out, struct hone_error *error) {
    struct hone_task *task = calloc(1, sizeof *task);
    if (!task)
        return hone_fail(error, -ENOMEM, "out of memory");
    struct hone_value root = {0};
    char path[256];
    task->origin = hone_task_keep(task, description->origin ? description->origin : "task");
    int result = task->origin ? copy_files(task, description, error) : -ENOMEM;
    if (result == 0)
        result = hash_files(task);
    if (result < 0)
        goto finish;
    snprintf(path, sizeof path, "%s/task.json", task->origin);
    const struct hone_task_file *file = hone_task_find_file(task, "task.json");
    result = file ? hone_value_open(file->text, file->bytes, path, &root, error)
                  : hone_fail(error, -ENOENT, "%s: no such file", path);
    if (result < 0)
        goto finish;
    struct hone_task_reading reading = {
        .task = task, .variant = variant, .file = path, .error = error};
    result = read_task(&reading, &root);
finish:
    json_decref(root.value);
    if (result < 0) {
        if (result == -ENOMEM)
            hone_fail(error, result, "out of memory");
        hone_task_destroy(task);
        return result;
    }
    *out = task;
    return 0;
}

void hone_task_destroy(struct hone_task *task) {
    if (!task)
        return;
    if (task->operators != task->graph)
        hone_graph_destroy(task->operators);
    hone_graph_destroy(task->graph);
    for (struct block *block = task->storage, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(task);
}
