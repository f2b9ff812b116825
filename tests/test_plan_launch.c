/* `launch` lines of launch plans: sizes, limits, and the words they become. */
#include "tests/plan_fixture.h"

#include <stdio.h>

TestSuite(plan_launch, .init = plan_begin, .fini = plan_end, .timeout = 20);

static void refuse_launch(const char *options, const char *expected) {
    char source[512], whole[512];
    snprintf(source, sizeof source, "//@hone launch k %s\n", options);
    snprintf(whole, sizeof whole, "solve.cu:1:%s, on workload shown", expected);
    refuse_as("cuda", source, whole);
}

Test(plan_launch, has_the_sizes_it_says) {
    resolve("cuda",
            "//@hone launch k grid=(ceil_div(n, 2), m) block=n==5 ? 64 : 1 shared = MAX_SHARED / 2 "
            "cluster=(3) args=(x, (int)n)");
    const struct hone_plan_step *step = &program->steps[0];
    cr_expect(eq(u32, step->kind, HONE_STEP_LAUNCH));
    static const uint32_t sizes[] = {3, 2, 1, 64, 1, 1, 3, 1, 1};
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect(eq(u32, step->grid[i], sizes[i]));
        cr_expect(eq(u32, step->block[i], sizes[3 + i]));
        cr_expect(eq(u32, step->cluster[i], sizes[6 + i]));
    }
    cr_expect(eq(u32, step->shared_bytes, 32768));
}

Test(plan_launch, becomes_words_in_the_form_of_the_contract) {
    resolve("cuda",
            "//@hone workspace t f32[n]\n//@hone launch first grid=(7, 8, 9) block=(4, 5, 6) "
            "shared=100 args=(x, t, 77)\n"
            "//@hone launch second grid=(2) block=(32) args=(y)");
    const uint64_t tensors[] = {1000, 1001, 1002, 1003, 1004, 0, 0, 0, 1008}, scratch[] = {5000};
    const uint64_t wanted[] = {2,
                               1, /* a launch of entry 0 */
                               3,
                               7 | 8ull << 32,
                               9 | 100ull << 32,
                               4 | 5ull << 32,
                               6 | 2ull << 32,
                               1 | 1ull << 16 | 1ull << 32,
                               1000,
                               5000,
                               77,
                               1 | 1ull << 32,
                               1,
                               2 | 1ull << 32,
                               1,
                               32 | 1ull << 32,
                               1 | 3ull << 32,
                               1 | 1ull << 16 | 1ull << 32,
                               1008};
    uint64_t words[sizeof wanted / sizeof *wanted];
    cr_assert(eq(u32, program->word_count, sizeof wanted / sizeof *wanted));
    hone_plan_program_words(program, tensors, scratch, words);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(eq(u64, words[i], wanted[i]), "word %zu", i);
    cr_expect(eq(u32, program->launch_count, 2));
    cr_expect(eq(u32, program->op_count, 0));
    cr_expect(eq(u32, program->segment_count, 1));
}

Test(plan_launch, stays_within_the_limits_of_cuda) {
    refuse_launch("grid=(m - 2) block=(1) args=()",
                  "24: error: the grid's x is 0: must be at least 1: write max(1, ...), or put the "
                  "launch between `if` and `end`");
    refuse_launch("grid=(2147483648) block=(1) args=()",
                  "24: error: the grid's x is 2147483648: must be below 2147483648");
    refuse_launch("grid=(1, 65536) block=(1) args=()",
                  "27: error: the grid's y is 65536: must be at most 65535");
    refuse_launch("grid=(1) block=(1025) args=()",
                  "34: error: the block's x is 1025: must be at most 1024");
    refuse_launch("grid=(1) block=(1, 1, 65) args=()",
                  "40: error: the block's z is 65: must be at most 64");
    refuse_launch("grid=(1) block=(32, 33) args=()",
                  "34: error: the block's number of threads is 1056: must be at most 1024");
    refuse_launch("grid=(1) block=(1) shared=65537 args=()",
                  "44: error: shared is 65537: must be from 0 to 65536 bytes on this device");
    refuse_launch("grid=(3) block=(1) cluster=(2) args=()",
                  "46: error: the grid must be a multiple of the cluster");
    refuse_launch("grid=(4, 4) block=(1) cluster=(4, 4) args=()",
                  "49: error: a cluster has at most 8 blocks");
    refuse_launch("grid=(1) block=(1) args=((int)3000000000)",
                  "48: error: the (int) is 3000000000: does not fit 32 bits: pass it without the "
                  "cast, as int64_t");
}

Test(plan_launch, tells_no_sizes_of_hidden_workloads) {
    struct hone_workload secret = task->workloads[0];
    struct hone_error error = {""};
    secret.set = HONE_HIDDEN;
    secret.axes[1] = 4099;
    static const char *const launches[] = {
        "grid=(1) block=(n) args=()", "grid=(2 - n) block=(1) args=()",
        "grid=(1) block=(1) shared=n * n args=()", "grid=(1) block=(1) args=((int)(n * 1000000))"};
    for (size_t i = 0; i < sizeof launches / sizeof *launches; i++) {
        char source[256];
        snprintf(source, sizeof source, "//@hone launch k %s", launches[i]);
        parse("cuda", source);
        cr_expect(eq(int, hone_plan_resolve(plan, &secret, &program, &error), -EINVAL));
        cr_expect(eq(ptr, strstr(error.text, "4099"), NULL), "%s", error.text);
        cr_expect(ne(ptr, strstr(error.text, ", on a hidden workload"), NULL), "%s", error.text);
        cr_expect(eq(ptr, strstr(error.text, " is "), NULL), "%s", error.text);
    }
    parse("cuda", "//@hone workspace scratch f32[n * 10000000]\n"
                  "//@hone launch k grid=(1) block=(1) args=(scratch)");
    cr_expect(eq(int, hone_plan_resolve(plan, &secret, &program, &error), -EINVAL));
    cr_expect(ne(ptr, strstr(error.text, "error: too much memory, on a hidden"), NULL), "%s",
              error.text);
}
