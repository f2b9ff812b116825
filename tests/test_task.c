#include "core/task.h"
#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Criterion's texts are not const. */
static char *loose(const char *text) {
    return (char *)text;
}

/* The small task with its first `from` replaced by `to` must be refused, and the reason hold
 * `expected`. */
static void refuse(const char *from, const char *to, const char *expected) {
    char *at = strstr(loose(task_text), from);
    cr_assert(ne(ptr, at, NULL), "\"%s\" is not in the text", from);
    char *text = malloc(sizeof task_text + strlen(to));
    size_t before = (size_t)(at - task_text);
    memcpy(text, task_text, before);
    sprintf(text + before, "%s%s", to, at + strlen(from));
    struct hone_task *task = NULL;
    struct hone_error error = {""};
    int result = task_text_parse(text, &task, &error);
    free(text);
    cr_expect(lt(int, result, 0), "%s -> %s was taken", from, to);
    cr_expect(eq(ptr, task, NULL));
    cr_expect(ne(ptr, strstr(error.text, expected), NULL), "%s -> %s: \"%s\" lacks \"%s\"", from,
              to, error.text, expected);
    cr_expect(eq(int, strncmp(error.text, "tasks/test/small", 16), 0), "%s", error.text);
    hone_task_destroy(task);
}

Test(task, keeps_what_the_file_says) {
    struct hone_task *task = task_text_small();
    cr_expect(eq(str, loose(task->id), "test/small"));
    cr_expect(eq(str, loose(task->version), "1.2.0"));
    cr_expect(eq(str, loose(task->tags[1]), "two"));
    cr_expect(eq(u32, task->axis_count, 3));
    cr_expect(eq(u32, task->arg_count, 11));
    cr_expect(eq(int, task->args[3].role, HONE_INOUT));
    cr_expect(eq(str, loose(task->args[3].shape[0]), "3"));
    cr_expect(eq(int, task->args[1].generate.kind, HONE_GEN_NORMAL));
    cr_expect(eq(dbl, task->args[1].generate.deviation, 1));
    cr_expect(eq(dbl, task->args[7].scalar, -7));
    cr_expect(eq(u32, task->args[10].axis, 1));
    cr_expect(eq(str, loose(task->prompt), "Do it."));
    cr_expect(eq(str, loose(task->oracle), "oracle"));
    cr_expect(eq(dbl, task->compile_limit_s, 7));
    cr_expect(eq(dbl, task->call_limit_s, 1.5));
    cr_expect(eq(u64, task->source_limit_bytes, 1000));
    cr_expect(eq(u32, task->file_count, 6));
    hone_task_destroy(task);
}

Test(task, applies_what_a_workload_overrides) {
    struct hone_task *task = task_text_small();
    cr_assert(eq(u32, task->workload_count, 3)); /* the gpu's is left out */
    const struct hone_workload *whole = &task->workloads[1];
    cr_expect(eq(i64, whole->axes[2], 3063));
    cr_expect(whole->exact);
    cr_expect(eq(dbl, whole->scalar[5], 2));
    cr_expect(eq(int, whole->generate[0].kind, HONE_GEN_INTS));
    cr_expect(eq(dbl, whole->generate[1].value, 1.5));
    cr_expect(eq(int, task->workloads[0].generate[0].kind, HONE_GEN_NORMAL));
    cr_expect(eq(dbl, task->workloads[0].scalar[5], 0.5));
    cr_expect(eq(dbl, task->workloads[2].weight, 2));
    hone_task_destroy(task);
}

