#include "hardware/cuda/launcher/launcher.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 256u
#define BLOCKS_OF_SM 8u
#define BAND_BYTES 4096u /* of what lies before a region, at most */

/* ---- where notes lie on the device ---- */

/* Memory for what kernels are told and what they say, at least so large; cleared after every use,
 * since it holds seeds. */
static int reserve(struct launcher *launcher, uint64_t bytes, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    if (launcher->notes_bytes >= bytes)
        return 0;
    if (launcher->notes)
        driver->memory_free(launcher->notes);
    launcher->notes = launcher->notes_bytes = 0;
    const uint64_t wanted = bytes + bytes / 2;
    int result = driver->memory_alloc(&launcher->notes, wanted);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                             "no %llu bytes for notes", (unsigned long long)wanted);
    launcher->notes_bytes = wanted;
    return 0;
}

static uint64_t blocks_for(const struct launcher *launcher, uint64_t threads) {
    const uint64_t most = BLOCKS_OF_SM * (uint64_t)launcher->device.sm_count;
    const uint64_t blocks = (threads + BLOCK - 1) / BLOCK;
    return blocks < 1 ? 1 : blocks < most ? blocks : most;
}

/* One of material.cu, on as many threads as there are things to do. */
static int launch(struct launcher *launcher, void *function, uint64_t threads, void **parameters) {
    const struct cuda_launch launch = {
        .grid = {(uint32_t)blocks_for(launcher, threads), 1, 1},
        .block = {BLOCK, 1, 1},
        .stream = launcher->stream,
    };
    return launcher->driver.launch(&launch, function, parameters, NULL);
}

/* ---- before a call ---- */

static struct buffer *buffer_of(struct program *program, const struct hone_material *material) {
    const uint64_t bytes = hone_format_bytes(material->format);
    for (uint32_t i = 0; i < program->buffer_count; i++) {
        const struct hone_launcher_region *region = &program->buffers[i].region;
        const uint64_t offset = material->address - region->address;
        if (material->address >= region->address && offset <= region->bytes &&
            material->count <= (region->bytes - offset) / bytes)
            return material->address % bytes ? NULL : &program->buffers[i];
    }
    return NULL;
}

/* The same material where the device has it, for copies to write to. */
static struct hone_material on_device(const struct buffer *buffer,
                                      const struct hone_material *material) {
    struct hone_material moved = *material;
    moved.address = buffer->upload + (material->address - buffer->region.address);
    return moved;
}

int launcher_take_materials(struct launcher *launcher, const struct hone_material *materials,
                            uint32_t count, struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    for (uint32_t i = 0; i < program->buffer_count; i++)
        program->buffers[i].made = false;
    program->material_count = 0;
    if (count > HONE_LAUNCHER_MATERIALS_MAX)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "too many materials");
    for (uint32_t i = 0; i < count; i++) {
        struct buffer *buffer = buffer_of(program, &materials[i]);
        if (!buffer)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                                 "material %u lies in no region", i);
        buffer->made = true;
        program->owners[i] = (uint32_t)(buffer - program->buffers);
        program->materials[i] = on_device(buffer, &materials[i]);
    }
    program->material_count = count;
    return 0;
}

int launcher_make(struct launcher *launcher, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    const struct program *program = &launcher->program;
    const uint64_t bytes = program->material_count * sizeof *program->materials;
    if (!bytes)
        return 0;
    if (reserve(launcher, bytes, reply))
        return -1;
    int result = driver->copy_in(launcher->notes, program->materials, bytes, launcher->stream);
    for (uint32_t i = 0; result == 0 && i < program->material_count; i++) {
        uint64_t told = launcher->notes + i * sizeof *program->materials;
        void *parameters[] = {&told};
        result =
            launch(launcher, launcher->fill, (program->materials[i].count + 3) / 4, parameters);
    }
    result = result ? result : driver->fill(launcher->notes, 0, bytes, launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "inputs cannot be made")
                  : 0;
}

/* ---- after it ---- */

static const struct hone_seen unseen = {
    .first_changed = UINT64_MAX, .first_strange = UINT64_MAX, .first_same = UINT64_MAX};

static struct hone_material band(const struct buffer *buffer, uint64_t address, uint64_t bytes) {
    return (struct hone_material){.address = address,
                                  .count = bytes,
                                  .kind = HONE_MATERIAL_CONSTANT,
                                  .format = HONE_FORMAT_U8,
                                  .center = buffer->band};
}

