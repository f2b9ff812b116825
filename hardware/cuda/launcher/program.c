#include "hardware/cuda/launcher/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

/* Functions of libraries are for baselines: they run on the host. */
static int check_function(const struct launcher *launcher, const struct hone_launcher_entry *entry,
                          struct hone_launcher_reply *reply) {
    const char *wrong = launcher->program.is_trusted ? function_check(entry)
                                                     : "is called, which a candidate cannot";
    return wrong ? launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, 0, "line %u: %.60s %s",
                                 entry->line, entry->name, wrong)
                 : 0;
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

static int find_kernel(struct launcher *launcher, uint32_t index,
                       struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    const struct hone_launcher_entry *entry = &program->entries[index];
    int result =
        launcher->driver.module_function(&program->functions[index], program->module, entry->name);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_REFUSED, 0,
                             "line %u: no kernel %.60s in it (extern \"C\" __global__ void)",
                             entry->line, entry->name);
    return check_parameters(launcher, entry, program->functions[index], reply);
}

/* An image without kernels is none that a driver has to like. */
static int load(struct launcher *launcher, int image, uint64_t bytes,
                struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    for (uint32_t i = 0; i < program->entry_count; i++) {
        const struct hone_launcher_entry *entry = &program->entries[i];
        const bool is_kernel = entry->kind == HONE_STEP_LAUNCH;
        if (is_kernel && !program->module && load_module(launcher, image, bytes, reply))
            return -1;
        if (is_kernel ? find_kernel(launcher, i, reply) : check_function(launcher, entry, reply))
            return -1;
    }
    program->is_loaded = true;
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
    program->is_trusted = request->is_trusted != 0;
    for (uint32_t i = 0; i < request->entry_count; i++) {
        program->entries[i].name[HONE_LAUNCHER_NAME_SIZE - 1] = '\0';
        const uint32_t kind = program->entries[i].kind;
        if ((kind != HONE_STEP_LAUNCH && kind != HONE_STEP_CALL) ||
            program->entries[i].argument_count > HONE_LAUNCHER_ARGUMENTS_MAX)
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
    program_forget_graphs(launcher);
    library_rest(launcher);
    for (uint32_t i = 0; i < program->buffer_count; i++)
        buffer_close(launcher, &program->buffers[i]);
    if (program->module)
        launcher->driver.module_unload(program->module);
    free(program->entries);
    *program = (struct program){0};
}