Test(task, computes_shapes_and_layouts) {
    struct hone_task *task = task_text_small();
    int64_t shape[HONE_DIMS_MAX];
    cr_expect(eq(i64, hone_task_shape(task, &task->workloads[0], 3, shape), 18));
    cr_expect(eq(i64, shape[0], 3));
    cr_expect(eq(i64, shape[1], 6));
    struct hone_set_layout layout;
    hone_set_layout(task, &task->workloads[0], &layout);
    cr_expect(eq(u64, layout.input_offset[0], 0));
    cr_expect(eq(u64, layout.input_offset[1], 64));   /* x: 10 f32 */
    cr_expect(eq(u64, layout.input_offset[2], 128));  /* w: 10 bf16 */
    cr_expect(eq(u64, layout.input_offset[3], 192));  /* index: 5 i32 */
    cr_expect(eq(u64, layout.input_offset[4], 384));  /* state: 18 f64 */
    cr_expect(eq(u64, layout.oracle_offset[3], 448)); /* bits: 5 u8 */
    cr_expect(eq(u64, layout.oracle_offset[8], 640));
    cr_expect(eq(u64, layout.total_bytes, 704));
    cr_expect(eq(u64, layout.input_offset[8], UINT64_MAX));
    cr_expect(eq(u64, layout.oracle_offset[0], UINT64_MAX));
    cr_expect(eq(i64, layout.count[9], 0));
    hone_task_destroy(task);
}

Test(task, scales_tolerance_with_output_and_reduction) {
    struct hone_task *task = task_text_small();
    struct hone_limits limits;
    cr_expect(eq(int, hone_task_limits(task, &task->workloads[0], 8, 3, &limits), 0));
    cr_expect(epsilon_eq(dbl, limits.atol, 3e-5, 1e-12));
    cr_expect(eq(dbl, limits.rtol, 1e-5));
    cr_expect(eq(dbl, limits.rel_l2, 2e-6));
    struct hone_workload long_sum = task->workloads[0];
    long_sum.axes[1] = 4096; /* sqrt is 64: twice as much */
    cr_expect(eq(int, hone_task_limits(task, &long_sum, 8, 3, &limits), 0));
    cr_expect(epsilon_eq(dbl, limits.atol, 6e-5, 1e-12));
    cr_expect(eq(dbl, limits.rel_l2, 4e-6));
    cr_expect(eq(int, hone_task_limits(task, &task->workloads[0], 8, 0, &limits), 0));
    cr_expect(lt(dbl, 0, limits.atol));
    cr_expect(eq(int, hone_task_limits(task, &task->workloads[0], 0, 1, &limits), -EINVAL));
    hone_task_destroy(task);
}

Test(task, knows_the_cost_of_a_call) {
    struct hone_task *task = task_text_small();
    double flops, bytes;
    hone_task_cost(task, &task->workloads[2], &flops, &bytes);
    cr_expect(eq(dbl, flops, 32768));
    cr_expect(eq(dbl, bytes, 65536));
    task->flops = NULL;
    hone_task_cost(task, &task->workloads[2], &flops, &bytes);
    cr_expect(isnan(flops));
    hone_task_destroy(task);
}

Test(task, draws_hidden_workloads_within_their_ranges) {
    struct hone_task *task = task_text_small();
    uint32_t small_rows = 0, choices[3] = {0}, ends[3] = {0};
    cr_assert(eq(u32, task->hidden_count, 2));
    cr_expect(eq(u32, task->hidden[0].draws, 2));
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct hone_workload drawn, again;
        cr_assert(eq(int, hone_task_draw(task, 0, seed, &drawn), 0));
        cr_assert(eq(int, hone_task_draw(task, 0, seed, &again), 0));
        cr_assert(eq(int, memcmp(&drawn, &again, sizeof drawn), 0));
        cr_assert(drawn.axes[0] >= 1 && drawn.axes[0] <= 512);
        cr_assert(drawn.axes[1] == 7 || drawn.axes[1] == 64 || drawn.axes[1] == 1000);
        cr_assert(eq(i64, drawn.axes[2], drawn.axes[0] * drawn.axes[1]));
        cr_assert(le(i64, drawn.axes[2], 65536)); /* the constraint */
        cr_assert(drawn.exact && drawn.set == HONE_HIDDEN);
        small_rows += drawn.axes[0] < 23; /* half of the range, as a logarithm */
        choices[drawn.axes[1] == 7 ? 0 : drawn.axes[1] == 64 ? 1 : 2]++;
        cr_assert(eq(int, hone_task_draw(task, 1, seed, &drawn), 0));
        cr_assert(eq(i64, drawn.axes[0], 5));
        cr_assert(drawn.axes[1] >= 10 && drawn.axes[1] <= 12);
        ends[drawn.axes[1] - 10]++;
    }
    cr_expect(lt(u32, 1400, small_rows));
    cr_expect(lt(u32, small_rows, 2200));
    for (int i = 0; i < 3; i++) {
        cr_expect(lt(u32, 500, choices[i]));
        cr_expect(lt(u32, 900, ends[i]));
    }
    cr_expect(eq(int, hone_task_draw(task, 2, 0, &(struct hone_workload){0}), -EINVAL));
    hone_task_destroy(task);
}

