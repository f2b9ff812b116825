/* The cuda backend and its launcher on a driver that needs no device: tests/fake_cuda. */
#include "tests/cuda_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

static struct cuda_bench bench;
static struct hone_error error;

static void open_bench(void) {
    cr_assert(cuda_open(&bench, &error), "%s", error.text);
}

static void close_bench(void) {
    cuda_close(&bench);
}

TestSuite(cuda_launcher, .init = open_bench, .fini = close_bench);

static void *start(void) {
    void *process = cuda_start(&bench);
    cr_assert(process != NULL, "the program cannot be started");
    return process;
}

static void expect_scaled(float factor) {
    for (int i = 0; i < CUDA_COUNT; i++)
        cr_assert(eq(flt, bench.output[i], factor * (float)i), "%d", i);
}

static struct hone_go_result go(void *process, struct cuda_words words) {
    struct hone_go_result result;
    cr_assert(eq(int, cuda_go(&bench, process, &words, CUDA_SECOND, &result), 0), "%s",
              result.text);
    return result;
}

static void expect_works(void) {
    void *process = start();
    struct hone_go_result result = go(process, cuda_scale(3));
    cr_expect(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    expect_scaled(3);
    bench.ops->process_stop(process);
}

static struct hone_go_result write_at(void *process, int64_t offset) {
    struct cuda_words words = {.count = 0};
    cuda_step(&words, WRITE_AT, (uint64_t[]){CUDA_Y, (uint64_t)offset});
    return go(process, words);
}

Test(cuda_launcher, runs_a_plan_and_brings_the_outputs_back) {
    void *process = start();
    struct hone_go_result result = go(process, cuda_scale(2));
    cr_expect(eq(u32, result.status, HONE_GO_DONE), "%s", result.text);
    cr_expect(lt(u64, 0, result.wall_ns));
    cr_expect(eq(u64, result.cpu_ns, 0));
    expect_scaled(2);
    bench.ops->process_stop(process);
}

Test(cuda_launcher, uploads_inputs_anew_for_every_call) {
    void *process = start();
    go(process, cuda_scale(2));
    for (int i = 0; i < CUDA_COUNT; i++)
        bench.input[i] = (float)(CUDA_COUNT - i);
    go(process, cuda_scale(2));
    cr_expect(eq(flt, bench.output[0], 2.0f * CUDA_COUNT));
    bench.ops->process_stop(process);
}

Test(cuda_launcher, runs_steps_in_order_with_arguments_of_every_kind) {
    void *process = start();
    struct cuda_words words = cuda_scale(2);
    cuda_step(&words, ADD_INT, (uint64_t[]){CUDA_Y, CUDA_COUNT, (uint32_t)-5});
    go(process, words);
    cr_expect(eq(flt, bench.output[10], 15));
    bench.ops->process_stop(process);
}

Test(cuda_launcher, launches_with_the_grid_and_block_of_the_plan) {
    void *process = start();
    struct cuda_words words = {.count = 0};
    uint32_t got[6];
    cuda_step(&words, SHAPE, (uint64_t[]){CUDA_Y});
    go(process, words);
    memcpy(got, bench.output, sizeof got);
    const uint32_t wanted[] = {4, 3, 2, 64, 2, 1};
    for (int i = 0; i < 6; i++)
        cr_expect(eq(u32, got[i], wanted[i]), "%d", i);
    bench.ops->process_stop(process);
}

Test(cuda_launcher, counts_a_go_of_nothing_as_nothing) {
    void *process = start();
    const struct hone_go nothing = {.size = sizeof nothing, .limit_ns = CUDA_SECOND};
    struct hone_go_result result = {.size = sizeof result};
    cr_expect(eq(int, bench.ops->process_go(process, &nothing, &result), 0));
    cr_expect(eq(u32, result.status, HONE_GO_DONE));
    cr_expect(eq(u64, result.wall_ns, 0));
    bench.ops->process_stop(process);
}

Test(cuda_launcher, keeps_two_programs_in_two_launchers) {
    void *one = start(), *other = start();
    go(one, cuda_scale(2));
    expect_scaled(2);
    go(other, cuda_scale(4));
    expect_scaled(4);
    bench.ops->process_stop(one);
    go(other, cuda_scale(5));
    expect_scaled(5);
    bench.ops->process_stop(other);
}

Test(cuda_launcher, tells_a_fault_on_the_device_and_recovers) {
    void *process = start();
    struct hone_go_result result = write_at(process, CUDA_COUNT * sizeof(float) + 4096);
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    cr_expect(eq(i32, result.code, 700));
    cr_expect(strstr(result.text, "illegal memory access") != NULL, "%s", result.text);
    struct cuda_words words = cuda_scale(2);
    cr_expect(eq(int, cuda_go(&bench, process, &words, CUDA_SECOND, &result), -3));
    bench.ops->process_stop(process);
    expect_works();
}

Test(cuda_launcher, faults_where_the_memory_of_an_output_ends) {
    void *process = start();
    struct hone_go_result result = write_at(process, CUDA_COUNT * sizeof(float));
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    bench.ops->process_stop(process);
}

Test(cuda_launcher, tells_a_write_before_the_region_with_its_address) {
    void *process = start();
    struct hone_go_result result = write_at(process, -(int64_t)(CUDA_Y - CUDA_OUTPUT) - 16);
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    cr_expect(eq(i32, result.signal, SIGSEGV));
    cr_expect(eq(u64, result.address, CUDA_OUTPUT - 16));
    cr_expect(eq(u32, result.write_fault, 1));
    bench.ops->process_stop(process);
    expect_works();
}

Test(cuda_launcher, faults_on_a_write_to_an_input) {
    void *process = start();
    struct cuda_words words = {.count = 0};
    cuda_step(&words, WRITE_INPUT, (uint64_t[]){CUDA_X});
    struct hone_go_result result = go(process, words);
    cr_expect(eq(u32, result.status, HONE_GO_CRASHED));
    cr_expect(eq(flt, bench.input[1], 1), "the host's input is not to be written");
    bench.ops->process_stop(process);
}

Test(cuda_launcher, ends_a_hang_and_recovers) {
    void *process = start();
    struct cuda_words words = {.count = 0};
    struct hone_go_result result;
    cuda_step(&words, HANG, NULL);
    cr_assert(eq(int, cuda_go(&bench, process, &words, CUDA_SECOND / 20, &result), 0));
    cr_expect(eq(u32, result.status, HONE_GO_TIMED_OUT));
    bench.ops->process_stop(process);
    expect_works();
}

Test(cuda_launcher, refuses_what_is_no_image_without_harm) {
    void *process = NULL;
    struct hone_go_result started = {.size = sizeof started};
    const struct hone_process_request request = {.size = sizeof request,
                                                 .image = "no image",
                                                 .image_bytes = 8,
                                                 .entries = cuda_entries,
                                                 .plan_entry_count = CUDA_ENTRIES};
    cr_expect(eq(int, bench.ops->process_start(bench.runner, &request, &process, &started), 0));
    cr_expect(eq(u32, started.status, HONE_GO_REFUSED));
    cr_expect(eq(ptr, process, NULL));
    expect_works();
}

static void start_text(const char *text, void **process, struct hone_go_result *started) {
    char image[1024];
    const struct hone_process_request request = {.size = sizeof request,
                                                 .image = image,
                                                 .image_bytes = cuda_text_image(text, image),
                                                 .start_limit_ns = 5 * CUDA_SECOND,
                                                 .entries = &cuda_entries[SPIN],
                                                 .plan_entry_count = 1};
    *process = NULL;
    *started = (struct hone_go_result){.size = sizeof *started};
    cr_expect(eq(int, bench.ops->process_start(bench.runner, &request, process, started), 0));
}

Test(cuda_launcher, leaves_ptx_without_a_cubin_to_the_driver) {
    void *process;
    struct hone_go_result started;
    start_text("// Generated by NVIDIA NVVM Compiler\n.version 9.0\n.entry spin()", &process,
               &started);
    cr_expect(eq(u32, started.status, HONE_GO_DONE), "%s", started.text);
    cr_expect(ne(ptr, process, NULL));
    bench.ops->process_stop(process);
}

Test(cuda_launcher, tells_what_the_driver_says_of_ptx_that_it_refuses) {
    void *process;
    struct hone_go_result started;
    start_text(".version 99.0", &process, &started);
    cr_expect(eq(u32, started.status, HONE_GO_REFUSED));
    cr_expect(eq(str, started.text, "ptxas line 3; error   : no fake kernel"));
    cr_expect(eq(ptr, process, NULL));
    expect_works();
}

Test(cuda_launcher, refuses_a_kernel_that_the_image_lacks_by_its_plan_line) {
    void *process = NULL;
    struct hone_go_result started;
    cuda_start_entries(&bench, "scale", cuda_entries, CUDA_ENTRIES, &process, &started);
    cr_expect(eq(u32, started.status, HONE_GO_REFUSED));
    cr_expect(strstr(started.text, "line 4") && strstr(started.text, "add_int"), "%s",
              started.text);
    expect_works();
}

Test(cuda_launcher, refuses_a_plan_that_gives_other_arguments_than_the_kernel_takes) {
    const struct hone_plan_entry_argument arguments[] = {POINTER, POINTER, INT64, INT64};
    struct hone_plan_entry entry = {"scale", HONE_STEP_LAUNCH, 3, 3, 0, arguments};
    void *process = NULL;
    struct hone_go_result started;
    cuda_start_entries(&bench, "scale", &entry, 1, &process, &started);
    cr_expect(eq(u32, started.status, HONE_GO_REFUSED));
    cr_expect(strstr(started.text, "more parameters") != NULL, "%s", started.text);
    entry.argument_count = 4;
    cuda_start_entries(&bench, "scale", &entry, 1, &process, &started);
    cr_expect(strstr(started.text, "has 4 bytes") != NULL, "%s", started.text);
}

Test(cuda_launcher, refuses_an_image_without_a_plan) {
    void *process = NULL;
    struct hone_go_result started;
    cuda_start_entries(&bench, "scale", NULL, 0, &process, &started);
    cr_expect(eq(u32, started.status, HONE_GO_REFUSED));
}
