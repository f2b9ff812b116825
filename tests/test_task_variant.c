#include "core/oracle.h"
#include "core/task.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A task of one line each, so that a test can put another in its place. */
#define DTYPES "\"dtypes\": [\"f32\", \"f16\", \"f64\"],"
#define X "{\"name\": \"x\", \"role\": \"in\", \"dtype\": \"T\", \"shape\": [\"n\"]},"
#define A "{\"name\": \"a\", \"role\": \"scalar\", \"dtype\": \"f32\", \"value\": 2},"
#define Y "{\"name\": \"y\", \"role\": \"out\", \"dtype\": \"T\", \"shape\": [\"n\"]},"
#define LARGE                                                                                      \
    "{\"id\": \"large\", \"set\": \"verify\", \"axes\": {\"n\": 9}, \"dtypes\": [\"f32\"]},"
#define TOLERANCE "\"tolerance\": {\"f32\": {\"rtol\": \"0.25\"}},"

static const char text[] =
    "{\"schema\": 1, \"id\": \"test/scale\", \"version\": \"1\", \"title\": \"t\", \"tags\": "
    "[]," DTYPES "\"axes\": {\"n\": {\"var\": [1, 64]}}, \"args\": [" X A Y
    "{\"name\": \"n\", \"role\": \"axis\"}],"
    "\"workloads\": [{\"id\": \"tiny\", \"set\": \"debug\", \"axes\": {\"n\": 3}}," LARGE
    "{\"id\": \"odd\", \"set\": \"verify\", \"axes\": {\"n\": 5}},"
    "{\"id\": \"bench\", \"set\": \"bench\", \"axes\": {\"n\": 64}}]," TOLERANCE
    "\"cost\": {\"bytes\": \"2*n*sizeof(T) + sizeof(f32)\"},"
    "\"baselines\": [{\"name\": \"tuned\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": "
    "\"score\"}, {\"name\": \"wide\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": \"floor\", "
    "\"dtypes\": [\"f64\"]}], \"oracle\": {\"c\": \"oracle.c\"}}";

