#include "core/inputs.h"

#include "core/element.h"
#include "core/inputs_structure.h"
#include "plugins/random.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

#define CHUNK 1024 /* elements converted at a time; a multiple of 4 LANES */
#define LANES 16   /* blocks drawn at a time */

/* One stretch of one argument being drawn. */
struct drawing {
    const struct hone_generate *generate;
    enum hone_dtype dtype;
    uint64_t seed;
    uint32_t argument;
    uint64_t first; /* element, a multiple of 4 */
    uint32_t count; /* up to CHUNK */
};

/* hone_random_block() of LANES blocks at once, one in each lane of a vector: what it does to one
 * block, in loops that compilers turn into vector instructions. */
HONE_VECTORISED static void draw_blocks(uint64_t seed, uint64_t block, uint32_t argument,
                                        uint32_t stream, uint32_t words[4 * LANES]) {
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    for (uint32_t i = 0; i < LANES; i++) {
        c0[i] = (uint32_t)(block + i);
        c1[i] = (uint32_t)((block + i) >> 32);
        c2[i] = argument;
        c3[i] = stream;
    }
    for (int round = 0; round < 10; round++) {
        uint64_t product0[LANES], product1[LANES];
        for (uint32_t i = 0; i < LANES; i++)
            product0[i] = (uint64_t)0xD2511F53u * c0[i];
        for (uint32_t i = 0; i < LANES; i++)
            product1[i] = (uint64_t)0xCD9E8D57u * c2[i];
        for (uint32_t i = 0; i < LANES; i++)
            c0[i] = (uint32_t)(product1[i] >> 32) ^ c1[i] ^ key0;
        for (uint32_t i = 0; i < LANES; i++)
            c2[i] = (uint32_t)(product0[i] >> 32) ^ c3[i] ^ key1;
        for (uint32_t i = 0; i < LANES; i++) {
            c1[i] = (uint32_t)product1[i];
            c3[i] = (uint32_t)product0[i];
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    for (uint32_t i = 0; i < LANES; i++) {
        words[4 * i] = c0[i];
        words[4 * i + 1] = c1[i];
        words[4 * i + 2] = c2[i];
        words[4 * i + 3] = c3[i];
    }
}

/* A whole number of vectors, so up to some more words than are asked for. */
static void draw_words(const struct drawing *drawing, uint32_t stream, uint32_t words[CHUNK]) {
    for (uint32_t i = 0; i < drawing->count; i += 4 * LANES)
        draw_blocks(drawing->seed, (drawing->first + i) / 4, drawing->argument, stream, words + i);
}

HONE_VECTORISED static void to_normals(const uint32_t *first, const uint32_t *second,
                                       uint32_t count, float scale, double mean, double *values) {
    for (uint32_t i = 0; i < count; i++)
        values[i] = hone_random_normal(first[i], second[i], scale, mean);
}

HONE_VECTORISED static void to_uniforms(const uint32_t *words, uint32_t count, double low,
                                        float step, double *values) {
    for (uint32_t i = 0; i < count; i++)
        values[i] = hone_random_uniform(words[i], low, step);
}

HONE_VECTORISED static void to_singles(const double *values, uint32_t count, float *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = (float)values[i];
}

static void draw_normal(const struct drawing *drawing, double values[CHUNK]) {
    const struct hone_generate *generate = drawing->generate;
    float scale = hone_random_normal_scale(generate->deviation);
    uint32_t first[CHUNK], second[CHUNK];
    draw_words(drawing, HONE_STREAM_VALUE, first);
    draw_words(drawing, HONE_STREAM_SECOND, second);
    to_normals(first, second, drawing->count, scale, generate->mean, values);
    if (!(generate->outlier_probability > 0))
        return;
    float large = hone_random_normal_scale(generate->deviation * generate->outlier_scale);
    uint64_t threshold = hone_random_threshold(generate->outlier_probability);
    uint32_t picks[CHUNK];
    draw_words(drawing, HONE_STREAM_OUTLIER, picks);
    for (uint32_t i = 0; i < drawing->count; i++)
        if (picks[i] < threshold)
            values[i] = hone_random_normal(first[i], second[i], large, generate->mean);
}

static void draw_uniform(const struct drawing *drawing, double values[CHUNK]) {
    const struct hone_generate *generate = drawing->generate;
    float step = hone_random_uniform_step(generate->low, generate->high);
    uint32_t words[CHUNK];
    draw_words(drawing, HONE_STREAM_VALUE, words);
    to_uniforms(words, drawing->count, generate->low, step, values);
}

static void draw_integers(const struct drawing *drawing, double values[CHUNK]) {
    const struct hone_generate *generate = drawing->generate;
    uint32_t words[CHUNK];
    draw_words(drawing, HONE_STREAM_VALUE, words);
    for (uint32_t i = 0; i < drawing->count; i++)
        values[i] =
            (double)hone_random_integer(words[i], (int64_t)generate->low, (int64_t)generate->high);
}

static void draw_bernoulli(const struct drawing *drawing, double values[CHUNK]) {
    uint64_t threshold = hone_random_threshold(drawing->generate->probability);
    uint32_t words[CHUNK];
    draw_words(drawing, HONE_STREAM_VALUE, words);
    for (uint32_t i = 0; i < drawing->count; i++)
        values[i] = words[i] < threshold;
}

static void draw_zipf(const struct drawing *drawing, double values[CHUNK]) {
    const struct hone_generate *generate = drawing->generate;
    uint64_t different = (uint64_t)(generate->high - generate->low) + 1;
    for (uint32_t i = 0; i < drawing->count; i++)
        values[i] = generate->low + (double)hone_random_zipf(drawing->seed, drawing->argument,
                                                             different, drawing->first + i);
}

static int draw_lengths(const struct drawing *drawing, const struct hone_input *input,
                        double values[CHUNK]) {
    struct hone_lengths lengths;
    int result = hone_input_lengths(input, &lengths);
    for (uint32_t i = 0; result == 0 && i < drawing->count; i++)
        values[i] = (double)hone_lengths_at(&lengths, drawing->first + i);
    return result;
}

static int draw_pages(const struct drawing *drawing, const struct hone_input *input,
                      double values[CHUNK]) {
    struct hone_pages pages;
    int result = hone_input_pages(input, &pages);
    for (uint32_t i = 0; result == 0 && i < drawing->count; i++)
        values[i] = (double)hone_pages_at(&pages, drawing->first + i);
    return result;
}

static int draw(const struct drawing *drawing, const struct hone_input *input, uint64_t total,
                double values[CHUNK]) {
    switch (drawing->generate->kind) {
    case HONE_GEN_NORMAL:
        draw_normal(drawing, values);
        return 0;
    case HONE_GEN_UNIFORM:
        draw_uniform(drawing, values);
        return 0;
    case HONE_GEN_INTS:
        draw_integers(drawing, values);
        return 0;
    case HONE_GEN_BERNOULLI:
        draw_bernoulli(drawing, values);
        return 0;
    case HONE_GEN_PERMUTATION:
        for (uint32_t i = 0; i < drawing->count; i++)
            values[i] = (double)hone_random_permute(drawing->seed, drawing->argument, total,
                                                    drawing->first + i);
        return 0;
    case HONE_GEN_CONSTANT:
        for (uint32_t i = 0; i < drawing->count; i++)
            values[i] = drawing->generate->value;
        return 0;
    case HONE_GEN_ZIPF:
        draw_zipf(drawing, values);
        return 0;
    case HONE_GEN_LENGTHS:
        return draw_lengths(drawing, input, values);
    case HONE_GEN_PAGE_TABLE:
        return draw_pages(drawing, input, values);
    case HONE_GEN_OFFSETS: /* filled by row */
    case HONE_GEN_CSR:
        return -EINVAL;
    }
    return -EINVAL;
}

/* Values of integer dtypes are whole and in range: the parser saw to it. */
static void store(enum hone_dtype dtype, const double *values, uint32_t count, uint64_t first,
                  void *data) {
    switch (dtype) {
    case HONE_F64:
        memcpy((double *)data + first, values, count * sizeof *values);
        break;
    case HONE_F32:
        to_singles(values, count, (float *)data + first);
        break;
    case HONE_F16:
        for (uint32_t i = 0; i < count; i++)
            ((uint16_t *)data)[first + i] = hone_random_to_f16((float)values[i]);
        break;
    case HONE_BF16:
        for (uint32_t i = 0; i < count; i++)
            ((uint16_t *)data)[first + i] = hone_random_to_bf16((float)values[i]);
        break;
    case HONE_I64:
        for (uint32_t i = 0; i < count; i++)
            ((int64_t *)data)[first + i] = (int64_t)values[i];
        break;
    case HONE_I32:
        for (uint32_t i = 0; i < count; i++)
            ((int32_t *)data)[first + i] = (int32_t)values[i];
        break;
    case HONE_U8:
    case HONE_BOOL:
        for (uint32_t i = 0; i < count; i++)
            ((uint8_t *)data)[first + i] = (uint8_t)values[i];
        break;
    }
}

static bool holds(enum hone_dtype dtype, enum hone_generator kind) {
    switch (kind) {
    case HONE_GEN_NORMAL:
    case HONE_GEN_UNIFORM:
        return dtype <= HONE_BF16;
    case HONE_GEN_INTS:
    case HONE_GEN_BERNOULLI:
    case HONE_GEN_CONSTANT:
        return true;
    default:
        return dtype == HONE_I32 || dtype == HONE_I64;
    }
}

int hone_inputs_fill(const struct hone_task *task, const struct hone_workload *workload,
                     uint64_t seed, uint32_t arg, void *data) {
    if (arg >= task->arg_count)
        return -EINVAL;
    const struct hone_arg *argument = &task->args[arg];
    const struct hone_generate *generate = &workload->generate[arg];
    if (!hone_arg_is_tensor(argument) || argument->role == HONE_OUT ||
        !holds(argument->dtype, generate->kind))
        return -EINVAL;
    int64_t total = hone_task_shape(task, workload, arg, NULL);
    if (total < 0)
        return -EINVAL;
    const struct hone_input input = {.task = task, .workload = workload, .seed = seed, .arg = arg};
    if (generate->kind == HONE_GEN_OFFSETS)
        return hone_input_fill_offsets(&input, data);
    if (generate->kind == HONE_GEN_CSR)
        return hone_input_fill_columns(&input, data);
    struct drawing drawing = {
        .generate = generate, .dtype = argument->dtype, .seed = seed, .argument = arg};
    double values[CHUNK];
    for (uint64_t left = (uint64_t)total; left > 0; left -= drawing.count) {
        drawing.count = left < CHUNK ? (uint32_t)left : CHUNK;
        int result = draw(&drawing, &input, (uint64_t)total, values);
        if (result < 0)
            return result;
        store(argument->dtype, values, drawing.count, drawing.first, data);
        drawing.first += drawing.count;
    }
    bool poisons = (generate->kind == HONE_GEN_NORMAL || generate->kind == HONE_GEN_UNIFORM) &&
                   generate->other != HONE_NO_ARG;
    return poisons && total > 0 ? hone_input_poison(&input, data) : 0;
}

/* Its kind and what the kind needs. */
static void describe(const struct hone_generate *generate, struct hone_material *material) {
    switch (generate->kind) {
    case HONE_GEN_NORMAL:
        material->kind = HONE_MATERIAL_NORMAL;
        material->center = generate->mean;
        material->scale = hone_random_normal_scale(generate->deviation);
        if (!(generate->outlier_probability > 0))
            break;
        material->outlier_scale =
            hone_random_normal_scale(generate->deviation * generate->outlier_scale);
        material->threshold = hone_random_threshold(generate->outlier_probability);
        break;
    case HONE_GEN_UNIFORM:
        material->kind = HONE_MATERIAL_UNIFORM;
        material->center = generate->low;
        material->scale = hone_random_uniform_step(generate->low, generate->high);
        break;
    case HONE_GEN_INTS:
    case HONE_GEN_ZIPF:
        material->kind = generate->kind == HONE_GEN_INTS ? HONE_MATERIAL_INTS : HONE_MATERIAL_ZIPF;
        material->low = (int64_t)generate->low;
        material->high = (int64_t)generate->high;
        break;
    case HONE_GEN_BERNOULLI:
        material->kind = HONE_MATERIAL_BERNOULLI;
        material->threshold = hone_random_threshold(generate->probability);
        break;
    case HONE_GEN_PERMUTATION:
        material->kind = HONE_MATERIAL_PERMUTATION;
        break;
    case HONE_GEN_CONSTANT:
        material->kind = HONE_MATERIAL_CONSTANT;
        material->center = generate->value;
        break;
    case HONE_GEN_OFFSETS:
    case HONE_GEN_CSR:
    case HONE_GEN_LENGTHS:
    case HONE_GEN_PAGE_TABLE:
        break;
    }
}

bool hone_inputs_material(const struct hone_task *task, const struct hone_workload *workload,
                          uint64_t seed, uint32_t arg, struct hone_material *material) {
    const struct hone_generate *generate = &workload->generate[arg];
    const bool floats = generate->kind == HONE_GEN_NORMAL || generate->kind == HONE_GEN_UNIFORM;
    const int64_t count = hone_task_shape(task, workload, arg, NULL);
    *material = (struct hone_material){
        .count = (uint64_t)count, .format = task->args[arg].dtype, .seed = seed, .argument = arg};
    if (count < 0 || !holds(task->args[arg].dtype, generate->kind) ||
        (floats && generate->other != HONE_NO_ARG) || workload->changed == 1 + arg)
        return false;
    describe(generate, material);
    return material->kind != 0;
}

uint64_t hone_seed(const uint8_t secret[32], uint64_t task_hash, const char *workload,
                   uint64_t episode, uint64_t draw) {
    struct {
        uint8_t before[32];
        uint64_t task, episode, draw;
        XXH128_canonical_t workload;
        uint8_t after[32];
    } text = {.task = task_hash, .episode = episode, .draw = draw};
    _Static_assert(sizeof text == 104, "no padding: it would be hashed");
    memcpy(text.before, secret, 32);
    memcpy(text.after, secret, 32);
    XXH128_canonicalFromHash(&text.workload, XXH3_128bits(workload, strlen(workload)));
    return XXH3_64bits(&text, sizeof text);
}
