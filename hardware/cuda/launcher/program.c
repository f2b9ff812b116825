#include "hardware/cuda/launcher/launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define DEFAULT_SHARED_BYTES 49152u /* more has to be asked for */
#define PORTABLE_CLUSTER 8u
#define PARAMETER_BYTES_MAX 32768u /* of one kernel */

/* The words of one call, read from the front. */
struct reading {
    const uint64_t *at, *end;
};

static bool take(struct reading *reading, uint64_t *word) {
    if (reading->at == reading->end)
        return false;
    *word = *reading->at++;
    return true;
}

/* One launch in the words of a call: plugins/hardware.h says how it lies there. */
struct step {
    struct cuda_launch launch;
    uint32_t cluster[3];
    uint32_t entry, line, argument_count;
    const uint64_t *arguments;
};

static bool read_step(struct reading *reading, struct step *step) {
    uint64_t head, count, grid, depth, block, place, cluster;
    *step = (struct step){0};
    if (!take(reading, &head) || !take(reading, &count) || !take(reading, &grid) ||
        !take(reading, &depth) || !take(reading, &block) || !take(reading, &place) ||
        !take(reading, &cluster))
        return false;
    step->entry = (uint32_t)(head >> 32);
    step->argument_count = (uint32_t)count;
    step->line = (uint32_t)(place >> 32);
    step->launch = (struct cuda_launch){
        .grid = {(uint32_t)grid, (uint32_t)(grid >> 32), (uint32_t)depth},
        .block = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)place},
        .shared_bytes = (uint32_t)(depth >> 32),
    };
    step->cluster[0] = (uint32_t)cluster & 0xffff;
    step->cluster[1] = (uint32_t)(cluster >> 16) & 0xffff;
    step->cluster[2] = (uint32_t)(cluster >> 32);
    step->arguments = reading->at;
    if ((uint32_t)head != HONE_STEP_LAUNCH || count > (uint64_t)(reading->end - reading->at))
        return false;
    reading->at += count;
    return true;
}

/* A pointer of the program's address space as the device has it. */
static bool translate(const struct program *program, uint64_t *word, bool *touches) {
    for (uint32_t i = 0; i < program->buffer_count; i++) {
        const struct hone_launcher_region *region = &program->buffers[i].region;
        if (*word < region->address || *word - region->address > region->bytes)
            continue;
        *word = program->buffers[i].kernel + (*word - region->address);
        touches[i] = true;
        return true;
    }
    return false;
}

static int ask_for(struct launcher *launcher, const struct step *step) {
    const struct cuda_driver *driver = &launcher->driver;
    void *function = launcher->program.functions[step->entry];
    uint32_t *most = &launcher->program.shared_most[step->entry];
    int own = 0, result = driver->function_get(&own, CUDA_FUNCTION_SHARED, function);
    if (result == 0 && step->launch.shared_bytes + (uint32_t)own > DEFAULT_SHARED_BYTES &&
        step->launch.shared_bytes > *most) {
        result = driver->function_set(function, CUDA_FUNCTION_MAX_DYNAMIC_SHARED,
                                      (int)step->launch.shared_bytes);
        *most = step->launch.shared_bytes;
    }
    if (result == 0 && step->cluster[0] * step->cluster[1] * step->cluster[2] > PORTABLE_CLUSTER)
        result = driver->function_set(function, CUDA_FUNCTION_LARGE_CLUSTERS, 1);
    return result;
}

static int launch(struct launcher *launcher, struct step *step, bool *touches,
                  struct hone_launcher_reply *reply) {
    static uint64_t nothing[PARAMETER_BYTES_MAX / sizeof(uint64_t)];
    const struct program *program = &launcher->program;
    uint64_t words[HONE_LAUNCHER_ARGUMENTS_MAX];
    /* A kernel that takes more than it is given reads zeros. */
    void *parameters[PARAMETER_BYTES_MAX / 4];
    if (step->entry >= program->entry_count)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "a step of entry %u of %u",
                             step->entry, program->entry_count);
    const struct hone_launcher_entry *entry = &program->entries[step->entry];
    if (step->argument_count != entry->argument_count)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                             "a step with %u arguments for the %u of %.60s", step->argument_count,
                             entry->argument_count, entry->name);
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        words[i] = step->arguments[i];
        if (entry->kinds[i] == HONE_ARGUMENT_POINTER && !translate(program, &words[i], touches))
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                                 "argument %u of %.60s points into no region", i, entry->name);
        parameters[i] = &words[i];
    }
    for (size_t i = entry->argument_count; i < sizeof parameters / sizeof *parameters; i++)
        parameters[i] = nothing;
    struct cuda_launch_attribute cluster = {.id = CUDA_ATTRIBUTE_CLUSTER};
    memcpy(cluster.value.cluster, step->cluster, sizeof step->cluster);
    step->launch.stream = launcher->stream;
    if (step->cluster[0] * step->cluster[1] * step->cluster[2] > 1) {
        step->launch.attributes = &cluster;
        step->launch.attribute_count = 1;
    }
    void *function = program->functions[step->entry];
    int result = ask_for(launcher, step);
    if (result == 0)
        result = launcher->driver.launch(&step->launch, function, parameters, NULL);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_CRASHED, result,
                                  "line %u: %.60s cannot be launched", step->line, entry->name)
                  : 0;
}

