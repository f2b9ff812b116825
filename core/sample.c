#include "core/sample.h"

#include "core/element.h"
#include "core/error.h"
#include "plugins/material.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Streams of the set's seed beside those of inputs (plugins/random.h, plugins/structure.h). */
#define STREAM_INDEX 0x534d5049u
#define STREAM_SEED 0x534d504bu

#define EDGE 32                 /* blocks that kernels work by are multiples of it */
#define COLUMNS (2 * HONE_SUMS) /* of the summed problem: high and low of every vector */
#define STRETCH HONE_SUMS_STRETCH

/* The dimension of an argument that is `axis` itself; -1: none. */
static int dimension_of(const struct hone_task *task, uint32_t arg, uint32_t axis) {
    const struct hone_arg *argument = &task->args[arg];
    for (uint32_t i = 0; hone_arg_is_tensor(argument) && i < argument->ndim; i++)
        if (strcmp(argument->shape[i], task->axes[axis].name) == 0)
            return (int)i;
    return -1;
}

static struct hone_fibres fibres_of(const struct hone_task *task,
                                    const struct hone_workload *workload, uint32_t arg,
                                    int dimension) {
    struct hone_fibres fibres = {1, 1, 1};
    int64_t shape[HONE_DIMS_MAX];
    hone_task_shape(task, workload, arg, shape);
    for (int i = 0; i < (int)task->args[arg].ndim; i++)
        *(i < dimension    ? &fibres.outer
          : i == dimension ? &fibres.length
                           : &fibres.inner) *= shape[i];
    return fibres;
}

bool hone_sample_fibres(const struct hone_task *task, const struct hone_workload *workload,
                        uint32_t arg, struct hone_fibres *fibres) {
    if (task->sample.linear == HONE_NO_AXIS)
        return false;
    *fibres = fibres_of(task, workload, arg, dimension_of(task, arg, task->sample.linear));
    return true;
}

/* ---- seeds ---- */

static uint64_t derive(uint64_t seed, uint64_t which) {
    uint32_t words[4];
    hone_random_block(seed, which, 0, STREAM_SEED, words);
    return words[0] | (uint64_t)words[1] << 32;
}

uint64_t hone_sample_inputs_seed(uint64_t seed) {
    return derive(seed, 0);
}

uint64_t hone_sample_signs_seed(uint64_t seed) {
    return derive(seed, 1);
}

/* ---- which indices ---- */

int64_t hone_sample_count(const struct hone_task *task, const struct hone_workload *workload,
                          uint32_t axis) {
    const int64_t size = workload->axes[task->sample.axes[axis]];
    return size < task->sample.counts[axis] ? size : task->sample.counts[axis];
}

static bool insert(int64_t *indices, int64_t *count, int64_t index) {
    int64_t place = *count;
    while (place > 0 && indices[place - 1] > index)
        place--;
    if (place > 0 && indices[place - 1] == index)
        return false;
    memmove(&indices[place + 1], &indices[place], (size_t)(*count - place) * sizeof *indices);
    indices[place] = index;
    ++*count;
    return true;
}

void hone_sample_draw(const struct hone_task *task, const struct hone_workload *workload,
                      uint64_t seed, uint32_t axis, int64_t *indices) {
    const int64_t size = workload->axes[task->sample.axes[axis]];
    const int64_t wanted = hone_sample_count(task, workload, axis);
    int64_t count = 0;
    if (wanted == size) {
        for (; count < size; count++)
            indices[count] = count;
        return;
    }
    insert(indices, &count, 0);
    if (wanted > 1)
        insert(indices, &count, size - 1);
    for (uint64_t draw = 0; count < wanted; draw++) {
        const uint32_t word = hone_random_word(seed, draw, task->sample.axes[axis], STREAM_INDEX);
        int64_t index = hone_random_integer(word, 0, size - 1);
        if (draw % 2 == 0) /* the last of a block, or the first of the next */
            index = index / EDGE * EDGE - (word & 1);
        if (index >= 0)
            insert(indices, &count, index);
    }
}

/* ---- a smaller problem ---- */

struct problem {
    struct hone_workload workload;
    struct hone_set_layout layout;
    uint8_t *memory;
};

/* The workload with some axes shorter; its inputs are yet to be filled. */
static int open_problem(const struct hone_task *task, struct problem *problem,
                        struct hone_error *error) {
    problem->workload.sampled = false;
    hone_set_layout(task, &problem->workload, &problem->layout);
    problem->memory = malloc(problem->layout.total_bytes + 1);
    return problem->memory ? 0
                           : hone_fail(error, -ENOMEM, "%s: no memory for a sample of %llu bytes",
                                       task->id, (unsigned long long)problem->layout.total_bytes);
}