Test(task, draws_what_a_hidden_entry_allows_alone) {
    char *at = strstr(loose(task_text), "\"uniform\": [10, 12]}}"), text[sizeof task_text + 64];
    struct hone_task *task = NULL;
    uint32_t ends[3] = {0};
    cr_assert(ne(ptr, at, NULL));
    at += strlen("\"uniform\": [10, 12]}}");
    snprintf(text, sizeof text, "%.*s, \"constraints\": [\"m * n != 55\"]%s", (int)(at - task_text),
             task_text, at);
    cr_assert(eq(int, task_text_parse(text, &task, NULL), 0));
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct hone_workload drawn;
        cr_assert(eq(int, hone_task_draw(task, 1, seed, &drawn), 0));
        ends[drawn.axes[1] - 10]++;
    }
    cr_expect(lt(u32, 90, ends[0]));
    cr_expect(eq(u32, ends[1], 0));
    cr_expect(lt(u32, 90, ends[2]));
    hone_task_destroy(task);
    refuse("\"uniform\": [10, 12]}}", "\"uniform\": [10, 12]}}, \"constraints\": [\"n > 12\"]",
           "constraint \"n > 12\" does not hold");
    refuse("\"uniform\": [10, 12]}}", "\"uniform\": [10, 12]}}, \"constraints\": [\"o > 1\"]",
           "unknown name");
}

Test(task, hashes_every_byte_of_every_file) {
    struct hone_task *task = task_text_small(), *changed = NULL;
    char text[sizeof task_text];
    memcpy(text, task_text, sizeof text);
    text[strlen(text) - 1] = ' '; /* the last line end: no meaning changes */
    cr_assert(eq(int, task_text_parse(text, &changed, NULL), 0));
    cr_expect(ne(str, task->hash, changed->hash));
    cr_expect(ne(u64, task->hash64, changed->hash64));
    cr_expect(eq(sz, strlen(task->hash), 32));
    hone_task_destroy(task);
    hone_task_destroy(changed);
}

Test(task, does_not_mind_the_order_of_files) {
    struct hone_task_file files[] = {{"tuned.c", "tuned", 5},
                                     {"wrong/tail.c", "tail", 4},
                                     {"task.json", task_text, strlen(task_text)},
                                     {"prompt.md", "Do it.", 6},
                                     {"oracle.c", "oracle", 6},
                                     {"naive.c", "naive", 5}};
    struct hone_task_description description = {sizeof description, 6, files, "tasks/test/small"};
    struct hone_task *sorted = task_text_small(), *task = NULL;
    cr_assert(eq(int, hone_task_parse(&description, &task, NULL), 0));
    cr_expect(eq(str, task->hash, sorted->hash));
    hone_task_destroy(task);
    hone_task_destroy(sorted);
    files[1].name = "tuned.c";
    cr_expect(eq(int, hone_task_parse(&description, &task, NULL), -EINVAL));
}

Test(task, refuses_text_that_is_no_json) {
    refuse("\"schema\": 1,", "\"schema\": 1", "line 2, column");
    refuse("\"schema\": 1", "\"schema\": 1, \"schema\": 1", "duplicate");
    refuse("1000}\n}\n", "1000}\n} {\n", "end of file expected");
}

