/* Inputs and poison made on a device: by the launcher, on a driver that runs the source of its
 * kernels. */
#include "tests/cuda_look_fixture.h"
#include "tests/material_fixture.h"

#include <errno.h>
#include <math.h>
#include <signal.h>

static struct material_cases cases;

static void open_all(void) {
    open_bench();
    material_list(&cases);
}

TestSuite(cuda_material, .init = open_all, .fini = close_bench);

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
