/* Inputs and poison made on a device, and outputs looked at there: by the launcher, on a driver
 * that runs the source of its kernels. */
#include "core/error.h"
#include "tests/cuda_fixture.h"
#include "tests/material_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <math.h>
#include <signal.h>

static struct cuda_bench bench;
static struct hone_error error;
static struct material_cases cases;

static void open_bench(void) {
    cr_assert(cuda_open(&bench, &error), "%s", error.text);
    material_list(&cases);
}

static void close_bench(void) {
    cuda_close(&bench);
}

TestSuite(cuda_material, .init = open_bench, .fini = close_bench);

static void *start(void) {
    void *process = cuda_start(&bench);
    cr_assert(process != NULL, "the program cannot be started");
    return process;
}

static void prepare(void *process, const struct hone_material *materials, uint32_t count) {
    cr_assert(eq(int, bench.ops->process_prepare(process, materials, count), 0));
}

static struct hone_go_result go(void *process, struct cuda_words words) {
    struct hone_go_result result;
    cr_assert(eq(int, cuda_go(&bench, process, &words, CUDA_SECOND, &result), 0), "%s",
              result.text);
    return result;
}

static void go_well(void *process, struct cuda_words words) {
    struct hone_go_result result = go(process, words);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
}

static void look(void *process, struct hone_look *looks, uint32_t count) {
    struct hone_go_result result = {.size = sizeof result};
    cr_assert(eq(int, bench.ops->process_look(process, looks, count, &result), 0), "%s",
              result.text);
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
}

static uint8_t *output_region(void) {
    return (uint8_t *)bench.output - (CUDA_Y - CUDA_OUTPUT);
}

static void fetch(void *process) {
    struct hone_look all = {.kind = HONE_LOOK_FETCH,
                            .material = {.address = CUDA_OUTPUT, .format = HONE_FORMAT_U8}};
    look(process, &all, 1);
}

/* A call that touches the output and writes nothing. */
static struct cuda_words touch(void) {
    return cuda_spin(1);
}

/* Each between bytes that must stay as they are. */
Test(cuda_material, makes_every_kind_of_input_and_poison_as_the_host_draws_it) {
    void *process = start();
    for (uint32_t i = 0; i < cases.count; i++) {
        struct material_case *made = &cases.cases[i];
        made->material.address = CUDA_OUTPUT + 512;
        const struct hone_material materials[] = {{.address = CUDA_OUTPUT,
                                                   .count = CUDA_BYTES,
                                                   .kind = HONE_MATERIAL_CONSTANT,
                                                   .format = HONE_FORMAT_U8,
                                                   .center = 0xee},
                                                  made->material};
        memset(output_region(), 0x11, CUDA_BYTES);
        prepare(process, materials, 2);
        go_well(process, touch());
        cr_assert(eq(u8, output_region()[600], 0x11), "nothing comes back unasked");
        fetch(process);
        const uint8_t *got = output_region() + 512;
        cr_expect(eq(int, memcmp(got, made->wanted, made->bytes), 0), "%s", made->name);
        for (uint32_t k = 0; k < 64; k++) {
            cr_assert(eq(u8, got[-1 - (int)k], 0xee), "%s", made->name);
            cr_assert(eq(u8, got[made->bytes + k], 0xee), "%s", made->name);
        }
    }
    bench.ops->process_stop(process);
}

Test(cuda_material, makes_what_is_asked_for_before_every_go_until_something_else_is) {
    void *process = start();
    struct material_case *made = &cases.cases[0];
    made->material.address = CUDA_OUTPUT;
    prepare(process, &made->material, 1);
    struct cuda_words words = {.count = 0};
    cuda_step(&words, WRITE_AT, (uint64_t[]){CUDA_OUTPUT, 5});
    for (int i = 0; i < 2; i++) {
        go_well(process, words);
        fetch(process);
        cr_expect(eq(u8, output_region()[5], made->wanted[5] ^ 0xff));
        cr_expect(eq(u8, output_region()[6], made->wanted[6]));
    }
    prepare(process, NULL, 0);
    memset(output_region(), 3, CUDA_BYTES);
    go_well(process, words);
    cr_expect(eq(u8, output_region()[5], 3 ^ 0xff));
    cr_expect(eq(u8, output_region()[6], 3));
    bench.ops->process_stop(process);
}