Test(task, refuses_unknown_keys_and_wrong_types_with_their_path) {
    refuse("\"schema\": 1", "\"schema\": 2", "schema: 2 is not in 1..1");
    refuse("\"tags\"", "\"tag\"", "unknown key \"tag\"");
    refuse("\"title\": \"A small task\"", "\"title\": 3", "title: expected text, found an integer");
    refuse("\"two\"", "2", "tags[1]: expected text");
    refuse("\"std\": 2", "\"sd\": 2", "args[0].gen: unknown key \"sd\"");
    refuse("\"scale\": 100", "\"scale\": \"100\"", "args[0].gen.outliers.scale: expected a number");
    refuse("\"p\": 0.25, \"scale\"", "\"p\": 1.25, \"scale\"", "1.25 is not in 0..1");
    refuse("[\"m\", \"n\"]", "[\"m\", true]",
           "args[0].shape[1]: expected text, found a truth value");
    refuse("[\"m\", \"n\"]", "[]", "args[0].shape: expected 1 to 6 elements, found 0");
    refuse("\"role\": \"inout\"", "\"role\": \"both\"", "args[3].role: unknown word \"both\"");
    refuse("\"dtype\": \"f64\"", "\"dtype\": \"f128\"", "args[3].dtype: unknown word \"f128\"");
    refuse("\"exact\": true", "\"exact\": 1", "workloads[1].exact: expected true or false");
    refuse("\"weight\": 2", "\"weight\": -2", "workloads[2].weight");
    refuse("\"m\": 2, ", "", "workloads[0].axes.m: expected an integer, found nothing");
    refuse("\"draw\": 2", "\"draw\": 0", "hidden[0].draw: 0 is not in 1..16");
    refuse("\"compile_s\": 7", "\"compile\": 7", "limits: unknown key");
}

Test(task, refuses_names_that_do_not_resolve) {
    refuse("[\"m\", \"n\"]", "[\"m\", \"k\"]", "args[0].shape[1] impossible: unknown name");
    refuse("\"expr\": \"m*n\"", "\"expr\": \"m*k\"", "unknown name at column 3");
    refuse("\"mn <= 65536\"", "\"mk <= 65536\"", "unknown name");
    refuse("{\"name\": \"n\", \"role\": \"axis\"}", "{\"name\": \"k\", \"role\": \"axis\"}",
           "args[10].name: no axis is called \"k\"");
    refuse("\"n\": 5}", "\"n\": 5, \"k\": 1}", "workloads[0].axes.k: no axis");
    refuse("\"n\": 5}", "\"n\": 5, \"mn\": 10}", "workloads[0].axes.mn: this axis is computed");
    refuse("\"gen\": {\"x\":", "\"gen\": {\"y\":", "workloads[1].gen.y: no input is called");
    refuse("\"scalars\": {\"eps\"", "\"scalars\": {\"x\"", "no scalar is called \"x\"");
    refuse("\"reduction\": \"n\"", "\"reduction\": \"q\"", "tolerance impossible: unknown name");
    refuse("\"flops\": \"2*m*n\"", "\"flops\": \"2*m*q\"", "cost impossible: unknown name");
    refuse("\"reduction\": \"n\"", "\"tolerance\": {\"atol\": \"1e-5*rms\"}", "unknown name");
}

Test(task, refuses_files_that_are_missing) {
    refuse("\"file\": \"tuned.c\"", "\"file\": \"fast.c\"",
           "baselines[1].file: the task has no file");
    refuse("{\"c\": \"oracle.c\"}", "{\"c\": \"truth.c\"}", "oracle.c: the task has no file");
    refuse("\"oracle\":", "\"prompt\": \"intro.md\", \"oracle\":", "prompt: the task has no file");
    struct hone_task_file readme = {"README", "", 0};
    struct hone_task_description description = {sizeof description, 1, &readme, "here"};
    struct hone_task *task;
    struct hone_error error;
    cr_expect(eq(int, hone_task_parse(&description, &task, &error), -ENOENT));
    cr_expect(eq(str, error.text, "here/task.json: no such file"));
}

