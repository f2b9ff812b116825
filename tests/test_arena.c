#include "core/arena.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static struct hone_arenas arenas = HONE_ARENAS_NONE;
static struct hone_table table;

static void set_up(void) {
    hone_table_init(&table);
}

static void tear_down(void) {
    hone_table_finish(&table);
    hone_arenas_finish(&arenas);
}

static void place(void) {
    cr_assert(eq(int, hone_table_place(&table, &arenas, 99, NULL), 0));
}

TestSuite(arena, .init = set_up, .fini = tear_down);

Test(arena, starts_buffers_on_64_bytes_and_ends_them_near_unmapped_memory) {
    static const uint64_t sizes[] = {0, 1, 28, 63, 64, 65, 4095, 4096, 4097, 100000};
    for (int i = 0; i < 10; i++)
        cr_assert(eq(int, hone_table_add(&table, sizes[i], i % 2, (uint32_t)i), i));
    place();
    for (int i = 0; i < 10; i++) {
        const struct hone_region *region = &table.regions[i];
        const struct hone_buffer *buffer = &table.buffers[i];
        const uint64_t end = region->address + region->bytes;
        cr_expect(eq(u64, region->address % 4096, 0));
        cr_expect(eq(u64, region->bytes % 4096, 0));
        cr_expect(eq(u64, region->offset % 4096, 0));
        cr_expect(eq(u64, buffer->address % 64, 0));
        cr_expect(ge(u64, buffer->address, region->address));
        cr_expect(le(u64, buffer->address + buffer->bytes, end));
        cr_expect(le(u64, end - buffer->address - buffer->bytes, 64));
        cr_expect(eq(u64, buffer->before, buffer->address - region->address));
        cr_expect(eq(u64, buffer->after, end - buffer->address - buffer->bytes));
        if (i > 0)
            cr_expect(ge(u64, region->address,
                         table.regions[i - 1].address + table.regions[i - 1].bytes + 4096));
    }
}

Test(arena, gives_buffers_pages_that_overlap_nowhere) {
    for (int i = 0; i < 20; i++)
        hone_table_add(&table, 3000, i % 2, 0);
    place();
    for (int i = 0; i < 20; i++)
        memset(table.buffers[i].host, i, 3000);
    for (int i = 0; i < 20; i++) {
        cr_expect(eq(u8, table.buffers[i].host[0], (uint8_t)i));
        cr_expect(eq(u8, table.buffers[i].host[2999], (uint8_t)i));
        cr_expect(hone_table_intact(&table, (uint32_t)i));
    }
}

Test(arena, lets_nobody_else_write_inputs) {
    hone_table_add(&table, 100, false, 0);
    hone_table_add(&table, 100, true, 1);
    place();
    void *inputs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, table.regions[0].fd, 0);
    cr_expect(eq(ptr, inputs, MAP_FAILED));
    cr_expect(eq(int, errno, EPERM));
    void *read_only = mmap(NULL, 4096, PROT_READ, MAP_SHARED, table.regions[0].fd, 0);
    cr_assert(ne(ptr, read_only, MAP_FAILED));
    cr_expect(eq(int, mprotect(read_only, 4096, PROT_READ | PROT_WRITE), -1));
    munmap(read_only, 4096);
    void *outputs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, table.regions[1].fd, 0);
    cr_assert(ne(ptr, outputs, MAP_FAILED));
    munmap(outputs, 4096);
}

Test(arena, shows_the_host_the_bytes_a_region_maps) {
    hone_table_add(&table, 5000, true, 0);
    hone_table_add(&table, 5000, true, 0);
    place();
    const struct hone_region *region = &table.regions[1];
    const struct hone_buffer *buffer = &table.buffers[1];
    uint8_t *seen =
        mmap(NULL, region->bytes, PROT_READ, MAP_SHARED, region->fd, (off_t)region->offset);
    cr_assert(ne(ptr, seen, MAP_FAILED));
    memset(buffer->host, 7, 5000);
    cr_expect(eq(u8, seen[buffer->before], 7));
    cr_expect(eq(u8, seen[buffer->before + 4999], 7));
    munmap(seen, region->bytes);
}

Test(arena, keeps_its_memory_until_more_is_needed) {
    hone_table_add(&table, 1000, false, 0);
    place();
    int first = table.regions[0].fd;
    hone_table_finish(&table);
    hone_table_init(&table);
    hone_table_add(&table, 500000, false, 0);
    place();
    cr_expect(eq(int, table.regions[0].fd, first));
    hone_table_finish(&table);
    hone_table_init(&table);
    hone_table_add(&table, 5000000, false, 0);
    place();
    memset(table.buffers[0].host, 1, 5000000);
    cr_expect(ge(u64, arenas.inputs.bytes, 5000000));
}

Test(arena, measures_damage_on_either_side_of_a_buffer) {
    hone_table_add(&table, 4000, true, 0);
    place();
    uint64_t past, before;
    cr_assert(hone_table_intact(&table, 0));
    table.buffers[0].host[4000 + 11] ^= 1;
    cr_expect(not(hone_table_intact(&table, 0)));
    hone_table_damage(&table, 0, &past, &before);
    cr_expect(eq(u64, past, 12));
    cr_expect(eq(u64, before, 0));
    table.buffers[0].host[4000 + 11] ^= 1;
    table.buffers[0].host[-3] ^= 1;
    cr_expect(not(hone_table_intact(&table, 0)));
    hone_table_damage(&table, 0, &past, &before);
    cr_expect(eq(u64, past, 0));
    cr_expect(eq(u64, before, 3));
}

Test(arena, finds_the_buffer_a_fault_belongs_to) {
    hone_table_add(&table, 4096, false, 0);
    hone_table_add(&table, 4096, true, 1);
    place();
    int64_t distance = 0;
    const uint64_t second = table.buffers[1].address;
    cr_expect(eq(int, hone_table_find(&table, second + 4096 + 11, &distance), 1));
    cr_expect(eq(i64, distance, 12));
    cr_expect(eq(int, hone_table_find(&table, second + 4095, &distance), 1));
    cr_expect(eq(i64, distance, 0));
    cr_expect(eq(int, hone_table_find(&table, second - 8, &distance), 1));
    cr_expect(eq(i64, distance, -8));
    cr_expect(eq(int, hone_table_find(&table, 0x1000, &distance), -1));
    cr_expect(eq(int, hone_table_find(&table, second + (1u << 20), &distance), -1));
}
