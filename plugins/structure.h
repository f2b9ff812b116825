/* structure.h - inputs with structure, for C, C++ and CUDA: row pointers, the columns of a sparse
 * matrix, ragged lengths, page tables, skewed indices.
 *
 * Like random.h, on which it stands: integer arithmetic only, so the same bits everywhere, and each
 * value is a function of (seed, argument, its place) that can be had alone. What must agree between
 * two arguments is computed from the same description in both. Counts and values are below 2^31.
 *
 *   offsets  A binary tree over the rows: every node splits its entries between its two halves, by
 *            numbers drawn for that node, never giving a half more than `most` a row. uniform: as
 *            entries thrown at random would fall (a normal in place of the binomial). power_law: by
 *            a share uniform in 1/4..3/4, so that row lengths multiply up to a heavy tail, and one
 *            row, outside the tree, holds a twentieth of everything.
 *   columns  Entry j of k lies in the j-th of k equal stretches of the columns: sorted, distinct.
 *   zipf     An octave of ranks is drawn, then a rank in it: rank r has a chance near 1/(r ln n).
 *            Ranks are permuted, so that it cannot be known which value is frequent.
 */
#ifndef HONE_STRUCTURE_H
#define HONE_STRUCTURE_H

#include "random.h"

/* ---- offsets: rows + 1 numbers from 0 to total ---- */

struct hone_offsets {
    uint64_t seed;
    uint32_t argument;
    uint32_t power_law; /* 0: uniform */
    uint64_t rows, total;
    uint64_t most;  /* entries of one row; rows * most >= total */
    uint64_t empty; /* of 2^32: this share of rows is left empty on purpose */
};

/* A part of the tree: its place in a heap, and how many entries fall into how many rows. */
struct hone_offsets_node {
    uint64_t place, rows, total;
};

/* Goes through rows in order. */
struct hone_offsets_walk {
    struct hone_offsets offsets;
    uint64_t row, before; /* the next row, and the entries of all rows before it */
    uint64_t heavy_row, heavy_total;
    uint32_t depth;
    struct hone_offsets_node pending[64];
};

HONE_RANDOM uint64_t hone_structure_root(uint64_t value) {
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 62; bit; bit >>= 2) {
        uint64_t trial = root + bit;
        root >>= 1;
        if (value >= trial) {
            value -= trial;
            root += bit;
        }
    }
    return root;
}

/* How many entries of a node with at least two rows go to its left half. */
HONE_RANDOM uint64_t hone_offsets_left(const struct hone_offsets *offsets,
                                       const struct hone_offsets_node *node) {
    uint64_t left_rows = node->rows / 2, right_rows = node->rows - left_rows, left;
    uint32_t words[4];
    hone_random_block(offsets->seed, node->place, offsets->argument, HONE_STREAM_VALUE, words);
    if (node->rows == 2 && words[3] < 2 * offsets->empty) {
        left = words[2] & 1u ? node->total : 0;
    } else if (offsets->power_law) {
        uint64_t weight = 16384 + (words[0] >> 17);
        uint64_t heavy = left_rows * weight, light = right_rows * (65536 - weight);
        uint64_t share = (heavy << 16) / (heavy + light);
        left = (node->total * share + (words[1] >> 16)) >> 16;
    } else {
        uint64_t share = (left_rows << 16) / node->rows;
        uint64_t deviation = hone_structure_root(node->total * share * (65536 - share) >> 16);
        int64_t unit = (int64_t)hone_random_normal(words[0], words[1], 1.0f, 0);
        int64_t moved = unit * (int64_t)deviation * 256 / 187285; /* in 2^-16 of an entry */
        int64_t sum = (int64_t)(node->total * share) + 32768 + moved;
        left = sum < 0 ? 0 : (uint64_t)sum >> 16;
    }
    if (left > node->total)
        left = node->total;
    if (left > left_rows * offsets->most)
        left = left_rows * offsets->most;
    if (node->total - left > right_rows * offsets->most)
        left = node->total - right_rows * offsets->most;
    return left;
}