static bool is_input(const struct hone_task *task, const struct hone_set_layout *layout,
                     uint32_t arg) {
    return hone_arg_is_tensor(&task->args[arg]) && layout->input_offset[arg] != UINT64_MAX;
}

struct indices {
    const int64_t *of[HONE_SAMPLE_AXES_MAX];
};

/* What is kept of an argument: the indices of each of its dimensions, NULL for all. Returns how
 * many leading dimensions have to be walked; what follows is contiguous. */
static uint32_t kept_of(const struct hone_task *task, const struct indices *indices, uint32_t arg,
                        const int64_t *kept[HONE_DIMS_MAX]) {
    uint32_t walked = 0;
    memset(kept, 0, HONE_DIMS_MAX * sizeof *kept);
    for (uint32_t i = 0; i < task->sample.axis_count; i++) {
        const int dimension = dimension_of(task, arg, task->sample.axes[i]);
        if (dimension < 0)
            continue;
        kept[dimension] = indices->of[i];
        walked = (uint32_t)dimension + 1 > walked ? (uint32_t)dimension + 1 : walked;
    }
    return walked;
}

/* Number, in the whole argument, of what is number `flat` among what is kept. */
static int64_t whole_place(int64_t flat, uint32_t dimensions, const int64_t *shape,
                           const int64_t *cut, const int64_t *const *kept) {
    int64_t place = 0, stride = 1;
    for (uint32_t i = dimensions; i-- > 0;) {
        const int64_t index = flat % cut[i];
        place += stride * (kept[i] ? kept[i][index] : index);
        stride *= shape[i];
        flat /= cut[i];
    }
    return place;
}

static void cut_input(const struct hone_task *task, const struct hone_workload *workload,
                      const struct indices *indices, uint32_t arg, const uint8_t *from,
                      const struct problem *problem) {
    const int64_t *kept[HONE_DIMS_MAX];
    int64_t shape[HONE_DIMS_MAX], cut[HONE_DIMS_MAX], places = 1;
    const uint32_t walked = kept_of(task, indices, arg, kept);
    uint64_t chunk = hone_dtype_bytes(task->args[arg].dtype);
    uint8_t *to = problem->memory + problem->layout.input_offset[arg];
    hone_task_shape(task, workload, arg, shape);
    hone_task_shape(task, &problem->workload, arg, cut);
    for (uint32_t i = 0; i < task->args[arg].ndim; i++)
        if (i < walked)
            places *= cut[i];
        else
            chunk *= (uint64_t)cut[i];
    for (int64_t i = 0; i < places; i++)
        memcpy(to + (uint64_t)i * chunk,
               from + (uint64_t)whole_place(i, walked, shape, cut, kept) * chunk, chunk);
}

static void note_positions(const struct hone_task *task, const struct hone_workload *workload,
                           const struct indices *indices, uint32_t arg,
                           const struct problem *problem, int64_t *positions) {
    const int64_t *kept[HONE_DIMS_MAX];
    int64_t shape[HONE_DIMS_MAX], cut[HONE_DIMS_MAX];
    kept_of(task, indices, arg, kept);
    hone_task_shape(task, workload, arg, shape);
    hone_task_shape(task, &problem->workload, arg, cut);
    for (int64_t i = 0; i < problem->layout.count[arg]; i++)
        positions[i] = whole_place(i, task->args[arg].ndim, shape, cut, kept);
}

/* ---- the truth at some indices ---- */

static int fill_elements(const struct hone_task *task, const struct hone_workload *workload,
                         const struct hone_set_layout *layout, const struct indices *indices,
                         uint8_t *memory, const struct hone_sample_oracle *oracle,
                         struct hone_error *error) {
    struct problem problem = {.workload = *workload};
    for (uint32_t i = 0; i < task->sample.axis_count; i++)
        problem.workload.axes[task->sample.axes[i]] = hone_sample_count(task, workload, i);
    int result = open_problem(task, &problem, error);
    if (result < 0)
        return result;
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (is_input(task, layout, i))
            cut_input(task, workload, indices, i, memory + layout->input_offset[i], &problem);
    result =
        oracle->run(oracle->context, &problem.workload, &problem.layout, problem.memory, error);
    for (uint32_t i = 0; result == 0 && i < task->arg_count; i++) {
        if (!hone_arg_is_output(&task->args[i]))
            continue;
        note_positions(task, workload, indices, i, &problem,
                       (void *)(memory + layout->position_offset[i]));
        memcpy(memory + layout->oracle_offset[i], problem.memory + problem.layout.oracle_offset[i],
               (size_t)layout->sample_count[i] * sizeof(double));
    }
    free(problem.memory);
    return result;
}

/* ---- Freivalds' check ---- */