/* `address` is that of its first byte in the program's address space. */
static void suspect(struct hone_launcher_look *looks, uint64_t *addresses, uint32_t *count,
                    struct hone_material material, uint64_t address) {
    if (!material.count)
        return;
    addresses[*count] = address;
    looks[(*count)++] = (struct hone_launcher_look){
        .kind = HONE_LOOK_CHANGED, .material = material, .seen = unseen};
}

/* What no kernel may have written to: bands, and inputs that it could. */
static uint32_t list_suspects(const struct program *program, struct hone_launcher_look *looks,
                              uint64_t *addresses) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < program->buffer_count; i++) {
        const struct buffer *buffer = &program->buffers[i];
        const struct hone_launcher_region *region = &buffer->region;
        const uint64_t before = buffer->before < BAND_BYTES ? buffer->before : BAND_BYTES;
        if (!buffer->made || (!region->writable && !buffer->unprotected))
            continue;
        suspect(looks, addresses, &count, band(buffer, buffer->upload - before, before),
                region->address - before);
        suspect(looks, addresses, &count,
                band(buffer, buffer->upload + region->bytes, buffer->after),
                region->address + region->bytes);
    }
    for (uint32_t i = 0; i < program->material_count; i++) {
        const struct buffer *buffer = &program->buffers[program->owners[i]];
        if (buffer->unprotected)
            suspect(looks, addresses, &count, program->materials[i],
                    buffer->region.address + (program->materials[i].address - buffer->upload));
    }
    return count;
}

/* The kernels' answers to `count` looks, which lie at the start of the notes. */
static int look_all(struct launcher *launcher, const struct hone_launcher_look *looks,
                    uint32_t count) {
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < count; i++) {
        uint64_t told = launcher->notes + i * sizeof *looks;
        void *one[] = {&told}, *both[] = {&told, &launcher->notes};
        if (looks[i].kind == HONE_LOOK_FETCH)
            continue;
        result = launch(launcher, launcher->look, (looks[i].material.count + 3) / 4, one);
        if (result == 0 && looks[i].element_count)
            result = launch(launcher, launcher->gather, looks[i].element_count, both);
        if (result == 0 && looks[i].length)
            result = launch(launcher, launcher->sum, looks[i].material.count, both);
    }
    return result;
}

int launcher_inspect(struct launcher *launcher, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    struct hone_launcher_look *looks = (void *)launcher->scratch;
    static uint64_t addresses[2 * HONE_LAUNCHER_REGIONS_MAX + HONE_LAUNCHER_MATERIALS_MAX];
    _Static_assert(sizeof addresses / sizeof *addresses * sizeof *looks <= HONE_LAUNCHER_SCRATCH,
                   "all suspects fit");
    const uint32_t count = list_suspects(&launcher->program, looks, addresses);
    const uint64_t bytes = count * sizeof *looks;
    if (!count)
        return 0;
    if (reserve(launcher, bytes, reply))
        return -1;
    int result = driver->copy_in(launcher->notes, looks, bytes, launcher->stream);
    result = result ? result : look_all(launcher, looks, count);
    result = result ? result : driver->copy_out(looks, launcher->notes, bytes, launcher->stream);
    result = result ? result : driver->fill(launcher->notes, 0, bytes, launcher->stream);
    result = result ? result : driver->stream_wait(launcher->stream);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                             "inputs and bands cannot be looked at");
    for (uint32_t i = 0; i < count; i++)
        if (looks[i].seen.changed)
            return launcher_report_write(
                reply, addresses[i] + looks[i].seen.first_changed *
                                          hone_format_bytes(looks[i].material.format));
    return 0;
}

/* ---- what the supervisor asks ---- */

/* Where in the mail everything lies: looks, runs, then what is brought back. */
static bool is_within(uint64_t offset, uint64_t count, uint64_t size, uint64_t from, uint64_t to) {
    return offset % 8 == 0 && offset >= from && offset <= to && count <= (to - offset) / size;
}

