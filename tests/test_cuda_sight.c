/* Outputs judged by what a device sees of them, and by their bytes: the same in every word. */
#include "core/element.h"
#include "core/judge.h"
#include "tests/cuda_look_fixture.h"

#include <math.h>

TestSuite(cuda_sight, .init = open_bench, .fini = close_bench);

#define SIGN_SEED 99u

/* An output of the whole region, as fibres, with a sample of some. */
struct judging {
    struct hone_judged_output output;
    struct hone_judged_sample sample;
    int64_t at[300];
    struct hone_run runs[300];
    uint32_t run_count;
    uint8_t signs[CUDA_BYTES], elements[CUDA_BYTES];
    double wanted[300], sums[3 * CUDA_BYTES], wanted_sums[2 * CUDA_BYTES];
};

static void add_place(struct judging *judging, int64_t place) {
    const int64_t index = judging->sample.count++;
    judging->at[index] = place;
    if (index == 0 || judging->at[index - 1] != place - 1)
        judging->runs[judging->run_count++] = (struct hone_run){(uint64_t)place, (uint64_t)index};
}

/* Right is what lies in `right`. */
static void describe(struct judging *judging, enum hone_dtype dtype, int64_t outer, int64_t length,
                     int64_t inner, const void *right) {
    static double values[CUDA_BYTES];
    const int64_t count = outer * length * inner;
    memset(judging, 0, sizeof *judging);
    hone_elements_read(dtype, right, (uint32_t)count, values);
    for (int64_t i = 0; i < count && judging->sample.count < 300; i += i % 7 ? 1 : 5)
        add_place(judging, i);
    for (int64_t i = 0; i < judging->sample.count; i++)
        judging->wanted[i] = values[judging->at[i]];
    for (int64_t j = 0; j < length; j++) {
        uint32_t words[4];
        hone_random_block(SIGN_SEED, (uint64_t)j / HONE_SIGNS_OF_BLOCK, 1, HONE_STREAM_SIGN, words);
        judging->signs[j] = (uint8_t)hone_signs_in(words, (uint64_t)j);
    }
    for (int64_t i = 0; i < count; i++)
        for (int v = 0; v < HONE_SUMS; v++)
            judging->wanted_sums[(i / (length * inner) * inner + i % inner) * HONE_SUMS + v] +=
                judging->signs[i / inner % length] >> v & 1 ? -values[i] : values[i];
    judging->sample.at = judging->at;
    judging->sample.signs = judging->signs;
    judging->sample.sums = judging->wanted_sums;
    judging->sample.outer = outer;
    judging->sample.length = length;
    judging->sample.inner = inner;
    judging->output = (struct hone_judged_output){.dtype = dtype,
                                                  .count = count,
                                                  .got = output_region(),
                                                  .wanted = judging->wanted,
                                                  .limits = {1e-4, 1e-4, 1e-4},
                                                  .sample = &judging->sample};
    hone_judge_moments(judging->wanted, judging->sample.count, &judging->output.mean,
                       &judging->output.rms);
}

/* By what the device tells, and by the bytes once they are here: the same in every word. */
static struct hone_judgement judge_both(void *process, struct judging *judging,
                                        const struct hone_material *made, uint32_t pattern,
                                        const char *what) {
    struct hone_judgement told, read;
    struct hone_judged_output output = judging->output;
    struct hone_look asked = {.kind = HONE_LOOK_OUTPUT,
                              .material = *made,
                              .unpoisoned = output.unpoisoned,
                              .runs = judging->runs,
                              .run_count = judging->run_count,
                              .element_count = (uint64_t)judging->sample.count,
                              .elements = judging->elements,
                              .outer = (uint64_t)judging->sample.outer,
                              .length = (uint64_t)judging->sample.length,
                              .inner = (uint64_t)judging->sample.inner,
                              .sums = judging->sums,
                              .sign_seed = SIGN_SEED,
                              .sign_argument = 1};
    look(process, &asked, 1);
    const struct hone_sight sight = {judging->elements, judging->sums, asked.seen};
    output.sight = &sight;
    hone_judge(&output, 5, pattern, &told);
    fetch(process);
    output.sight = NULL;
    hone_judge(&output, 5, pattern, &read);
    cr_expect(eq(u32, told.reason, read.reason), "%s", what);
    cr_expect(eq(u32, told.facts, read.facts), "%s", what);
    cr_expect(eq(i64, told.wrong_count, read.wrong_count), "%s", what);
    cr_expect(eq(i64, told.unwritten_count, read.unwritten_count), "%s", what);
    cr_expect(eq(i64, told.first_wrong, read.first_wrong), "%s", what);
    cr_expect(eq(i64, told.wrong_sums, read.wrong_sums), "%s", what);
    cr_expect(eq(i64, told.first_wrong_sum, read.first_wrong_sum), "%s", what);
    cr_expect(eq(dbl, told.max_error, read.max_error), "%s", what);
    cr_expect(eq(dbl, told.rel_l2, read.rel_l2), "%s", what);
    return told;
}