/* Replace the last pending node, of at least two rows, by its halves: the left one last. */
HONE_RANDOM void hone_offsets_split(struct hone_offsets_walk *walk) {
    struct hone_offsets_node node = walk->pending[walk->depth - 1];
    struct hone_offsets_node *right = &walk->pending[walk->depth - 1], *left = right + 1;
    left->place = 2 * node.place;
    left->rows = node.rows / 2;
    left->total = hone_offsets_left(&walk->offsets, &node);
    right->place = 2 * node.place + 1;
    right->rows = node.rows - left->rows;
    right->total = node.total - left->total;
    walk->depth++;
}

HONE_RANDOM void hone_offsets_choose_heavy(struct hone_offsets_walk *walk) {
    const struct hone_offsets *offsets = &walk->offsets;
    walk->heavy_row = offsets->rows;
    walk->heavy_total = 0;
    if (!offsets->power_law || offsets->rows == 0)
        return;
    uint32_t word = hone_random_word(offsets->seed, 0, offsets->argument, HONE_STREAM_SECOND);
    uint64_t others = (offsets->rows - 1) * offsets->most;
    walk->heavy_row = (uint64_t)hone_random_integer(word, 0, (int64_t)offsets->rows - 1);
    walk->heavy_total = (offsets->total + 19) / 20;
    if (walk->heavy_total > offsets->most)
        walk->heavy_total = offsets->most;
    if (offsets->total - walk->heavy_total > others)
        walk->heavy_total = offsets->total - others;
}

/* Start before `row`, at most `rows`: walk->before is offset number `row`. */
HONE_RANDOM void hone_offsets_begin(struct hone_offsets_walk *walk,
                                    const struct hone_offsets *offsets, uint64_t row) {
    walk->offsets = *offsets;
    walk->row = row;
    hone_offsets_choose_heavy(walk);
    uint64_t has_heavy = walk->heavy_row<offsets->rows, past_heavy = row> walk->heavy_row;
    uint64_t skip = row - past_heavy;
    walk->before = past_heavy ? walk->heavy_total : 0;
    walk->pending[0].place = 1;
    walk->pending[0].rows = offsets->rows - has_heavy;
    walk->pending[0].total = offsets->total - walk->heavy_total;
    walk->depth = 1;
    while (skip > 0) {
        const struct hone_offsets_node *node = &walk->pending[walk->depth - 1];
        if (skip < node->rows) {
            hone_offsets_split(walk);
        } else {
            skip -= node->rows;
            walk->before += node->total;
            walk->depth--;
        }
    }
}

/* The entries of walk->row, which must be below `rows`; and on to the next one. */
HONE_RANDOM uint64_t hone_offsets_next(struct hone_offsets_walk *walk) {
    uint64_t count = walk->heavy_total;
    if (walk->row != walk->heavy_row) {
        while (walk->pending[walk->depth - 1].rows > 1)
            hone_offsets_split(walk);
        count = walk->pending[--walk->depth].total;
    }
    walk->row++;
    walk->before += count;
    return count;
}

/* ---- csr ---- */

struct hone_columns {
    uint64_t seed;
    uint32_t argument;
    uint32_t duplicates; /* every fourth entry repeats the one before it, or so */
    uint64_t rows, columns;
    uint64_t band; /* columns a row reaches, around the diagonal; at most `columns` */
};

/* Column of entry `j` of the `count` of a row that begins with entry `first` of the matrix. Without
 * duplicates, count is at most `band`. */
