/* Records of kernels and counters, by the CUPTI of tests/fake_cuda. */
#include "tests/cuda_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct cuda_bench bench;
static struct hone_error error;
static struct hone_profile_row rows[8];
static struct hone_profile_counter counters[32];
static struct hone_profile profile;

static void close_bench(void) {
    cuda_close(&bench);
}

TestSuite(cuda_profile, .fini = close_bench);

static void open_with(const char *fake) {
    setenv("FAKE_CUDA", fake, 1);
    cr_assert(cuda_open(&bench, &error), "%s", error.text);
}

static struct hone_go_result take(struct cuda_words words, const char *set) {
    struct hone_go_result result = {.size = sizeof result};
    void *process = cuda_start(&bench);
    cr_assert(process != NULL);
    const struct hone_go go = {.size = sizeof go,
                               .count = 1,
                               .word_count = words.count,
                               .words = words.words,
                               .limit_ns = CUDA_SECOND};
    profile = (struct hone_profile){.size = sizeof profile,
                                    .set = set,
                                    .rows = rows,
                                    .row_capacity = 8,
                                    .counters = counters,
                                    .counter_capacity = 32};
    cr_assert(eq(int, bench.ops->profile(process, &go, &profile, &result), 0), "%s", result.text);
    bench.ops->process_stop(process);
    return result;
}

static struct cuda_words two_steps(void) {
    struct cuda_words words = cuda_scale(2);
    cuda_step(&words, ADD_INT, (uint64_t[]){CUDA_Y, CUDA_COUNT, 1});
    return words;
}

Test(cuda_profile, has_a_row_for_every_step_of_the_plan_and_none_of_the_sweep) {
    open_with("");
    take(two_steps(), NULL);
    cr_expect(eq(u32, profile.source, HONE_PROFILE_RECORDS), "%s", profile.reason);
    cr_assert(eq(u32, profile.row_count, 2));
    cr_expect(eq(str, rows[0].name, "scale"));
    cr_expect(eq(str, rows[1].name, "add_int"));
    cr_expect(eq(u32, rows[1].plan_step, 1));
    cr_expect(eq(i64, rows[0].grid[1], 3));
    cr_expect(eq(i64, rows[0].block[0], 64));
    cr_expect(eq(u32, rows[0].registers, 24));
    cr_expect(eq(u32, rows[0].shared_bytes, 48));
    cr_expect(eq(u32, rows[0].local_bytes, 8));
    cr_expect(eq(str, profile.reason, ""));
}

Test(cuda_profile, leaves_the_outputs_of_the_last_pass) {
    open_with("");
    take(two_steps(), "kf4");
    cr_expect(eq(flt, bench.output[10], 21));
}

Test(cuda_profile, counts_the_plan_in_every_pass_and_skips_what_the_chip_lacks) {
    open_with("");
    take(two_steps(), "kb");
    cr_expect(eq(u32, profile.source, HONE_PROFILE_COUNTERS), "%s", profile.reason);
    cr_expect(eq(u32, profile.row_count, 2));
    cr_assert(eq(u32, profile.counter_count, 15));
    cr_expect(eq(str, counters[0].name, "sm__throughput.avg.pct_of_peak_sustained_elapsed"));
    cr_expect(eq(dbl, counters[14].value, 4), "two kernels in two passes");
    for (uint32_t i = 0; i < profile.counter_count; i++)
        cr_expect(not(strstr(counters[i].name, "tensor") != NULL), "%s", counters[i].name);
}

Test(cuda_profile, gives_the_rows_and_a_reason_where_counters_are_not_permitted) {
    open_with("no_permission");
    take(two_steps(), "mem");
    cr_expect(eq(u32, profile.source, HONE_PROFILE_RECORDS));
    cr_expect(eq(u32, profile.row_count, 2));
    cr_expect(strstr(profile.reason, "not_permitted: ") == profile.reason, "%s", profile.reason);
}

Test(cuda_profile, names_the_sets_when_asked_for_another) {
    open_with("");
    take(two_steps(), "everything");
    cr_expect(strstr(profile.reason, "unknown_set: ") == profile.reason, "%s", profile.reason);
    cr_expect(strstr(profile.reason, "kf4") != NULL, "%s", profile.reason);
}

Test(cuda_profile, says_that_there_are_no_records_without_cupti) {
    char fake[600];
    cuda_path("tests/fake_cuda.so", fake);
    cr_assert(cuda_create_with(&bench, fake, "/nowhere/libcupti.so", &error));
    struct hone_feature feature = {.size = sizeof feature};
    cr_assert(eq(int, bench.ops->features(bench.self, 0, 3, &feature), 0));
    cr_expect(eq(u32, feature.there, 0));
    cr_expect(strstr(feature.text, "/nowhere") != NULL, "%s", feature.text);
}

static struct hone_go_result spin_in_processes(uint32_t processes) {
    struct hone_go_result result = {.size = sizeof result};
    struct cuda_words words = cuda_spin(1000000);
    for (uint32_t i = 0; i < processes && result.status == HONE_GO_DONE; i++) {
        void *process = cuda_start(&bench);
        cuda_go(&bench, process, &words, CUDA_SECOND, &result);
        bench.ops->process_stop(process);
    }
    return result;
}

Test(cuda_profile, disputes_a_program_without_records_however_often_it_is_started) {
    open_with("no_records");
    cr_expect(eq(u32, spin_in_processes(2).status, HONE_GO_DONE));
    cr_expect(eq(u32, spin_in_processes(1).status, HONE_GO_DISPUTED));
}

Test(cuda_profile, disputes_a_program_whose_records_tell_another_time) {
    open_with("records_off");
    struct hone_go_result result = spin_in_processes(3);
    cr_expect(eq(u32, result.status, HONE_GO_DISPUTED));
    cr_expect(strstr(result.text, "3 of 3") != NULL, "%s", result.text);
}

Test(cuda_profile, believes_a_program_whose_records_tell_the_same_time) {
    open_with("");
    cr_expect(eq(u32, spin_in_processes(6).status, HONE_GO_DONE));
}