Test(task, refuses_impossible_shapes) {
    refuse("[\"m\", \"n\"]", "[\"m - 3\", \"n\"]", "args[0].shape[0] impossible");
    refuse("[\"m\", \"n\"]", "[\"m\", \"n*1048576\", \"1024\"]", "at most 2^31 bytes");
    refuse("[\"m\", \"n\"]", "[\"m\", \"n*4611686018427387904\"]", "integer overflow");
    refuse("[3, \"n + 1\"]", "[-3, \"n + 1\"]", "args[3].shape[0]: -3 is not in");
    refuse("[\"mn\"]", "[\"mn / (m - 2)\"]", "division by zero");
    refuse("[\"m\", \"n\"]", "[\"m\", \"5000 - m * n\"]", "args[0].shape[1] impossible");
}

Test(task, refuses_axes_outside_their_range) {
    refuse("\"n\": 5}", "\"n\": 5000}", "workloads[0].axes.n: 5000 is not in 1..4096");
    refuse("\"m\": 16, \"n\": 1024", "\"m\": 128, \"n\": 1024", "constraint \"mn <= 65536\"");
    refuse("\"var\": [1, 4096]", "\"var\": [5, 4]", "axes.m.var[1]: 4 is not in");
    refuse("\"loguniform\": [1, 512]", "\"loguniform\": [0, 512]", "0 is not in 1..4096");
    refuse("\"loguniform\": [1, 512]", "\"loguniform\": [1, 5120]", "loguniform[1]");
    refuse("\"choice\": [7,", "\"choice\": [0,", "hidden[0].axes.n.choice[0]: 0 is not in");
    refuse("\"uniform\": [10, 12]", "\"uniform\": [10, 12], \"choice\": [1]",
           "expected a number, or");
    refuse("\"m\": 5, \"n\": {\"uniform\": [10, 12]}",
           "\"m\": 4096, \"n\": {\"uniform\": [17, 18]}",
           "hidden[1].axes: no draw satisfies the constraints");
}

Test(task, refuses_second_ones_of_a_name) {
    refuse("\"id\": \"whole\"", "\"id\": \"shown\"", "workloads[1].id: a second workload");
    refuse("\"name\": \"w\"", "\"name\": \"x\"", "args[1].name: a second argument");
    refuse("\"name\": \"y\"", "\"name\": \"m\"", "args[8].name: an axis is called \"m\" too");
    refuse("\"name\": \"naive\"", "\"name\": \"tuned\"", "baselines[1]: a second baseline");
    refuse("\"role\": \"score\"", "\"role\": \"floor\"", "expected one baseline");
    refuse("\"role\": \"floor\"", "\"role\": \"score\"", "found 2");
}

Test(task, refuses_names_that_c_or_expressions_use) {
    refuse("\"name\": \"w\"", "\"name\": \"int\"", "args[1].name: the name \"int\" is taken");
    refuse("\"name\": \"w\"", "\"name\": \"2w\"", "is no name");
    refuse("\"name\": \"w\"", "\"name\": \"w;\"", "is no name");
    refuse("\"mn\": {", "\"K\": {", "axes.K: the name \"K\" means something");
    refuse("\"mn\": {", "\"min\": {", "axes.min: the name");
    refuse("\"id\": \"test/small\"", "\"id\": \"../small\"", "id: expected suite/task");
    refuse("\"id\": \"test/small\"", "\"id\": \"small\"", "id: expected suite/task");
    refuse("\"id\": \"whole\"", "\"id\": \"hidden\"", "is taken");
}