Test(cuda_material, fills_inputs_that_kernels_read) {
    void *process = start();
    struct material_case *x = NULL;
    for (uint32_t i = 0; i < cases.count; i++)
        if (!strcmp(cases.cases[i].name, "normal f32"))
            x = &cases.cases[i];
    cr_assert(ne(ptr, x, NULL));
    x->material.address = CUDA_X;
    x->material.count = CUDA_COUNT;
    prepare(process, &x->material, 1);
    go_well(process, cuda_scale(2));
    const float *wanted = (const void *)x->wanted;
    for (int i = 0; i < CUDA_COUNT; i++)
        cr_assert(eq(flt, bench.output[i], 2 * wanted[i]), "%d", i);
    cr_expect(eq(flt, bench.input[1], 1), "the host's input is not to be written");
    bench.ops->process_stop(process);
}

Test(cuda_material, takes_no_material_that_lies_in_no_region) {
    void *process = start();
    const struct hone_material good = {
        .address = CUDA_OUTPUT, .count = CUDA_BYTES / 4, .kind = 1, .format = HONE_FORMAT_F32};
    const uint64_t wrong[][2] = {{CUDA_OUTPUT - 4, 1},
                                 {CUDA_OUTPUT, CUDA_BYTES / 4 + 1},
                                 {CUDA_OUTPUT + 4, CUDA_BYTES / 4},
                                 {CUDA_OUTPUT + 2, 1},
                                 {CUDA_OUTPUT + CUDA_BYTES, 1},
                                 {CUDA_OUTPUT, UINT64_MAX / 2},
                                 {0, 1}};
    prepare(process, &good, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct hone_material bad = good;
        bad.address = wrong[i][0];
        bad.count = wrong[i][1];
        cr_expect(eq(int, bench.ops->process_prepare(process, &bad, 1), -EINVAL), "%zu", i);
    }
    bench.ops->process_stop(process);
}

Test(cuda_material, tells_what_was_changed_of_a_material) {
    void *process = start();
    for (uint32_t i = 0; i < cases.count; i++) {
        struct hone_material material = cases.cases[i].material;
        const uint64_t bytes = hone_format_bytes(material.format);
        const uint64_t first = material.count / 3, last = material.count - 1;
        struct cuda_words words = {.count = 0};
        material.address = CUDA_OUTPUT;
        cuda_step(&words, WRITE_AT, (uint64_t[]){CUDA_OUTPUT, first * bytes});
        cuda_step(&words, WRITE_AT, (uint64_t[]){CUDA_OUTPUT, last * bytes});
        prepare(process, &material, 1);
        struct hone_look asked = {.kind = HONE_LOOK_CHANGED, .material = material};
        go_well(process, touch());
        look(process, &asked, 1);
        cr_expect(eq(u64, asked.seen.changed, 0), "%s", cases.cases[i].name);
        go_well(process, words);
        look(process, &asked, 1);
        if (first == last) /* a byte changed twice is as it was */
            continue;
        cr_expect(eq(u64, asked.seen.changed, 2), "%s", cases.cases[i].name);
        cr_expect(eq(u64, asked.seen.first_changed, first), "%s", cases.cases[i].name);
        cr_expect(eq(u64, asked.seen.last_changed, last), "%s", cases.cases[i].name);
    }
    bench.ops->process_stop(process);
}

Test(cuda_material, finds_a_write_to_an_input_that_it_made) {
    setenv("FAKE_CUDA", "read_write", 1);
    cuda_close(&bench);
    cr_assert(cuda_open(&bench, &error));
    void *process = start();
    const struct hone_material material = {.address = CUDA_X,
                                           .count = CUDA_COUNT,
                                           .kind = HONE_MATERIAL_NORMAL,
                                           .format = HONE_FORMAT_F32,
                                           .seed = 3,
                                           .scale = 1};
    struct cuda_words words = {.count = 0};
    cuda_step(&words, WRITE_INPUT, (uint64_t[]){CUDA_X});
    prepare(process, &material, 1);
    struct hone_go_result result = go(process, words);
    unsetenv("FAKE_CUDA");
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    cr_expect(eq(i32, result.signal, SIGSEGV));
    cr_expect(eq(u64, result.address, CUDA_X + 4));
    bench.ops->process_stop(process);
}