static int capture(struct launcher *launcher, struct graph *graph,
                   struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    struct reading reading = {graph->words, graph->words + graph->word_count};
    uint64_t steps = 0;
    if (!take(&reading, &steps) || steps > HONE_LAUNCHER_STEPS_MAX)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "a call of %llu steps",
                             (unsigned long long)steps);
    int result = driver->capture_begin(launcher->stream, CUDA_CAPTURE_THREAD_LOCAL);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "no graph");
    int failed = 0;
    for (; failed == 0 && graph->steps < steps; graph->steps++) {
        struct step step;
        failed = read_step(&reading, &step)
                     ? launch(launcher, &step, graph->touches, reply)
                     : launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                                     "step %u of a call is not a launch", graph->steps);
    }
    result = driver->capture_end(launcher->stream, &graph->graph);
    if (failed)
        return -1;
    if (result == 0)
        result = driver->graph_instantiate(&graph->instance, graph->graph, 0);
    if (result == 0)
        result = driver->graph_upload(graph->instance, launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_CRASHED, result,
                                  "the plan makes no graph")
                  : 0;
}

static void forget(struct launcher *launcher, struct graph *graph) {
    if (graph->instance)
        launcher->driver.instance_destroy(graph->instance);
    if (graph->graph)
        launcher->driver.graph_destroy(graph->graph);
    free(graph->words);
    *graph = (struct graph){0};
}

struct graph *program_graph(struct launcher *launcher, const uint64_t *words, uint32_t count,
                            struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    struct graph *oldest = &program->graphs[0];
    program->calls++;
    for (uint32_t i = 0; i < HONE_LAUNCHER_GRAPHS_MAX; i++) {
        struct graph *graph = &program->graphs[i];
        if (graph->words && graph->word_count == count &&
            !memcmp(graph->words, words, count * sizeof *words)) {
            graph->used = program->calls;
            return graph;
        }
        if (graph->used < oldest->used)
            oldest = graph;
    }
    forget(launcher, oldest);
    oldest->words = malloc((count + 1) * sizeof *words);
    if (!oldest->words) {
        launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "out of memory for a graph");
        return NULL;
    }
    memcpy(oldest->words, words, count * sizeof *words);
    oldest->word_count = count;
    oldest->used = program->calls;
    if (capture(launcher, oldest, reply) == 0)
        return oldest;
    forget(launcher, oldest);
    return NULL;
}

/* Whether the kernel takes what the plan gives; asked where the driver can tell. */
static int check_parameters(const struct launcher *launcher,
                            const struct hone_launcher_entry *entry, void *function,
                            struct hone_launcher_reply *reply) {
    size_t offset, bytes;
    if (!launcher->driver.parameter_info)
        return 0;
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        const uint32_t kind = entry->kinds[i];
        const size_t wanted = kind == HONE_ARGUMENT_INT32 || kind == HONE_ARGUMENT_F32 ? 4 : 8;
        if (launcher->driver.parameter_info(function, i, &offset, &bytes))
            return launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, 0,
                                 "line %u: %.60s has %u parameters, the plan gives it %u",
                                 entry->line, entry->name, i, entry->argument_count);
        if (bytes != wanted)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, 0,
                                 "line %u: parameter %u of %.60s has %zu bytes, the plan gives %zu",
                                 entry->line, i + 1, entry->name, bytes, wanted);
    }
    if (launcher->driver.parameter_info(function, entry->argument_count, &offset, &bytes) == 0)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, 0,
                             "line %u: %.60s has more parameters than the %u that the plan gives",
                             entry->line, entry->name, entry->argument_count);
    return 0;
}

/* Of a log the line that names a fault; "" when there is none. */
static void cut_log(char *log) {
    char *line = strstr(log, "error"), *start = line;
    while (start && start > log && start[-1] != '\n')
        start--;
    if (start)
        memmove(log, start, strlen(start) + 1);
    log[line ? strcspn(log, "\n") : 0] = '\0';
}