Test(task, refuses_generators_their_dtype_cannot_hold) {
    refuse("{\"dist\": \"permutation\"}", "{\"dist\": \"normal\"}",
           "normal does not fit dtype i32");
    refuse("\"dist\": \"bernoulli\", \"p\": 0.25", "\"dist\": \"ints\", \"low\": -1, \"high\": 9",
           "args[4].gen.low: -1 is not in 0..255");
    refuse("{\"dist\": \"ints\", \"low\": -3, \"high\": 4}",
           "{\"dist\": \"ints\", \"low\": -3, \"high\": 4.5}", "whole numbers");
    refuse("\"dist\": \"bernoulli\", \"p\": 0.25", "\"dist\": \"lengths\"",
           "args[4].gen.dist: lengths needs dtype i32 or i64");
    refuse(", \"gen\": {\"dist\": \"permutation\"}", "", "args[2]: expected \"gen\"");
    refuse("\"shape\": [\"m\"]}", "\"shape\": [\"m\"], \"gen\": {\"dist\": \"normal\"}}",
           "an output has no generator");
    refuse("\"value\": -7", "\"value\": -7.5", "args[7].value: expected a whole number");
}

Test(task, refuses_generators_that_do_not_fit_the_sizes) {
    static const char permutation[] = "{\"dist\": \"permutation\"}";
    refuse(permutation, "{\"dist\": \"ints\", \"low\": 0, \"high\": \"q - 1\"}",
           "workloads[0]: input index: high: unknown name at column 1");
    refuse(permutation, "{\"dist\": \"ints\", \"low\": 0, \"high\": \"n / 2\"}",
           "workloads[0]: input index: high: expected a whole number in 0..2147483647, found 2.5");
    refuse(permutation, "{\"dist\": \"ints\", \"low\": \"m\", \"high\": \"m - 1\"}",
           "input index: high: expected a whole number in 2..2147483647, found 1");
    refuse(permutation, "{\"dist\": \"zipf\", \"low\": 0, \"high\": true}",
           "args[2].gen.high: expected a number");
    refuse(permutation, "{\"dist\": \"offsets\", \"total\": 9, \"most\": 2}",
           "9 entries do not fit into 4 rows of at most 2");
    refuse(permutation, "{\"dist\": \"offsets\", \"total\": 9, \"rows\": \"even\"}",
           "args[2].gen.rows: unknown word \"even\"");
    refuse(permutation, "{\"dist\": \"offsets\"}", "args[2].gen.total: expected a number");
    refuse(permutation, "{\"dist\": \"csr\", \"columns\": 4}",
           "args[2].gen.offsets: expected text, found nothing");
    refuse(permutation, "{\"dist\": \"csr\", \"columns\": 4, \"offsets\": \"y\"}",
           "input index: no input is called \"y\"");
    refuse(permutation, "{\"dist\": \"csr\", \"columns\": 4, \"offsets\": \"x\"}",
           "input index: offsets: expected an input that is drawn as offsets");
    refuse(permutation, "{\"dist\": \"page_table\", \"pages\": 4, \"lengths\": \"x\"}",
           "input index: lengths: expected an input that is drawn as lengths");
    refuse("\"std\": 2", "\"std\": 2, \"poison\": \"index\"",
           "input x: poison: expected an input that is drawn as a page_table");
    refuse("\"uniform\", \"low\": -1", "\"uniform\", \"low\": \"m\"",
           "input state: high: 2 is below low, 3");
}

Test(task, computes_generators_for_every_workload_and_draw) {
    static const char from[] = "{\"dist\": \"permutation\"}";
    char text[sizeof task_text + 80];
    const char *at = strstr(task_text, from);
    snprintf(text, sizeof text, "%.*s{\"dist\": \"zipf\", \"low\": \"-m\", \"high\": \"n - 1\"}%s",
             (int)(at - task_text), task_text, at + strlen(from));
    struct hone_task *task = NULL;
    struct hone_error error = {""};
    cr_assert(eq(int, task_text_parse(text, &task, &error), 0), "%s", error.text);
    cr_expect(eq(dbl, task->workloads[0].generate[2].high, 4));
    cr_expect(eq(dbl, task->workloads[1].generate[2].low, -3));
    struct hone_workload drawn;
    for (uint64_t seed = 0; seed < 50; seed++) {
        cr_assert(eq(int, hone_task_draw(task, 0, seed, &drawn), 0));
        cr_assert(eq(dbl, drawn.generate[2].high, (double)drawn.axes[1] - 1));
        cr_assert(eq(dbl, drawn.generate[2].low, -(double)drawn.axes[0]));
    }
    hone_task_destroy(task);
}