Test(cuda_material, finds_a_write_beside_memory_that_it_filled) {
    setenv("FAKE_CUDA", "no_vmm", 1);
    cuda_close(&bench);
    cr_assert(cuda_open(&bench, &error));
    const struct hone_material material = {.address = CUDA_Y,
                                           .count = CUDA_COUNT,
                                           .kind = HONE_MATERIAL_WILD,
                                           .format = HONE_FORMAT_F32};
    const int64_t places[] = {-(int64_t)(CUDA_Y - CUDA_OUTPUT) - 16, CUDA_COUNT * 4 + 100};
    for (int i = 0; i < 2; i++) {
        void *process = start();
        struct cuda_words words = {.count = 0};
        cuda_step(&words, WRITE_AT, (uint64_t[]){CUDA_Y, (uint64_t)places[i]});
        prepare(process, &material, 1);
        struct hone_go_result result = go(process, words);
        cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
        cr_expect(eq(u64, result.address, CUDA_Y + (uint64_t)places[i]));
        bench.ops->process_stop(process);
    }
    unsetenv("FAKE_CUDA");
}

/* Or a plan that leaves its output alone would be judged by what it wrote to it before. */
Test(cuda_material, fills_outputs_that_no_kernel_is_given) {
    void *process = start();
    struct hone_material poison = {.address = CUDA_OUTPUT,
                                   .count = CUDA_BYTES / 4,
                                   .kind = HONE_MATERIAL_POISON,
                                   .format = HONE_FORMAT_F32,
                                   .spread = 3};
    struct cuda_words words = {.count = 0};
    cuda_step(&words, SPIN, (uint64_t[]){CUDA_X, 1});
    for (uint64_t seed = 1; seed < 3; seed++) {
        poison.seed = seed;
        struct hone_look asked = {.kind = HONE_LOOK_OUTPUT, .material = poison};
        prepare(process, &poison, 1);
        go_well(process, words);
        look(process, &asked, 1);
        cr_expect(eq(u64, asked.seen.unwritten, CUDA_BYTES / 4));
    }
    bench.ops->process_stop(process);
}