/* A cubin, or PTX with a NUL that the driver assembles. */
static int load_module(struct launcher *launcher, int image, uint64_t bytes,
                       struct hone_launcher_reply *reply) {
    char log[4096] = "";
    int options[] = {CUDA_JIT_LOG, CUDA_JIT_LOG_BYTES};
    void *values[] = {log, (void *)(uintptr_t)(sizeof log - 1)};
    void *mapped = mmap(NULL, bytes, PROT_READ, MAP_SHARED, image, 0);
    if (mapped == MAP_FAILED)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "cannot map the image");
    const int result =
        launcher->driver.module_load_saying(&launcher->program.module, mapped, 2, options, values);
    munmap(mapped, bytes);
    if (result == 0)
        return 0;
    cut_log(log);
    if (log[0])
        return launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, 0, "%s", log);
    return launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, result, "not for this device");
}

static int load(struct launcher *launcher, int image, uint64_t bytes,
                struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    int result = 0;
    if (load_module(launcher, image, bytes, reply))
        return -1;
    for (uint32_t i = 0; i < program->entry_count; i++) {
        struct hone_launcher_entry *entry = &program->entries[i];
        result =
            launcher->driver.module_function(&program->functions[i], program->module, entry->name);
        if (result)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, 0,
                                 "line %u: no kernel %.60s in it (extern \"C\" __global__ void)",
                                 entry->line, entry->name);
        if (check_parameters(launcher, entry, program->functions[i], reply))
            return -1;
    }
    return 0;
}

/* The supervisor is believed; what would overrun an array is not. */
static bool is_sound(const struct hone_launcher_request *request) {
    if (request->region_count > HONE_LAUNCHER_REGIONS_MAX ||
        request->entry_count > HONE_LAUNCHER_ENTRIES_MAX || request->fd_count < 1 ||
        request->fd_count > HONE_LAUNCHER_FDS_MAX || !request->image_bytes)
        return false;
    return true;
}

/* Kernels reach whatever the context has, and a launcher serves one program after another: in its
 * own memory nothing is to be found of the one before, which may have seen the same inputs. */
static int clean(struct launcher *launcher, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    int result = driver->fill(launcher->sweep_memory, 0, launcher->sweep_bytes, launcher->stream);
    if (result == 0 && launcher->notes)
        result = driver->fill(launcher->notes, 0, launcher->notes_bytes, launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "cannot clear device memory")
                  : 0;
}

int program_start(struct launcher *launcher, const struct hone_launcher_request *request,
                  const int *fds, struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    program_stop(launcher);
    if (!is_sound(request))
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "a start out of bounds");
    const uint64_t regions_bytes = request->region_count * sizeof(struct hone_launcher_region);
    const uint64_t entries_bytes = request->entry_count * sizeof *program->entries;
    program->entries = malloc(entries_bytes + 1);
    if (!program->entries)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "out of memory");
    memcpy(program->entries, launcher->mail + regions_bytes, entries_bytes);
    program->entry_count = request->entry_count;
    for (uint32_t i = 0; i < request->entry_count; i++) {
        program->entries[i].name[HONE_LAUNCHER_NAME_SIZE - 1] = '\0';
        if (program->entries[i].argument_count > HONE_LAUNCHER_ARGUMENTS_MAX)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                                 "an entry out of bounds");
    }
    if (load(launcher, fds[0], request->image_bytes, reply) || clean(launcher, reply))
        return -1;
    for (uint32_t i = 0; i < request->region_count; i++) {
        struct buffer *buffer = &program->buffers[program->buffer_count++];
        memcpy(&buffer->region, launcher->mail + i * sizeof buffer->region, sizeof buffer->region);
        if (buffer->region.fd_index >= request->fd_count)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                                 "a region out of bounds");
        if (buffer_open(launcher, buffer, fds[buffer->region.fd_index], reply))
            return -1;
    }
    buffer_drop_spares(launcher);
    int result = launcher->driver.stream_wait(launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "cannot prepare device memory")
                  : 0;
}

void program_stop(struct launcher *launcher) {
    struct program *program = &launcher->program;
    for (uint32_t i = 0; i < HONE_LAUNCHER_GRAPHS_MAX; i++)
        forget(launcher, &program->graphs[i]);
    for (uint32_t i = 0; i < program->buffer_count; i++)
        buffer_close(launcher, &program->buffers[i]);
    if (program->module)
        launcher->driver.module_unload(program->module);
    free(program->entries);
    *program = (struct program){0};
}