/* `from` in the text above becomes `to`. */
static int parse(const char *from, const char *to, uint32_t variant, struct hone_task **task,
                 struct hone_error *error) {
    char json[4096] = "";
    const char *at = strstr(text, from);
    cr_assert(ne(ptr, (void *)at, NULL), "%s", from);
    snprintf(json, sizeof json, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    const struct hone_task_file files[] = {{"oracle.c", "o", 1},
                                           {"prompt.md", "p", 1},
                                           {"task.json", json, strlen(json)},
                                           {"tuned.c", "t", 1}};
    const struct hone_task_description description = {
        .size = sizeof description, .file_count = 4, .files = files, .origin = "tasks/test/scale"};
    *task = NULL;
    return hone_task_parse_variant(&description, variant, task, error);
}

static struct hone_task *variant(uint32_t index) {
    struct hone_task *task;
    struct hone_error error = {""};
    cr_assert(eq(int, parse("", "", index, &task, &error), 0), "%s", error.text);
    return task;
}

Test(variant, is_a_task_of_its_own) {
    struct hone_task *single = variant(0), *half = variant(1), *wide = variant(2);
    cr_expect(eq(str, (char *)single->id, "test/scale"));
    cr_expect(eq(str, (char *)half->id, "test/scale@f16"));
    cr_expect(eq(str, (char *)wide->id, "test/scale@f64"));
    cr_expect(ne(str, single->hash, half->hash));
    cr_expect(ne(str, half->hash, wide->hash));
    cr_expect(ne(u64, half->hash64, wide->hash64));
    cr_expect(eq(u32, half->dtype_count, 3));
    hone_task_destroy(single);
    hone_task_destroy(half);
    hone_task_destroy(wide);
}

Test(variant, has_its_own_dtype_where_a_task_says_so) {
    struct hone_task *half = variant(1);
    cr_expect(eq(int, half->args[0].dtype, HONE_F16));
    cr_expect(half->args[0].varies);
    cr_expect(eq(int, half->args[1].dtype, HONE_F32));
    cr_expect(eq(int, half->args[2].dtype, HONE_F16));
    double flops, bytes;
    hone_task_cost(half, &half->workloads[0], &flops, &bytes);
    cr_expect(eq(dbl, bytes, 2 * 3 * 2 + 4));
    char *prototype = hone_task_prototype(half, "c");
    cr_expect(eq(str, prototype, "void solve(const _Float16 *x, float a, _Float16 *y, int64_t n)"));
    free(prototype);
    hone_task_destroy(half);
}

Test(variant, has_the_tolerance_of_its_dtype) {
    static const double rtol[] = {0.25, 1.0 / 512, 1e-12};
    for (uint32_t i = 0; i < 3; i++) {
        struct hone_task *task = variant(i);
        struct hone_limits limits;
        cr_assert(eq(int, hone_task_limits(task, &task->workloads[0], 2, 1, &limits), 0));
        cr_expect(eq(dbl, limits.rtol, rtol[i]), "%s", task->id);
        hone_task_destroy(task);
    }
}

Test(variant, leaves_out_what_is_of_another) {
    static const uint32_t workloads[] = {4, 3, 3}, baselines[] = {1, 1, 2};
    for (uint32_t i = 0; i < 3; i++) {
        struct hone_task *task = variant(i);
        cr_expect(eq(u32, task->workload_count, workloads[i]));
        cr_expect(eq(u32, task->baseline_count, baselines[i]));
        hone_task_destroy(task);
    }
}

Test(variant, hands_its_oracle_doubles) {
    struct hone_task *half = variant(1);
    char *prelude = hone_task_prelude(half, "oracle", true);
    cr_expect(ne(ptr,
                 strstr(prelude, "void oracle(const double *x, float a, double *y, int64_t n)"),
                 NULL),
              "%s", prelude);
    free(prelude);
    hone_task_destroy(half);
}

Test(variant, wants_infinity_where_its_dtype_ends) {
    static const double truths[] = {65519.9, 65520, -1e9},
                        wanted[] = {65519.9, INFINITY, -INFINITY};
    struct hone_task *half = variant(1);
    struct hone_set_layout layout;
    hone_set_layout(half, &half->workloads[0], &layout);
    char *memory = calloc(1, layout.total_bytes);
    double *out = (void *)(memory + layout.oracle_offset[2]);
    memcpy(out, truths, sizeof truths);
    cr_expect(eq(int, hone_oracle_check(half, &layout, memory, NULL), 0));
    for (int i = 0; i < 3; i++)
        cr_expect(eq(dbl, out[i], wanted[i]));
    free(memory);
    hone_task_destroy(half);
}

Test(variant, counts_the_bugs_of_its_dtype) {
    struct hone_task *half = variant(1);
    cr_expect(hone_task_is_wrong(half, "wrong/tail.c", "c"));
    cr_expect(hone_task_is_wrong(half, "wrong/f16/tail.c", "c"));
    cr_expect(not(hone_task_is_wrong(half, "wrong/f32/tail.c", "c")));
    cr_expect(not(hone_task_is_wrong(half, "wrong/tail.cu", "c")));
    cr_expect(hone_task_is_wrong(half, "wrong/tail.cu", "cuda"));
    cr_expect(not(hone_task_is_wrong(half, "tuned.c", "c")));
    hone_task_destroy(half);
}

Test(variant, is_refused_with_the_place_that_makes_no_sense) {
    static const struct {
        const char *from, *to, *wanted;
    } cases[] = {
        {DTYPES, "", "args[0].dtype: \"T\" stands for the task's \"dtypes\""},
        {X "", X "", "ok"},
        {DTYPES, "\"dtypes\": [\"f32\", \"i32\"],", "dtypes[1]: expected f64, f32, f16 or bf16"},
        {DTYPES, "\"dtypes\": [\"f32\", \"f32\"],", "dtypes[1]: f32 is there already"},
        {DTYPES, "\"dtypes\": [],", "dtypes: expected 1 to 4 elements"},
        {A, "{\"name\": \"a\", \"role\": \"scalar\", \"dtype\": \"T\", \"value\": 2},",
         "args[1].dtype: expected f32, f64, i32 or i64"},
        {"\"dtypes\": [\"f64\"]", "\"dtypes\": [\"bf16\"]", "do not have bf16"},
        {TOLERANCE, "\"tolerance\": {\"rtol\": \"0.25\"},", "tolerance: unknown key \"rtol\""},
        {"test/scale", "test/a_name_of_sixty_letters_that_leaves_no_room_for_a_dtype_x", "ok"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hone_task *task;
        struct hone_error error = {"ok"};
        parse(cases[i].from, cases[i].to, 0, &task, &error);
        cr_expect(ne(ptr, strstr(error.text, cases[i].wanted), NULL), "%zu: %s", i, error.text);
        hone_task_destroy(task);
    }
    struct hone_task *task;
    struct hone_error error = {""};
    cr_expect(eq(int, parse("", "", 3, &task, &error), -ERANGE));
    cr_expect(
        eq(int,
           parse("test/scale", "test/a_name_of_sixty_letters_that_leaves_no_room_for_a_dtype_x", 1,
                 &task, &error),
           -EINVAL));
    cr_expect(ne(ptr, strstr(error.text, "longer than 63 bytes"), NULL), "%s", error.text);
}
