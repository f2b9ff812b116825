#include "ipc/ring.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define LINES 8u

struct pair {
    struct hone_line lines[LINES];
    struct hone_ring writer, reader;
};

static void begin(struct pair *pair) {
    *pair = (struct pair){.writer = {pair->lines, LINES, 1}, .reader = {pair->lines, LINES, 1}};
}

static void publish(struct pair *pair, uint32_t slot) {
    hone_ring_publish(&pair->writer, &(struct hone_line){.op = HONE_OP_STEP, .slot = slot});
}

Test(ring, is_empty_at_first) {
    struct pair pair;
    begin(&pair);
    cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_EMPTY));
}

Test(ring, hands_lines_over_in_order) {
    struct pair pair;
    begin(&pair);
    for (uint32_t i = 0; i < 5; i++)
        publish(&pair, i);
    for (uint32_t i = 0; i < 5; i++) {
        struct hone_line line;
        cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_READY));
        hone_ring_take(&pair.reader, &line);
        cr_assert(eq(u32, line.slot, i));
        cr_assert(eq(u64, line.sequence, i + 1));
    }
    cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_EMPTY));
}

Test(ring, refuses_a_push_when_full) {
    struct pair pair;
    begin(&pair);
    for (uint32_t i = 0; i < LINES; i++) {
        cr_assert(not(hone_ring_full(&pair.writer, 0)));
        publish(&pair, i);
    }
    cr_assert(hone_ring_full(&pair.writer, 0));
    cr_assert(not(hone_ring_full(&pair.writer, 1)));
}

Test(ring, goes_round_many_times) {
    struct pair pair;
    begin(&pair);
    for (uint32_t i = 0; i < 10 * LINES + 3; i++) {
        struct hone_line line;
        publish(&pair, i);
        cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_READY));
        hone_ring_take(&pair.reader, &line);
        cr_assert(eq(u32, line.slot, i));
        cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_EMPTY));
    }
}

Test(ring, shows_nothing_of_a_line_without_its_sequence) {
    struct pair pair;
    begin(&pair);
    pair.lines[0].op = HONE_OP_STEP;
    pair.lines[0].bytes = 99;
    cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_EMPTY));
}

Test(ring, calls_a_sequence_out_of_turn_broken) {
    struct pair pair;
    begin(&pair);
    pair.lines[0].sequence = 2;
    cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_BROKEN));
    pair.lines[0].sequence = UINT64_MAX;
    cr_assert(eq(int, hone_ring_poll(&pair.reader), HONE_RING_BROKEN));
}

Test(ring, a_consumed_word_ahead_of_the_writer_looks_full) {
    struct pair pair;
    begin(&pair);
    publish(&pair, 0);
    cr_assert(hone_ring_full(&pair.writer, 5));
}