static bool is_sound(const struct hone_launcher_request *request,
                     const struct hone_launcher_look *look) {
    const uint64_t looks = request->look_count * sizeof *look;
    const uint64_t bytes = hone_format_bytes(look->material.format);
    const uint64_t fibres = look->length ? look->material.count / look->length : 0;
    if (look->length &&
        (!look->inner || !look->outer || look->outer > fibres || look->inner > fibres ||
         look->outer * look->inner != fibres || fibres * look->length != look->material.count))
        return false;
    return (!look->element_count ||
            (look->run_count &&
             is_within(look->run_offset, look->run_count, sizeof(struct hone_run), looks,
                       request->back_offset) &&
             is_within(look->element_offset, look->element_count, bytes, request->back_offset,
                       request->look_bytes))) &&
           (!look->length || is_within(look->sum_offset, 3 * fibres, sizeof(double),
                                       request->back_offset, request->look_bytes));
}

/* Every wanted element lies in the material. */
static bool runs_are_sound(const struct hone_launcher_look *look, const struct hone_run *runs) {
    for (uint64_t i = 0; look->element_count && i < look->run_count; i++) {
        const uint64_t end = i + 1 < look->run_count ? runs[i + 1].before : look->element_count;
        if ((i == 0 && runs[i].before) || end <= runs[i].before ||
            runs[i].first > look->material.count ||
            end - runs[i].before > look->material.count - runs[i].first)
            return false;
    }
    return true;
}

/* Into the launcher's own memory, checked, with addresses of the device; what is only to be fetched
 * is. */
static int take_looks(struct launcher *launcher, const struct hone_launcher_request *request,
                      struct hone_launcher_look *looks, struct hone_launcher_reply *reply) {
    memcpy(looks, launcher->mail, request->look_count * sizeof *looks);
    for (uint32_t i = 0; i < request->look_count; i++) {
        struct buffer *buffer = buffer_of(&launcher->program, &looks[i].material);
        const void *runs = launcher->mail + looks[i].run_offset;
        if (!buffer || !is_sound(request, &looks[i]) || !runs_are_sound(&looks[i], runs))
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "look %u out of bounds",
                                 i);
        if (looks[i].kind == HONE_LOOK_FETCH && buffer_fetch(launcher, buffer, reply))
            return -1;
        looks[i].material = on_device(buffer, &looks[i].material);
        looks[i].seen = unseen;
    }
    return 0;
}

static int run_looks(struct launcher *launcher, const struct hone_launcher_request *request,
                     const struct hone_launcher_look *looks) {
    const struct cuda_driver *driver = &launcher->driver;
    const uint64_t looks_bytes = request->look_count * sizeof *looks;
    const uint64_t back = request->look_bytes - request->back_offset;
    void *stream = launcher->stream;
    int result = driver->copy_in(launcher->notes, looks, looks_bytes, stream);
    if (result == 0 && request->back_offset > looks_bytes)
        result = driver->copy_in(launcher->notes + looks_bytes, launcher->mail + looks_bytes,
                                 request->back_offset - looks_bytes, stream);
    if (result == 0 && back)
        result = driver->fill(launcher->notes + request->back_offset, 0, back, stream);
    result = result ? result : look_all(launcher, looks, request->look_count);
    result =
        result ? result : driver->copy_out(launcher->mail, launcher->notes, looks_bytes, stream);
    if (result == 0 && back)
        result = driver->copy_out(launcher->mail + request->back_offset,
                                  launcher->notes + request->back_offset, back, stream);
    result = result ? result : driver->fill(launcher->notes, 0, request->look_bytes, stream);
    return result ? result : driver->stream_wait(stream);
}

int launcher_look(struct launcher *launcher, const struct hone_launcher_request *request,
                  struct hone_launcher_reply *reply) {
    const uint64_t looks_bytes = request->look_count * sizeof(struct hone_launcher_look);
    struct hone_launcher_look *looks = (void *)launcher->scratch;
    if (!launcher->program.module || request->look_count > HONE_LAUNCHER_MATERIALS_MAX ||
        request->look_bytes > HONE_LAUNCHER_MAIL_BYTES || request->back_offset < looks_bytes ||
        request->back_offset > request->look_bytes)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "looks out of bounds");
    if (take_looks(launcher, request, looks, reply) ||
        reserve(launcher, request->look_bytes, reply))
        return -1;
    int result = run_looks(launcher, request, looks);
    memset(looks, 0, looks_bytes); /* seeds of signs */
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "outputs cannot be looked at")
                  : 0;
}