/* gpu workloads, hidden entries and baselines come after those that are run here. */
Test(task, keeps_what_is_for_a_gpu_apart) {
    static const char hidden[] = "{\"axes\": {\"m\": 5";
    static const char tuned[] = "{\"name\": \"tuned\", \"lang\": \"c\"";
    char text[sizeof task_text + 400];
    const char *first = strstr(task_text, hidden), *second = strstr(task_text, tuned);
    snprintf(text, sizeof text,
             "%.*s{\"profile\": \"gpu\", \"axes\": {\"m\": 7, \"n\": 8}}, %.*s"
             "{\"name\": \"naive\", \"lang\": \"cuda\", \"file\": \"naive.c\", \"role\": "
             "\"score\"}, %s",
             (int)(first - task_text), task_text, (int)(second - first), first, second);
    struct hone_task *task = NULL;
    struct hone_error error = {""};
    cr_assert(eq(int, task_text_parse(text, &task, &error), 0), "%s", error.text);
    cr_assert(eq(u32, task->workload_count, 3));
    cr_assert(eq(u32, task->hidden_count, 2));
    struct hone_workload drawn;
    cr_expect(eq(int, hone_task_draw(task, 2, 1, &drawn), -EINVAL));
    hone_task_choose(task, HONE_SIZES_GPU);
    cr_assert(eq(u32, task->workload_count, 3)); /* debug and verify, and its own for bench */
    cr_expect(eq(int, strcmp(task->workloads[2].id, "huge"), 0));
    cr_expect(eq(int, task->workloads[2].set, HONE_BENCH));
    cr_expect(eq(i64, task->workloads[2].axes[2], 65536));
    cr_assert(eq(u32, task->hidden_count, 3));
    cr_assert(eq(int, hone_task_draw(task, 2, 1, &drawn), 0));
    cr_expect(eq(i64, drawn.axes[0], 7));
    cr_expect(eq(int, hone_task_draw(task, 3, 1, &drawn), -EINVAL));
    cr_assert(eq(u32, task->baseline_count, 2));
    cr_assert(eq(u32, task->cuda_baseline_count, 1));
    cr_expect(eq(int, strcmp(task->baselines[0].name, "tuned"), 0));
    cr_expect(eq(int, strcmp(task->baselines[2].language, "cuda"), 0));
    hone_task_destroy(task);
    refuse("\"id\": \"huge\"", "\"id\": \"fast\"", "workloads[3].id: a second workload");
}

Test(task, bounds_the_scratch_memory_of_a_plan) {
    struct hone_task *task = task_text_small();
    cr_expect(eq(u64, hone_task_workspace(task, &task->workloads[0]), 64 << 20));
    task->workspace = "4*mn + 8";
    cr_expect(eq(u64, hone_task_workspace(task, &task->workloads[0]), 48));
    hone_task_destroy(task);
    refuse("\"reduction\":", "\"workspace\": {\"max_bytes\": \"4*q\"}, \"reduction\":",
           "workloads[0].axes: makes the workspace impossible: unknown name");
    refuse("\"reduction\":", "\"workspace\": {\"max_bytes\": \"-m\"}, \"reduction\":",
           "max_bytes: expected 0..2^31");
    refuse("\"reduction\":", "\"workspace\": {\"bytes\": \"m\"}, \"reduction\":",
           "workspace: unknown key \"bytes\"");
}

Test(task, refuses_a_task_without_an_output_or_a_set) {
    refuse("\"set\": \"verify\"", "\"set\": \"debug\"", "found 2, 0 and 1");
    refuse("\"profile\": \"gpu\"", "\"profile\": \"tpu\"", "profile: unknown word");
}