static void draw_signs(const struct hone_task *task, uint64_t seed, uint8_t *signs,
                       int64_t length) {
    uint32_t words[4];
    for (int64_t j = 0; j < length; j++) {
        if (j % HONE_SIGNS_OF_BLOCK == 0)
            hone_random_block(hone_sample_signs_seed(seed), (uint64_t)j / HONE_SIGNS_OF_BLOCK,
                              task->sample.linear, HONE_STREAM_SIGN, words);
        signs[j] = (uint8_t)hone_signs_in(words, (uint64_t)j);
    }
}
_Static_assert(HONE_SUMS == 2, "an index has two signs");

/* High and low part of every sum of one stretch of fibres, next to each other. */
static void store_sums(enum hone_dtype dtype, double sums[HONE_SUMS][STRETCH], int64_t some,
                       int64_t inner, uint8_t *to) {
    const uint32_t bytes = hone_dtype_bytes(dtype);
    for (uint32_t v = 0; v < HONE_SUMS; v++) {
        double low[STRETCH];
        for (int64_t i = 0; i < some; i++)
            low[i] = dtype == HONE_F32 ? sums[v][i] - (double)(float)sums[v][i] : 0;
        hone_elements_write(dtype, sums[v], (uint32_t)some, to + 2 * v * (uint64_t)inner * bytes);
        hone_elements_write(dtype, low, (uint32_t)some, to + (2 * v + 1) * (uint64_t)inner * bytes);
    }
}

/* An input summed along the linear axis. */
static void sum_input(enum hone_dtype dtype, const struct hone_fibres *fibres, const uint8_t *signs,
                      const uint8_t *from, uint8_t *to) {
    const uint32_t bytes = hone_dtype_bytes(dtype);
    double values[STRETCH], sums[HONE_SUMS][STRETCH], squares[STRETCH];
    for (int64_t o = 0; o < fibres->outer; o++)
        for (int64_t i = 0; i < fibres->inner; i += STRETCH) {
            const int64_t some = fibres->inner - i < STRETCH ? fibres->inner - i : STRETCH;
            const uint8_t *first =
                from + (uint64_t)(o * fibres->length * fibres->inner + i) * bytes;
            memset(sums, 0, sizeof sums);
            memset(squares, 0, sizeof squares);
            for (int64_t j = 0; j < fibres->length;) {
                const int64_t left = fibres->length - j;
                const int64_t count = fibres->inner > 1 ? 1 : left < STRETCH ? left : STRETCH;
                const uint32_t read = (uint32_t)(fibres->inner > 1 ? some : count);
                hone_elements_read(dtype, first + (uint64_t)(j * fibres->inner) * bytes, read,
                                   values);
                if (fibres->inner > 1)
                    hone_sums_across(values, signs[j], read, sums, squares);
                else
                    hone_sums_along(values, signs + j, read, sums, squares);
                j += count;
            }
            store_sums(dtype, sums, some, fibres->inner,
                       to + (uint64_t)(o * COLUMNS * fibres->inner + i) * bytes);
        }
}

static void join_sums(const struct hone_fibres *fibres, const double *from, double *to) {
    for (int64_t o = 0; o < fibres->outer; o++)
        for (int64_t i = 0; i < fibres->inner; i++)
            for (int64_t v = 0; v < HONE_SUMS; v++) {
                const double *high = from + (o * COLUMNS + 2 * v) * fibres->inner + i;
                to[(o * fibres->inner + i) * HONE_SUMS + v] = high[0] + high[fibres->inner];
            }
}

static int fill_sums(const struct hone_task *task, const struct hone_workload *workload,
                     const struct hone_set_layout *layout, uint8_t *memory,
                     const struct hone_sample_oracle *oracle, struct hone_error *error) {
    const uint8_t *signs = memory + layout->sign_offset;
    struct problem problem = {.workload = *workload};
    problem.workload.axes[task->sample.linear] = COLUMNS;
    int result = open_problem(task, &problem, error);
    if (result < 0)
        return result;
    for (uint32_t i = 0; i < task->arg_count; i++) {
        if (!is_input(task, layout, i))
            continue;
        const int dimension = dimension_of(task, i, task->sample.linear);
        const uint8_t *from = memory + layout->input_offset[i];
        uint8_t *to = problem.memory + problem.layout.input_offset[i];
        const struct hone_fibres fibres = fibres_of(task, workload, i, dimension);
        if (dimension < 0)
            memcpy(to, from, (size_t)layout->count[i] * hone_dtype_bytes(task->args[i].dtype));
        else
            sum_input(task->args[i].dtype, &fibres, signs, from, to);
    }
    result =
        oracle->run(oracle->context, &problem.workload, &problem.layout, problem.memory, error);
    for (uint32_t i = 0; result == 0 && i < task->arg_count; i++) {
        struct hone_fibres fibres;
        if (hone_arg_is_output(&task->args[i]) && hone_sample_fibres(task, workload, i, &fibres))
            join_sums(&fibres, (const void *)(problem.memory + problem.layout.oracle_offset[i]),
                      (void *)(memory + layout->sum_offset[i]));
    }
    free(problem.memory);
    return result;
}