HONE_RANDOM uint64_t hone_columns_at(const struct hone_columns *matrix, uint64_t row,
                                     uint64_t first, uint64_t count, uint64_t j) {
    uint64_t room = matrix->columns - matrix->band, low = 0;
    if (room > 0 && matrix->rows > 1) {
        uint64_t middle = row * (matrix->columns - 1) / (matrix->rows - 1);
        low = middle < matrix->band / 2 ? 0 : middle - matrix->band / 2;
        if (low > room)
            low = room;
    }
    if (matrix->duplicates && (j & 1u)) {
        uint32_t pick =
            hone_random_word(matrix->seed, first + j, matrix->argument, HONE_STREAM_SECOND);
        j -= pick < 0x80000000u;
    }
    uint64_t from = j * matrix->band / count, to = (j + 1) * matrix->band / count;
    uint32_t word = hone_random_word(matrix->seed, first + j, matrix->argument, HONE_STREAM_VALUE);
    return low + from + ((uint64_t)word * (to - from) >> 32);
}

/* ---- lengths ---- */

struct hone_lengths {
    uint64_t seed;
    uint32_t argument;
    uint64_t count;
    uint64_t low, high;
};

/* Length `index` of `count`: the lengths are a permutation of one from each equal part of
 * low..high. */
HONE_RANDOM uint64_t hone_lengths_at(const struct hone_lengths *lengths, uint64_t index) {
    uint64_t span = lengths->high - lengths->low;
    uint32_t word = hone_random_word(lengths->seed, index, lengths->argument, HONE_STREAM_SECOND);
    if (lengths->count == 1)
        return lengths->low + ((uint64_t)word * (span + 1) >> 32);
    uint64_t last = lengths->count - 1;
    uint64_t rank = hone_random_permute(lengths->seed, lengths->argument, lengths->count, index);
    if (rank == 0)
        return lengths->low;
    if (rank == last)
        return lengths->high;
    uint64_t part = span / last;
    return lengths->low + rank * part + rank * (span % last) / last - part / 2 +
           ((uint64_t)word * (part + 1) >> 32);
}

/* ---- pages ---- */

struct hone_pages {
    uint64_t seed;
    uint32_t argument; /* the table's */
    uint64_t pages;    /* of the cache; at least lengths.count * per_sequence */
    uint64_t per_sequence;
    struct hone_lengths lengths;
};

/* Entry `index` of the table [lengths.count, per_sequence]. */
HONE_RANDOM uint64_t hone_pages_at(const struct hone_pages *table, uint64_t index) {
    return hone_random_permute(table->seed, table->argument, table->pages, index);
}

/* How many of a page's `slots` belong to a sequence: the first ones do. */
HONE_RANDOM uint64_t hone_pages_used(const struct hone_pages *table, uint64_t page,
                                     uint64_t slots) {
    uint64_t index = hone_random_unpermute(table->seed, table->argument, table->pages, page);
    uint64_t sequence = index / table->per_sequence;
    if (sequence >= table->lengths.count)
        return 0;
    uint64_t before = index % table->per_sequence * slots;
    uint64_t length = hone_lengths_at(&table->lengths, sequence);
    return length <= before ? 0 : length - before < slots ? length - before : slots;
}

/* ---- skewed indices ---- */

/* One of 0..count-1, the frequent ones where the seed put them. */
HONE_RANDOM uint64_t hone_random_zipf(uint64_t seed, uint32_t argument, uint64_t count,
                                      uint64_t index) {
    uint32_t octaves = 0;
    while ((uint64_t)2 << octaves <= count)
        octaves++;
    /* The last octave is cut off at count; its weight, in 2^-16, is what is left of it. */
    uint64_t rest = count + 1 - ((uint64_t)1 << octaves);
    uint64_t weights = ((uint64_t)octaves << 16) + ((rest << 16) >> octaves);
    uint32_t word = hone_random_word(seed, index, argument, HONE_STREAM_SECOND);
    uint32_t octave = (uint32_t)(((uint64_t)word * weights >> 32) >> 16);
    uint64_t width = octave == octaves ? rest : (uint64_t)1 << octave;
    word = hone_random_word(seed, index, argument, HONE_STREAM_OUTLIER);
    uint64_t rank = ((uint64_t)1 << octave) - 1 + ((uint64_t)word * width >> 32);
    return hone_random_permute(seed, argument, count, rank);
}

#endif
