#include "plugins/structure.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct hone_offsets offsets(uint64_t rows, uint64_t total, uint64_t most,
                                   uint32_t power_law) {
    return (struct hone_offsets){.seed = 7 * rows + total,
                                 .argument = 2,
                                 .power_law = power_law,
                                 .rows = rows,
                                 .total = total,
                                 .most = most};
}

/* Row counts, as a walk from the first row gives them. */
static uint64_t *counts_of(const struct hone_offsets *what, uint64_t *sum) {
    struct hone_offsets_walk walk;
    uint64_t *counts = calloc(what->rows + 1, sizeof *counts);
    hone_offsets_begin(&walk, what, 0);
    for (uint64_t row = 0; row < what->rows; row++)
        counts[row] = hone_offsets_next(&walk);
    *sum = walk.before;
    return counts;
}

Test(structure, takes_roots_rounded_down) {
    static const uint64_t tries[] = {
        0, 1, 2, 3, 4, 8, 9, 15, 16, 0xfffffffe, 0x100000000u, 0x3fffffffffffffff};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        uint64_t root = hone_structure_root(tries[i]);
        cr_expect(le(u64, root * root, tries[i]));
        cr_expect(lt(u64, tries[i], (root + 1) * (root + 1)));
    }
}

Test(structure, offsets_end_at_their_total_and_keep_to_the_most_of_a_row) {
    static const uint64_t rows[] = {1, 2, 3, 5, 17, 64, 1000};
    for (uint32_t model = 0; model < 2; model++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            for (uint64_t total = 0; total <= 3000; total = 2 * total + 1) {
                const uint64_t least_most = (total + rows[i] - 1) / rows[i];
                for (uint64_t most = least_most; most <= least_most + 8; most += 4) {
                    struct hone_offsets what = offsets(rows[i], total, most, model);
                    what.empty = most % 3 ? 0x20000000 : 0;
                    uint64_t sum, *counts = counts_of(&what, &sum);
                    cr_assert(eq(u64, sum, total));
                    for (uint64_t row = 0; row < rows[i]; row++)
                        cr_assert(le(u64, counts[row], most), "row %d of %d, %d entries", (int)row,
                                  (int)rows[i], (int)total);
                    free(counts);
                }
            }
}

Test(structure, gives_an_offset_alone_as_in_its_walk) {
    for (uint32_t model = 0; model < 2; model++) {
        struct hone_offsets what = offsets(1021, 30011, 9000, model);
        struct hone_offsets_walk walk, alone;
        hone_offsets_begin(&walk, &what, 0);
        for (uint64_t row = 0; row < what.rows; row++) {
            hone_offsets_begin(&alone, &what, row);
            cr_assert(eq(u64, alone.before, walk.before));
            cr_assert(eq(u64, hone_offsets_next(&alone), hone_offsets_next(&walk)));
        }
        hone_offsets_begin(&alone, &what, what.rows);
        cr_expect(eq(u64, alone.before, 30011));
    }
}

Test(structure, uniform_rows_are_as_long_as_chance_makes_them) {
    struct hone_offsets what = offsets(10000, 80000, 80000, 0);
    uint64_t sum, *counts = counts_of(&what, &sum);
    double squares = 0;
    uint64_t empty = 0, largest = 0;
    for (uint64_t row = 0; row < what.rows; row++) {
        double apart = (double)counts[row] - 8;
        squares += apart * apart;
        empty += counts[row] == 0;
        largest = counts[row] > largest ? counts[row] : largest;
    }
    cr_expect(lt(dbl, 6.5, squares / 10000)); /* Poisson: 8 */
    cr_expect(lt(dbl, squares / 10000, 9.5));
    cr_expect(lt(u64, empty, 40)); /* 10000 exp(-8) is 3.4 */
    cr_expect(lt(u64, largest, 40));
    free(counts);
}

Test(structure, power_law_rows_have_a_heavy_one_and_many_light_ones) {
    struct hone_offsets what = offsets(10000, 160000, 160000, 1);
    uint64_t sum, *counts = counts_of(&what, &sum), light = 0, long_ones = 0, largest = 0;
    for (uint64_t row = 0; row < what.rows; row++) {
        light += counts[row] < 8; /* half the mean */
        long_ones += counts[row] > 80;
        largest = counts[row] > largest ? counts[row] : largest;
    }
    cr_expect(eq(u64, largest, 8000));
    cr_expect(lt(u64, 3000, light));
    cr_expect(lt(u64, 50, long_ones));
    free(counts);
}

Test(structure, leaves_the_share_of_rows_empty_that_was_asked_for) {
    struct hone_offsets what = offsets(16384, 16384 * 12, 200, 0);
    what.empty = hone_random_threshold(0.25);
    uint64_t sum, *counts = counts_of(&what, &sum), empty = 0;
    for (uint64_t row = 0; row < what.rows; row++)
        empty += counts[row] == 0;
    cr_expect(lt(u64, 3800, empty)); /* 4096 */
    cr_expect(lt(u64, empty, 4400));
    free(counts);
}

Test(structure, columns_of_a_row_rise_and_stay_in_their_band) {
    static const uint64_t counts[] = {1, 2, 7, 50, 64};
    for (uint64_t band = 64; band <= 1000; band += 468)
        for (uint64_t row = 0; row < 300; row++)
            for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
                struct hone_columns matrix = {
                    .seed = 3, .argument = 1, .rows = 300, .columns = 1000, .band = band};
                uint64_t last = 0, first = 0;
                for (uint64_t j = 0; j < counts[i]; j++) {
                    uint64_t column = hone_columns_at(&matrix, row, row * 64, counts[i], j);
                    cr_assert(lt(u64, column, 1000));
                    cr_assert(j == 0 || column > last);
                    first = j == 0 ? column : first;
                    last = column;
                }
                cr_assert(lt(u64, last - first, band));
                cr_assert(band == 1000 ||
                          (first <= row * 999 / 299 + band && last + band >= row * 999 / 299));
            }
}