/* What a kernel might do to an output that was poisoned. */
struct writing {
    const char *name;
    void (*change)(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison);
    uint32_t reason;
};

static void set(uint8_t *bytes, enum hone_dtype dtype, int64_t index, double value) {
    hone_elements_write(dtype, &value, 1, bytes + index * hone_dtype_bytes(dtype));
}

static void change_nothing(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison) {
    (void)bytes, (void)dtype, (void)poison;
}
static void make_wrong(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison) {
    (void)poison;
    set(bytes, dtype, 14, 1e4);
}
static void make_wrong_unsampled(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison) {
    (void)poison;
    set(bytes, dtype, 3, 1e4);
}
static void make_nan(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison) {
    (void)poison;
    set(bytes, dtype, 1001, (double)NAN);
}
static void make_infinite(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison) {
    (void)poison;
    set(bytes, dtype, 3, (double)-INFINITY);
}
static void leave_all(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison) {
    (void)dtype;
    memcpy(bytes, poison, CUDA_BYTES);
}
static void leave_half(uint8_t *bytes, enum hone_dtype dtype, const uint8_t *poison) {
    (void)dtype;
    memcpy(bytes + CUDA_BYTES / 2, poison + CUDA_BYTES / 2, CUDA_BYTES / 2);
}

static const struct writing writings[] = {
    {"right", change_nothing, HONE_REASON_NONE},
    {"one wrong", make_wrong, HONE_REASON_VALUES},
    {"one wrong where nobody looks", make_wrong_unsampled, HONE_REASON_VALUES},
    {"one NaN", make_nan, HONE_REASON_NON_FINITE},
    {"one infinity", make_infinite, HONE_REASON_NON_FINITE},
    {"nothing written", leave_all, HONE_REASON_UNWRITTEN},
    {"half written", leave_half, HONE_REASON_UNWRITTEN},
};

/* The bytes that a call leaves in the output: poison first, then `bytes` over it. Kernels of the
 * fake that copy would hide a poison that is not made: so the poison's are taken from the device.
 */
static void write_output(void *process, const struct hone_material *made, enum hone_dtype dtype,
                         const struct writing *writing, const uint8_t *right) {
    static uint8_t poison[CUDA_BYTES];
    prepare(process, made, 1);
    go_well(process, touch());
    fetch(process);
    memcpy(poison, output_region(), CUDA_BYTES);
    memcpy(output_region(), right, CUDA_BYTES);
    writing->change(output_region(), dtype, poison);
    prepare(process, NULL, 0); /* upload it as it is */
    go_well(process, touch());
}

static void expect_same_judgement(enum hone_dtype dtype, int64_t outer, int64_t length,
                                  int64_t inner) {
    static struct judging judging;
    static uint8_t right[CUDA_BYTES];
    void *process = start();
    for (int64_t i = 0; i < CUDA_BYTES / hone_dtype_bytes(dtype); i++)
        set(right, dtype, i, sin((double)i) * 3 + 0.25);
    describe(&judging, dtype, outer, length, inner, right);
    for (uint32_t pattern = 0; pattern < HONE_POISON_PATTERNS; pattern++)
        for (size_t i = 0; i < sizeof writings / sizeof *writings; i++) {
            char what[96];
            struct hone_material made = hone_judge_material(&judging.output, 5, pattern);
            made.address = CUDA_OUTPUT;
            write_output(process, &made, dtype, &writings[i], right);
            snprintf(what, sizeof what, "%s of %s, pattern %u, %d x %d x %d", writings[i].name,
                     hone_dtype_name(dtype), pattern, (int)outer, (int)length, (int)inner);
            struct hone_judgement judgement = judge_both(process, &judging, &made, pattern, what);
            cr_expect(eq(u32, judgement.reason, writings[i].reason), "%s", what);
        }
    bench.ops->process_stop(process);
}

Test(cuda_sight, is_judged_as_what_it_is_of) {
    expect_same_judgement(HONE_F32, 16, 128, 1);
    expect_same_judgement(HONE_F32, 2, 64, 16);
    expect_same_judgement(HONE_F32, 1, 127, 16);
    expect_same_judgement(HONE_F32, 1, 2047, 1);
    expect_same_judgement(HONE_F64, 4, 256, 1);
}

Test(cuda_sight, of_halves_is_judged_as_what_it_is_of) {
    expect_same_judgement(HONE_F16, 1, 4095, 1);
    expect_same_judgement(HONE_BF16, 3, 13, 100);
}