/* Calls of one go write to places of their own. */
Test(cuda_material, fills_once_for_all_calls_of_a_go) {
    void *process = start();
    const struct hone_material poison = {.address = CUDA_OUTPUT,
                                         .count = CUDA_BYTES,
                                         .kind = HONE_MATERIAL_CONSTANT,
                                         .format = HONE_FORMAT_U8,
                                         .center = 1};
    struct cuda_words one = {.count = 0}, other = {.count = 0};
    uint64_t words[64];
    cuda_step(&one, WRITE_AT, (uint64_t[]){CUDA_OUTPUT, 7});
    cuda_step(&other, WRITE_AT, (uint64_t[]){CUDA_OUTPUT, 99});
    memcpy(words, one.words, one.count * sizeof *words);
    memcpy(words + one.count, other.words, other.count * sizeof *words);
    const struct hone_go both = {.size = sizeof both,
                                 .count = 2,
                                 .word_count = one.count,
                                 .words = words,
                                 .limit_ns = CUDA_SECOND,
                                 .cpu_limit_ns = CUDA_SECOND};
    struct hone_go_result result = {.size = sizeof result};
    prepare(process, &poison, 1);
    cr_assert(eq(int, bench.ops->process_go(process, &both, &result), 0));
    cr_assert(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    struct hone_look asked = {.kind = HONE_LOOK_CHANGED, .material = poison};
    look(process, &asked, 1);
    cr_expect(eq(u64, asked.seen.changed, 2));
    cr_expect(eq(u64, asked.seen.first_changed, 7));
    cr_expect(eq(u64, asked.seen.last_changed, 99));
    bench.ops->process_stop(process);
}

static uint64_t digest_of(void *process, const struct hone_material *material, uint64_t seed) {
    struct hone_look asked = {.kind = HONE_LOOK_OUTPUT, .material = *material, .digest_seed = seed};
    look(process, &asked, 1);
    return asked.seen.digest;
}

Test(cuda_material, gives_equal_outputs_equal_digests_and_others_others) {
    void *process = start();
    for (uint32_t i = 0; i < cases.count; i++) {
        struct hone_material material = cases.cases[i].material;
        const char *name = cases.cases[i].name;
        struct cuda_words words = {.count = 0};
        material.address = CUDA_OUTPUT;
        cuda_step(&words, WRITE_AT, (uint64_t[]){CUDA_OUTPUT, cases.cases[i].bytes - 1});
        prepare(process, &material, 1);
        go_well(process, touch());
        const uint64_t digest = digest_of(process, &material, 5);
        cr_expect(ne(u64, digest_of(process, &material, 6), digest), "%s", name);
        go_well(process, touch());
        cr_expect(eq(u64, digest_of(process, &material, 5), digest), "%s", name);
        go_well(process, words);
        cr_expect(ne(u64, digest_of(process, &material, 5), digest), "%s", name);
        cr_expect(eq(u64, digest_of(process, &material, 0), 0), "%s", name);
    }
    bench.ops->process_stop(process);
}

Test(cuda_material, leaves_nothing_of_a_program_in_the_memory_of_the_next) {
    void *process = start();
    const struct hone_material poison = {.address = CUDA_OUTPUT,
                                         .count = CUDA_BYTES / 8,
                                         .kind = HONE_MATERIAL_WILD,
                                         .format = HONE_FORMAT_F64};
    struct hone_material little = poison;
    little.count = 1;
    prepare(process, &poison, 1);
    go_well(process, touch());
    bench.ops->process_stop(process);
    process = start();
    prepare(process, &little, 1);
    go_well(process, touch());
    fetch(process);
    for (uint32_t i = 9; i < CUDA_BYTES; i++)
        cr_assert(eq(u8, output_region()[i], output_region()[8]), "%u", i);
    bench.ops->process_stop(process);
}

/* A store for results that other programs worked out, for whoever finds it. */
Test(cuda_material, leaves_nothing_of_a_program_in_the_launcher_s_own_memory) {
    const struct hone_plan_entry_argument pointer = {.kind = HONE_ARGUMENT_POINTER};
    const struct hone_plan_entry entry = {"pass_on", HONE_STEP_LAUNCH, 3, 1, 0, &pointer};
    const struct hone_material number = {
        .address = CUDA_INPUT, .count = 1, .kind = HONE_MATERIAL_GUARD, .format = HONE_FORMAT_U8};
    struct hone_go_result started;
    struct cuda_words words = {.count = 0};
    const uint32_t *seen = (const uint32_t *)bench.output;
    cuda_step(&words, SHAPE, (uint64_t[]){CUDA_Y}); /* as many arguments */
    words.words[1] = HONE_STEP_LAUNCH;
    for (int program = 0; program < 2; program++) {
        void *process = NULL;
        cr_assert(eq(int, cuda_start_entries(&bench, "pass_on", &entry, 1, &process, &started), 0));
        for (int call = 0; call < 2; call++) {
            prepare(process, &number, 1);
            go_well(process, words);
            cr_expect(eq(u32, seen[0], call ? 42 : 0), "of program %d", program);
            cr_expect(eq(u32, seen[1], call ? 42 : 0), "of program %d", program);
        }
        bench.ops->process_stop(process);
    }
}

/* ---- judging what was seen as what lies in memory ---- */

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

Test(cuda_material, judges_by_what_it_sees_as_by_what_it_reads) {
    expect_same_judgement(HONE_F32, 16, 128, 1);
    expect_same_judgement(HONE_F32, 2, 64, 16);
    expect_same_judgement(HONE_F32, 1, 127, 16);
    expect_same_judgement(HONE_F32, 1, 2047, 1);
    expect_same_judgement(HONE_F64, 4, 256, 1);
}

Test(cuda_material, judges_halves_by_what_it_sees_as_by_what_it_reads) {
    expect_same_judgement(HONE_F16, 1, 4095, 1);
    expect_same_judgement(HONE_BF16, 3, 13, 100);
}