int hone_sample_fill(const struct hone_task *task, const struct hone_workload *workload,
                     const struct hone_set_layout *layout, uint64_t seed, void *memory,
                     const struct hone_sample_oracle *oracle, struct hone_error *error) {
    int64_t total = 0, *room;
    struct indices indices;
    for (uint32_t i = 0; i < task->sample.axis_count; i++)
        total += hone_sample_count(task, workload, i);
    room = malloc((size_t)total * sizeof *room + 1);
    if (!room)
        return hone_fail(error, -ENOMEM, "out of memory");
    int64_t *next = room;
    for (uint32_t i = 0; i < task->sample.axis_count; i++) {
        hone_sample_draw(task, workload, seed, i, next);
        indices.of[i] = next;
        next += hone_sample_count(task, workload, i);
    }
    int result = fill_elements(task, workload, layout, &indices, memory, oracle, error);
    free(room);
    if (result < 0 || layout->sign_offset == UINT64_MAX)
        return result;
    draw_signs(task, seed, (uint8_t *)memory + layout->sign_offset,
               workload->axes[task->sample.linear]);
    return fill_sums(task, workload, layout, memory, oracle, error);
}

/* ---- where it lies, and what it says ---- */

static uint64_t place(uint64_t *total, int64_t count, uint64_t bytes) {
    const uint64_t offset = *total;
    *total += ((uint64_t)count * bytes + 63) / 64 * 64;
    return offset;
}

void hone_sample_layout(const struct hone_task *task, const struct hone_workload *workload,
                        struct hone_set_layout *layout) {
    struct hone_workload cut = *workload;
    const uint32_t linear = task->sample.linear;
    layout->sampled = true;
    layout->drawn_offset = place(&layout->total_bytes, 1, sizeof(uint64_t));
    for (uint32_t i = 0; i < task->sample.axis_count; i++)
        cut.axes[task->sample.axes[i]] = hone_sample_count(task, workload, i);
    if (linear != HONE_NO_AXIS)
        layout->sign_offset = place(&layout->total_bytes, workload->axes[linear], 1);
    for (uint32_t i = 0; i < task->arg_count; i++) {
        struct hone_fibres fibres;
        if (!hone_arg_is_output(&task->args[i]))
            continue;
        const int64_t count = hone_task_shape(task, &cut, i, NULL);
        layout->sample_count[i] = count < 0 ? 0 : count;
        layout->oracle_offset[i] =
            place(&layout->total_bytes, layout->sample_count[i], sizeof(double));
        layout->position_offset[i] =
            place(&layout->total_bytes, layout->sample_count[i], sizeof(int64_t));
        if (hone_sample_fibres(task, workload, i, &fibres))
            layout->sum_offset[i] = place(&layout->total_bytes, fibres.outer * fibres.inner,
                                          HONE_SUMS * sizeof(double));
    }
}

int hone_sample_judged(const struct hone_task *task, const struct hone_workload *workload,
                       const struct hone_set_layout *layout, const void *memory, uint32_t arg,
                       struct hone_judged_sample *sample, struct hone_error *error) {
    const uint8_t *base = memory;
    const double *wanted = (const void *)(base + layout->oracle_offset[arg]);
    struct hone_fibres fibres;
    *sample = (struct hone_judged_sample){
        .count = layout->sample_count[arg],
        .at = (const void *)(base + layout->position_offset[arg]),
        .outer = 1,
        .length = layout->count[arg],
        .inner = 1,
    };
    bool sound = true;
    for (int64_t i = 0; i < sample->count; i++)
        sound &= sample->at[i] > (i ? sample->at[i - 1] : -1) &&
                 sample->at[i] < layout->count[arg] && isfinite(wanted[i]);
    if (hone_sample_fibres(task, workload, arg, &fibres)) {
        sample->signs = base + layout->sign_offset;
        sample->sums = (const void *)(base + layout->sum_offset[arg]);
        sample->outer = fibres.outer;
        sample->length = fibres.length;
        sample->inner = fibres.inner;
        for (int64_t i = 0; i < fibres.outer * fibres.inner * HONE_SUMS; i++)
            sound &= isfinite(sample->sums[i]) != 0;
    }
    return sound ? 0
                 : hone_fail(error, -EIO,
                             "%s: the sample of %s is no sample: expected finite values at "
                             "ascending positions",
                             task->id, task->args[arg].name);
}