Test(structure, repeats_columns_only_when_asked) {
    struct hone_columns matrix = {
        .seed = 5, .rows = 1, .columns = 4000, .band = 4000, .duplicates = 1};
    uint32_t repeats = 0;
    for (uint64_t j = 1; j < 1000; j++) {
        uint64_t before = hone_columns_at(&matrix, 0, 0, 1000, j - 1);
        uint64_t column = hone_columns_at(&matrix, 0, 0, 1000, j);
        cr_assert(ge(u64, column, before));
        repeats += column == before;
    }
    cr_expect(lt(u32, 200, repeats)); /* 250 */
    cr_expect(lt(u32, repeats, 300));
    for (uint64_t j = 0; j < 20; j++) /* more entries than columns */
        cr_expect(
            lt(u64, hone_columns_at(&(struct hone_columns){1, 0, 1, 1, 3, 3}, 0, 0, 20, j), 3));
}

Test(structure, lengths_reach_both_ends_and_spread_between) {
    for (uint64_t count = 2; count < 70; count += 3)
        for (uint64_t span = 0; span < 1500; span = 3 * span + 1) {
            struct hone_lengths lengths = {
                .seed = count, .argument = 4, .count = count, .low = 1, .high = 1 + span};
            uint64_t lowest = UINT64_MAX, highest = 0, sum = 0;
            for (uint64_t i = 0; i < count; i++) {
                uint64_t length = hone_lengths_at(&lengths, i);
                lowest = length < lowest ? length : lowest;
                highest = length > highest ? length : highest;
                sum += length;
            }
            cr_assert(eq(u64, lowest, 1));
            cr_assert(eq(u64, highest, 1 + span));
            double mean = (double)sum / (double)count, middle = 1 + (double)span / 2;
            cr_assert(mean > 0.75 * middle - 1 && mean < 1.25 * middle + 1, "%f of %f", mean,
                      middle);
        }
}

Test(structure, a_single_length_is_anything_in_its_range) {
    bool seen[5] = {false};
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct hone_lengths lengths = {.seed = seed, .count = 1, .low = 3, .high = 7};
        uint64_t length = hone_lengths_at(&lengths, 0);
        cr_assert(length >= 3 && length <= 7);
        seen[length - 3] = true;
    }
    for (int i = 0; i < 5; i++)
        cr_expect(seen[i]);
}

Test(structure, undoes_a_permutation) {
    for (uint64_t count = 1; count < 5000; count = count * 3 + 1)
        for (uint64_t i = 0; i < count; i++)
            cr_assert(eq(
                u64, hone_random_unpermute(9, 2, count, hone_random_permute(9, 2, count, i)), i));
}

Test(structure, uses_of_every_page_what_the_table_and_the_lengths_say) {
    const uint64_t slots = 16;
    struct hone_pages table = {
        .seed = 11, .argument = 3, .pages = 60, .per_sequence = 9, .lengths = {11, 4, 6, 1, 144}};
    uint64_t used[60] = {0}, total = 0, left = 0;
    bool seen[60] = {false};
    for (uint64_t i = 0; i < 54; i++) {
        uint64_t page = hone_pages_at(&table, i), length = hone_lengths_at(&table.lengths, i / 9);
        cr_assert(lt(u64, page, 60));
        cr_assert(not(seen[page]));
        seen[page] = true;
        uint64_t before = i % 9 * slots;
        used[page] = length > before ? length - before : 0;
        used[page] = used[page] > slots ? slots : used[page];
    }
    for (uint64_t page = 0; page < 60; page++) {
        cr_expect(eq(u64, hone_pages_used(&table, page, slots), used[page]));
        total += used[page];
        left += used[page] == 0;
    }
    for (uint64_t i = 0; i < 6; i++)
        total -= hone_lengths_at(&table.lengths, i);
    cr_expect(eq(u64, total, 0));
    cr_expect(ge(u64, left, 6));
}

Test(structure, skewed_indices_are_few_and_many) {
    enum { COUNT = 1000, DRAWS = 100000 };
    uint32_t hits[COUNT] = {0}, largest = 0, never = 0;
    for (uint64_t i = 0; i < DRAWS; i++)
        hits[hone_random_zipf(1, 2, COUNT, i)]++;
    for (int i = 0; i < COUNT; i++) {
        largest = hits[i] > largest ? hits[i] : largest;
        never += hits[i] == 0;
    }
    cr_expect(lt(u32, 9500, largest)); /* one in log2(1000), 9.95 */
    cr_expect(lt(u32, largest, 10600));
    cr_expect(lt(u32, never, 5)); /* the rarest is expected 20 times */
    for (uint64_t count = 1; count < 70; count++)
        for (uint64_t i = 0; i < 200; i++)
            cr_assert(lt(u64, hone_random_zipf(i, 2, count, i), count));
}
