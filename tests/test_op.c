/* Plans with operators of the library, end to end: verdict, coverage and reward. */
#include "tests/judge_fixture.h"

#include "core/verdict.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS_LEAST 9

TestSuite(op, .init = judge_begin, .fini = judge_end, .timeout = 180);

static const struct hone_observation *pass(const char *task, const char *source) {
    const struct hone_observation *seen = judge(task, source);
    cr_assert(eq(u32, seen->verdict, HONE_PASSED), "%s: %s", task, hone_text(seen, HONE_MESSAGE));
    return seen;
}

/* The reward is 0.5 for being right, half the speedup, and half the coverage. */
static void expect_reward(const struct hone_observation *seen) {
    const double wanted = 0.5 + 0.5 * fmin(seen->speedup, 3) + 0.5 * seen->coverage;
    cr_expect(epsilon_eq(dbl, seen->reward, wanted, 1e-9));
}

Test(op, alone_earns_its_speedup_and_no_coverage) {
    glob_t files;
    cr_assert(eq(int, glob("tests/plans/operators/*.c", 0, NULL, &files), 0));
    cr_assert(ge(sz, files.gl_pathc, TASKS_LEAST));
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *source = hone_test_read(files.gl_pathv[i]), task[64];
        cr_assert(eq(int, sscanf(source, "// %63s passed", task), 1));
        const struct hone_observation *seen = pass(task, source);
        cr_expect(eq(dbl, seen->coverage, 0), "%s", task);
        cr_expect(lt(dbl, 0, seen->speedup), "%s", task);
        cr_expect(lt(dbl, 1000, seen->kernel_ns), "%s", task);
        expect_reward(seen);
        free(source);
    }
    globfree(&files);
}

static const char half[] = "//@hone workspace z f32[m * n]\n"
                           "//@hone op linear args=(x, weight, bias, z)\n"
                           "//@hone call activate args=(z, y, m * n)\n"
                           "#include <math.h>\n"
                           "void activate(const float *z, float *y, int64_t count) {\n"
                           "    for (int64_t i = 0; i < count; i++)\n"
                           "        y[i] = 0.5f * z[i] * (1 + erff(z[i] * 0.70710678f));\n"
                           "}\n";

Test(op, leaves_the_candidate_the_coverage_of_what_it_does_itself) {
    const struct hone_observation *seen = pass("dl/gemm_bias_gelu", half);
    cr_expect(lt(dbl, 0.05, seen->coverage));
    cr_expect(lt(dbl, seen->coverage, 0.98));
    expect_reward(seen);
}

Test(op, beside_a_kernel_that_does_nothing_hides_little) {
    const struct hone_observation *seen =
        pass("dl/gemm_bias_gelu", "//@hone workspace z f32[m * n]\n"
                                  "//@hone call decoy args=(z)\n"
                                  "//@hone op linear args=(x, weight, bias, z)\n"
                                  "//@hone op gelu args=(z, y)\n"
                                  "void decoy(float *z) { z[0] = 1; }\n");
    cr_expect(lt(dbl, 0, seen->coverage));
    cr_expect(lt(dbl, seen->coverage, 0.1));
    cr_expect(ge(u32, seen->finding_count, 1)); /* lazy warns */
}

static const char half_in_cuda[] =
    "//@hone workspace z f32[m * n]\n"
    "//@hone launch nothing grid=(1) block=(32) args=(z)\n"
    "//@hone op linear args=(x, weight, bias, z)\n"
    "//@hone launch activate grid=(ceil_div(m * n, 256)) block=(256) args=(z, y, m * n)\n"
    "extern \"C\" __global__ void nothing(float *z) { z[0] = 0; }\n"
    "extern \"C\" __global__ void activate(const float *z, float *y, int64_t count) {\n"
    "    const int64_t i = blockIdx.x * 256 + threadIdx.x;\n"
    "    if (i < count)\n"
    "        y[i] = 0.5f * z[i] * (1 + erff(z[i] * 0.70710678f));\n"
    "}\n";

/* The stages that are asked for; 0: all. */
static const struct hone_observation *judge_in_cuda(const char *source, uint32_t stages) {
    const struct hone_observation *seen = NULL;
    size_t capacity;
    cr_assert(eq(int, hone_reset(hone, 0, "dl/gemm_bias_gelu", 1, &seen), 0));
    char *buffer = hone_action_buffer(hone, 0, &capacity);
    const size_t bytes = strlen(source);
    cr_assert(le(sz, bytes, capacity));
    memcpy(buffer, source, bytes);
    const struct hone_action action = {.language = "cuda", .stages = stages, .source_bytes = bytes};
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0), "%s", hone_message(hone));
    if (seen->verdict == HONE_REJECTED && strcmp(seen->reason_name, "language") == 0)
        cr_skip_test("no cuda here: %s", hone_text(seen, HONE_MESSAGE));
    return seen;
}

