#include "core/inputs_structure.h"

#include "core/element.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* The generator of `arg`, when it draws `kind`; else NULL. */
static const struct hone_generate *drawn_as(const struct hone_input *input,
                                            enum hone_generator kind) {
    if (input->arg >= input->task->arg_count)
        return NULL;
    const struct hone_arg *arg = &input->task->args[input->arg];
    const struct hone_generate *generate = &input->workload->generate[input->arg];
    bool is_index = arg->dtype == HONE_I32 || arg->dtype == HONE_I64;
    return generate->kind == kind && hone_arg_is_tensor(arg) && is_index ? generate : NULL;
}

static int64_t count_of(const struct hone_input *input) {
    return hone_task_shape(input->task, input->workload, input->arg, NULL);
}

/* The input that this one's generator names. */
static struct hone_input other_of(const struct hone_input *input) {
    struct hone_input other = *input;
    other.arg = input->workload->generate[input->arg].other;
    return other;
}

int hone_input_offsets(const struct hone_input *input, struct hone_offsets *offsets) {
    const struct hone_generate *generate = drawn_as(input, HONE_GEN_OFFSETS);
    int64_t count = generate ? count_of(input) : 0;
    if (count < 1)
        return -EINVAL;
    *offsets = (struct hone_offsets){
        .seed = input->seed,
        .argument = input->arg,
        .power_law = generate->rows == HONE_ROWS_POWER_LAW,
        .rows = (uint64_t)count - 1,
        .total = (uint64_t)generate->total,
        .most = (uint64_t)(generate->most >= 0 ? generate->most : generate->total),
        .empty = hone_random_threshold(generate->empty),
    };
    return 0;
}

int hone_input_columns(const struct hone_input *input, struct hone_columns *columns) {
    const struct hone_generate *generate = drawn_as(input, HONE_GEN_CSR);
    struct hone_offsets offsets;
    if (!generate)
        return -EINVAL;
    const struct hone_input other = other_of(input);
    int result = hone_input_offsets(&other, &offsets);
    if (result < 0)
        return result;
    *columns = (struct hone_columns){
        .seed = input->seed,
        .argument = input->arg,
        .duplicates = generate->duplicates,
        .rows = offsets.rows,
        .columns = (uint64_t)generate->columns,
        .band = (uint64_t)(generate->band >= 0 ? generate->band : generate->columns),
    };
    return 0;
}

int hone_input_lengths(const struct hone_input *input, struct hone_lengths *lengths) {
    const struct hone_generate *generate = drawn_as(input, HONE_GEN_LENGTHS);
    int64_t count = generate ? count_of(input) : -1;
    if (count < 0)
        return -EINVAL;
    *lengths = (struct hone_lengths){.seed = input->seed,
                                     .argument = input->arg,
                                     .count = (uint64_t)count,
                                     .low = (uint64_t)generate->low,
                                     .high = (uint64_t)generate->high};
    return 0;
}

int hone_input_pages(const struct hone_input *input, struct hone_pages *pages) {
    const struct hone_generate *generate = drawn_as(input, HONE_GEN_PAGE_TABLE);
    if (!generate)
        return -EINVAL;
    *pages = (struct hone_pages){
        .seed = input->seed, .argument = input->arg, .pages = (uint64_t)generate->pages};
    const struct hone_input other = other_of(input);
    int result = hone_input_lengths(&other, &pages->lengths);
    if (result < 0 || pages->lengths.count == 0)
        return -EINVAL;
    pages->per_sequence = (uint64_t)count_of(input) / pages->lengths.count;
    return pages->per_sequence == 0 ? -EINVAL : 0;
}

static void put(const struct hone_input *input, void *data, uint64_t place, uint64_t value) {
    if (input->task->args[input->arg].dtype == HONE_I32)
        ((int32_t *)data)[place] = (int32_t)value;
    else
        ((int64_t *)data)[place] = (int64_t)value;
}

int hone_input_fill_offsets(const struct hone_input *input, void *data) {
    struct hone_offsets offsets;
    struct hone_offsets_walk walk;
    int result = hone_input_offsets(input, &offsets);
    if (result < 0)
        return result;
    hone_offsets_begin(&walk, &offsets, 0);
    put(input, data, 0, 0);
    while (walk.row < offsets.rows) {
        hone_offsets_next(&walk);
        put(input, data, walk.row, walk.before);
    }
    return 0;
}

int hone_input_fill_columns(const struct hone_input *input, void *data) {
    struct hone_columns columns;
    struct hone_offsets offsets;
    struct hone_offsets_walk walk;
    int result = hone_input_columns(input, &columns);
    const struct hone_input other = other_of(input);
    if (result == 0)
        result = hone_input_offsets(&other, &offsets);
    if (result < 0)
        return result;
    if (count_of(input) != (int64_t)offsets.total)
        return -EINVAL;
    hone_offsets_begin(&walk, &offsets, 0);
    while (walk.row < offsets.rows) {
        uint64_t row = walk.row, first = walk.before, count = hone_offsets_next(&walk);
        for (uint64_t j = 0; j < count; j++)
            put(input, data, first + j, hone_columns_at(&columns, row, first, count, j));
    }
    return 0;
}

int hone_input_poison(const struct hone_input *input, void *data) {
    const enum hone_dtype dtype = input->task->args[input->arg].dtype;
    const struct hone_input table = other_of(input);
    struct hone_pages pages;
    int64_t shape[HONE_DIMS_MAX];
    int64_t count = hone_task_shape(input->task, input->workload, input->arg, shape);
    int result = hone_input_pages(&table, &pages);
    if (result < 0)
        return result;
    if (count < 1 || !hone_dtype_is_float(dtype) || input->task->args[input->arg].ndim < 2 ||
        shape[0] != (int64_t)pages.pages)
        return -EINVAL;
    const uint32_t bytes = hone_dtype_bytes(dtype);
    const uint64_t slots = (uint64_t)shape[1];
    const uint64_t slot_bytes = (uint64_t)count / pages.pages / slots * bytes;
    const double value = NAN;
    unsigned char nan[8];
    hone_elements_write(dtype, &value, 1, nan);
    for (uint64_t page = 0; page < pages.pages; page++) {
        uint64_t used = hone_pages_used(&pages, page, slots);
        unsigned char *from = (unsigned char *)data + (page * slots + used) * slot_bytes;
        for (uint64_t i = 0; i < (slots - used) * slot_bytes; i += bytes)
            memcpy(from + i, nan, bytes);
    }
    return 0;
}
