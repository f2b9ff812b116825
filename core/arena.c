#include "core/arena.h"

#include "core/error.h"
#include "core/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define ALIGNMENT 64u
#define ARENA_MINIMUM (1u << 20)

static uint64_t round_up(uint64_t value, uint64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

static void arena_close(struct hone_arena *arena) {
    if (arena->base)
        munmap(arena->base, arena->bytes);
    if (arena->memory >= 0)
        close(arena->memory);
    arena->memory = -1;
    arena->base = NULL;
    arena->bytes = 0;
}

void hone_arenas_finish(struct hone_arenas *arenas) {
    arena_close(&arenas->inputs);
    arena_close(&arenas->outputs);
}

/* A sealed memfd cannot grow, so a larger one takes its place. */
static int arena_reserve(struct hone_arena *arena, uint64_t bytes, struct hone_error *error) {
    if (arena->memory >= 0 && arena->bytes >= bytes)
        return 0;
    int status;
    const char *name = arena->writable ? "hone-outputs" : "hone-inputs";
    struct hone_arena next = {.memory = -1, .writable = arena->writable, .bytes = ARENA_MINIMUM};
    while (next.bytes < bytes)
        next.bytes += next.bytes / 2;
    next.bytes = round_up(next.bytes, PAGE);
    next.memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (next.memory < 0 || ftruncate(next.memory, (off_t)next.bytes) != 0)
        goto failed;
    /* Populated here, so that no first touch falls into a measurement. */
    next.base =
        mmap(NULL, next.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, next.memory, 0);
    if (next.base == MAP_FAILED) {
        next.base = NULL;
        goto failed;
    }
    madvise(next.base, next.bytes, MADV_DONTFORK);
    /* FUTURE_WRITE spares the mapping above and refuses every later one that could write. */
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | (arena->writable ? 0 : F_SEAL_FUTURE_WRITE);
    if (fcntl(next.memory, F_ADD_SEALS, seals | F_SEAL_SEAL) != 0)
        goto failed;
    arena_close(arena);
    *arena = next;
    return 0;

failed:
    status = -errno;
    arena_close(&next);
    return hone_fail(error, status, "cannot make an arena of %llu bytes: %s",
                     (unsigned long long)bytes, strerror(-status));
}

void hone_table_init(struct hone_table *table) {
    *table = (struct hone_table){.next_address = HONE_ARENA_ADDRESS};
}

void hone_table_finish(struct hone_table *table) {
    free(table->regions);
    free(table->buffers);
    *table = (struct hone_table){0};
}

static int table_grow(struct hone_table *table) {
    uint32_t capacity = table->capacity ? 2 * table->capacity : 32;
    struct hone_region *regions = realloc(table->regions, capacity * sizeof *regions);
    if (!regions)
        return -ENOMEM;
    table->regions = regions;
    struct hone_buffer *buffers = realloc(table->buffers, capacity * sizeof *buffers);
    if (!buffers)
        return -ENOMEM;
    table->buffers = buffers;
    table->capacity = capacity;
    return 0;
}

int hone_table_add(struct hone_table *table, uint64_t bytes, bool writable, uint32_t owner) {
    if (table->count == table->capacity && table_grow(table) != 0)
        return -ENOMEM;
    const uint64_t pages = round_up(bytes ? bytes : 1, PAGE);
    const uint64_t start = (pages - bytes) / ALIGNMENT * ALIGNMENT;
    uint64_t *used = writable ? &table->output_bytes : &table->input_bytes;
    table->regions[table->count] = (struct hone_region){.address = table->next_address,
                                                        .offset = *used,
                                                        .bytes = pages,
                                                        .fd = -1,
                                                        .writable = writable};
    table->buffers[table->count] = (struct hone_buffer){.address = table->next_address + start,
                                                        .bytes = bytes,
                                                        .before = start,
                                                        .after = pages - start - bytes,
                                                        .owner = owner};
    *used += pages;
    table->next_address += pages + HONE_ARENA_GAP;
    return (int)table->count++;
}

int hone_table_place(struct hone_table *table, struct hone_arenas *arenas, uint64_t guard_seed,
                     struct hone_error *error) {
    int status = arena_reserve(&arenas->inputs, table->input_bytes, error);
    if (status == 0)
        status = arena_reserve(&arenas->outputs, table->output_bytes, error);
    if (status != 0)
        return status;
    table->guard_seed = guard_seed;
    for (uint32_t i = 0; i < table->count; i++) {
        struct hone_region *region = &table->regions[i];
        struct hone_buffer *buffer = &table->buffers[i];
        struct hone_arena *arena = region->writable ? &arenas->outputs : &arenas->inputs;
        region->fd = arena->memory;
        buffer->host = arena->base + region->offset + buffer->before;
        hone_guard_fill(buffer->host - buffer->before, buffer->before, guard_seed + 2 * i);
        hone_guard_fill(buffer->host + buffer->bytes, buffer->after, guard_seed + 2 * i + 1);
    }
    return 0;
}

void hone_table_clear(const struct hone_table *table) {
    for (uint32_t i = 0; i < table->count; i++)
        memset(table->buffers[i].host, 0, table->buffers[i].bytes);
}

bool hone_table_intact(const struct hone_table *table, uint32_t index) {
    const struct hone_buffer *buffer = &table->buffers[index];
    const uint64_t seed = table->guard_seed + 2 * index;
    return hone_guard_intact(buffer->host - buffer->before, buffer->before, seed) &&
           hone_guard_intact(buffer->host + buffer->bytes, buffer->after, seed + 1);
}

void hone_table_damage(const struct hone_table *table, uint32_t index, uint64_t *past,
                       uint64_t *before) {
    const struct hone_buffer *buffer = &table->buffers[index];
    const uint64_t seed = table->guard_seed + 2 * index;
    uint64_t first, last;
    *past = *before = 0;
    if (hone_guard_changed(buffer->host - buffer->before, buffer->before, seed, &first, &last))
        *before = buffer->before - first;
    if (hone_guard_changed(buffer->host + buffer->bytes, buffer->after, seed + 1, &first, &last))
        *past = last + 1;
}

int hone_table_find(const struct hone_table *table, uint64_t address, int64_t *distance) {
    int found = -1;
    int64_t nearest = HONE_ARENA_GAP;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct hone_buffer *buffer = &table->buffers[i];
        const int64_t from_start = (int64_t)(address - buffer->address);
        const int64_t from_end = (int64_t)(address - (buffer->address + buffer->bytes));
        const int64_t away = from_start < 0 ? -from_start : from_end >= 0 ? from_end : 0;
        if (away >= nearest)
            continue;
        nearest = away;
        found = (int)i;
        *distance = from_start < 0 ? from_start : from_end >= 0 ? from_end + 1 : 0;
    }
    return found;
}