/* Emulated here; its launches are threads, the operators are not. */
Test(op, stands_between_the_launches_of_a_plan_in_cuda) {
    const struct hone_observation *seen = judge_in_cuda(
        half_in_cuda, 1u << HONE_STAGE_ADMIT | 1u << HONE_STAGE_COMPILE | 1u << HONE_STAGE_VERIFY);
    cr_expect(eq(u32, seen->verdict, HONE_PARTIAL), "%s", hone_text(seen, HONE_MESSAGE));
}

Test(op, is_not_timed_beside_an_emulated_baseline) {
    const struct hone_observation *seen = judge_in_cuda(half_in_cuda, 0);
    cr_expect(eq(u32, seen->verdict, HONE_REJECTED), "%s", hone_text(seen, HONE_MESSAGE));
    cr_expect(eq(str, (char *)(uintptr_t)seen->reason_name, "plan"));
    cr_expect(ne(ptr, strstr(hone_text(seen, HONE_MESSAGE), "emulates cuda"), NULL), "%s",
              hone_text(seen, HONE_MESSAGE));
}

Test(op, alone_is_no_plan_in_cuda) {
    const struct hone_observation *seen =
        judge_in_cuda("//@hone workspace z f32[m * n]\n"
                      "//@hone op linear args=(x, weight, bias, z)\n"
                      "//@hone op gelu args=(z, y)\n",
                      0);
    cr_expect(eq(u32, seen->verdict, HONE_REJECTED), "%s", hone_text(seen, HONE_MESSAGE));
    cr_expect(ne(ptr, strstr(hone_text(seen, HONE_MESSAGE), "nothing is launched"), NULL), "%s",
              hone_text(seen, HONE_MESSAGE));
}

/* Steps of either kind in turns, many to a call. */
Test(op, may_stand_anywhere_in_a_plan) {
    const struct hone_observation *seen =
        pass("dl/gemm_bias_gelu", "//@hone workspace z f32[m * n]\n"
                                  "//@hone repeat 3\n"
                                  "//@hone call spoil args=(z, m * n)\n"
                                  "//@hone op linear args=(x, weight, bias, z)\n"
                                  "//@hone end\n"
                                  "//@hone op gelu args=(z, y)\n"
                                  "void spoil(float *z, int64_t count) {\n"
                                  "    for (int64_t i = 0; i < count; i++) z[i] = 0.0f / 0.0f;\n"
                                  "}\n");
    cr_expect(lt(dbl, 0, seen->coverage));
    cr_expect(lt(dbl, seen->coverage, 0.9));
}

/* What a candidate leaves an operator to read is the candidate's to answer for. */
Test(op, computes_with_what_it_is_given) {
    const struct hone_observation *seen =
        judge("dl/gemm_bias_gelu", "//@hone workspace z f32[m * n]\n"
                                   "//@hone call fill args=(z, m * n)\n"
                                   "//@hone op gelu args=(z, y)\n"
                                   "void fill(float *z, int64_t count) {\n"
                                   "    for (int64_t i = 0; i < count; i++) z[i] = 0.0f / 0.0f;\n"
                                   "}\n");
    cr_expect(eq(u32, seen->verdict, HONE_WRONG), "%s", hone_text(seen, HONE_MESSAGE));
}

Test(op, counts_against_the_limit_of_a_call) {
    const struct hone_observation *seen =
        judge("dl/gemm_bias_gelu", "//@hone workspace z f32[m * n]\n"
                                   "//@hone repeat 100\n"
                                   "//@hone repeat n > 250 ? 10 : 1\n"
                                   "//@hone op linear args=(x, weight, bias, z)\n"
                                   "//@hone end\n"
                                   "//@hone call nothing args=()\n"
                                   "//@hone end\n"
                                   "//@hone op gelu args=(z, y)\n"
                                   "void nothing(void) {}\n");
    cr_expect(eq(u32, seen->verdict, HONE_TIMED_OUT), "%s: %s", hone_verdict_name(seen->verdict),
              hone_text(seen, HONE_MESSAGE));
}

Test(op, sees_a_candidate_that_writes_beside_its_memory) {
    const struct hone_observation *seen =
        judge("dl/gemm_bias_gelu", "//@hone workspace z f32[m * n]\n"
                                   "//@hone op linear args=(x, weight, bias, z)\n"
                                   "//@hone call past args=(z, m * n)\n"
                                   "//@hone op gelu args=(z, y)\n"
                                   "void past(float *z, int64_t n) { z[-1] = z[n - 1]; }\n");
    cr_expect(eq(u32, seen->verdict, HONE_WRONG), "%s", hone_text(seen, HONE_MESSAGE));
    cr_expect(eq(str, (char *)seen->reason_name, "out_of_bounds"));
}
