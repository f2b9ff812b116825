/* Judging by samples and sums: what is right passes, and what is caught how. */
#include "core/sample.h"

#include "core/element.h"
#include "core/inputs.h"
#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* c = a b; or, without "linear", a row-wise y = a * |a|. */
static const char product_text[] =
    "{\"schema\": 1, \"id\": \"test/product\", \"version\": \"1\", \"title\": \"t\", \"axes\": "
    "{\"m\": {\"var\": [1, 4096]}, \"n\": {\"var\": [1, 4096]}, \"k\": {\"var\": [1, 4096]}},"
    "\"args\": [{\"name\": \"a\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [\"m\", \"k\"]},"
    "{\"name\": \"b\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [\"k\", \"n\"]},"
    "{\"name\": \"c\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [\"m\", \"n\"]},"
    "{\"name\": \"m\", \"role\": \"axis\"}, {\"name\": \"n\", \"role\": \"axis\"}, {\"name\": "
    "\"k\", \"role\": \"axis\"}],"
    "\"workloads\": [{\"id\": \"d\", \"set\": \"debug\", \"axes\": {\"m\": 2, \"n\": 2, \"k\": 2}},"
    "{\"id\": \"v\", \"set\": \"verify\", \"sampled\": true, \"axes\": {\"m\": 200, \"n\": 300, "
    "\"k\": 100}},"
    "{\"id\": \"e\", \"set\": \"verify\", \"sampled\": true, \"exact\": true, \"axes\": {\"m\": "
    "200, \"n\": 300, \"k\": 100}, \"gen\": {\"a\": {\"dist\": \"ints\", \"low\": -4, \"high\": "
    "4}, \"b\": {\"dist\": \"ints\", \"low\": -4, \"high\": 4}}},"
    "{\"id\": \"b\", \"set\": \"bench\", \"axes\": {\"m\": 8, \"n\": 8, \"k\": 8}}],"
    "\"reduction\": \"k\", \"sample\": {\"axes\": {\"m\": 16, \"n\": 16}%s},"
    "\"baselines\": [{\"name\": \"t\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": "
    "\"score\"}], \"oracle\": {\"c\": \"oracle.c\"}}";

enum { A, B, C };

static struct hone_task *product(const char *linear) {
    char text[sizeof product_text + 64];
    struct hone_task *task = NULL;
    struct hone_error error = {""};
    snprintf(text, sizeof text, product_text, linear);
    cr_assert(eq(int, task_text_parse(text, &task, &error), 0), "%s", error.text);
    return task;
}

static int run_product(void *context, const struct hone_workload *workload,
                       const struct hone_set_layout *layout, void *memory,
                       struct hone_error *error) {
    const int64_t m = workload->axes[0], n = workload->axes[1], k = workload->axes[2];
    const float *a = (const void *)((char *)memory + layout->input_offset[A]);
    const float *b = (const void *)((char *)memory + layout->input_offset[B]);
    double *c = (void *)((char *)memory + layout->oracle_offset[C]);
    (void)context, (void)error;
    for (int64_t i = 0; i < m * n; i++)
        c[i] = 0;
    for (int64_t i = 0; i < m; i++)
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += (double)a[i * k + p] * b[p * n + j];
    return 0;
}

/* A filled set, and a right output of it in single precision. */
struct judged {
    struct hone_task *task;
    const struct hone_workload *workload;
    struct hone_set_layout layout;
    uint8_t *memory;
    struct hone_judged_sample sample;
    struct hone_judged_output output;
    float *right, *got;
    int64_t m, n;
};

static void make_right(struct judged *judged) {
    const int64_t k = judged->workload->axes[2];
    const float *a = (const void *)(judged->memory + judged->layout.input_offset[A]);
    const float *b = (const void *)(judged->memory + judged->layout.input_offset[B]);
    for (int64_t i = 0; i < judged->m; i++)
        for (int64_t j = 0; j < judged->n; j++) {
            float sum = 0;
            for (int64_t p = 0; p < k; p++)
                sum += a[i * k + p] * b[p * judged->n + j];
            judged->right[i * judged->n + j] = sum;
        }
}

static struct judged fill(struct hone_task *task, uint32_t workload, uint64_t seed) {
    struct judged judged = {.task = task, .workload = &task->workloads[workload]};
    const struct hone_sample_oracle oracle = {NULL, run_product};
    struct hone_error error = {""};
    hone_set_layout(task, judged.workload, &judged.layout);
    judged.memory = calloc(1, judged.layout.total_bytes);
    judged.m = judged.workload->axes[0];
    judged.n = judged.workload->axes[1];
    for (uint32_t i = A; i <= B; i++)
        hone_inputs_fill(task, judged.workload, seed, i,
                         judged.memory + judged.layout.input_offset[i]);
    cr_assert(eq(int,
                 hone_sample_fill(task, judged.workload, &judged.layout, seed, judged.memory,
                                  &oracle, &error),
                 0),
              "%s", error.text);
    judged.output = (struct hone_judged_output){
        .dtype = HONE_F32,
        .count = judged.layout.count[C],
        .wanted = (const void *)(judged.memory + judged.layout.oracle_offset[C]),
        .exact = judged.workload->exact,
    };
    judged.right = malloc((size_t)judged.output.count * sizeof(float));
    judged.output.got = judged.got = malloc((size_t)judged.output.count * sizeof(float));
    make_right(&judged);
    return judged;
}

/* Needs to be where it stays: the output points to the sample. */
static void finish_filling(struct judged *judged) {
    struct hone_judged_output *output = &judged->output;
    struct hone_error error = {""};
    cr_assert(eq(int,
                 hone_sample_judged(judged->task, judged->workload, &judged->layout, judged->memory,
                                    C, &judged->sample, &error),
                 0),
              "%s", error.text);
    output->sample = &judged->sample;
    hone_judge_moments(output->wanted, judged->sample.count, &output->mean, &output->rms);
    hone_task_limits(judged->task, judged->workload, C, output->rms, &output->limits);
}

static void drop(struct judged *judged) {
    free(judged->memory);
    free(judged->right);
    free(judged->got);
}

/* Poison, then write what is right: what a test changes afterwards is what the kernel did wrong. */
static void write_right(struct judged *judged, uint32_t pattern) {
    hone_judge_poison(&judged->output, 5, pattern);
    memcpy(judged->got, judged->right, (size_t)judged->output.count * sizeof(float));
}

static struct hone_judgement judge(const struct judged *judged, uint32_t pattern) {
    struct hone_judgement judgement;
    hone_judge(&judged->output, 5, pattern, &judgement);
    return judgement;
}

static bool is_sampled(const struct judged *judged, int64_t place) {
    for (int64_t i = 0; i < judged->sample.count; i++)
        if (judged->sample.at[i] == place)
            return true;
    return false;
}

/* The first element from `place` on that is not in the sample. */
static int64_t unsampled(const struct judged *judged, int64_t place) {
    while (is_sampled(judged, place))
        place++;
    return place;
}

static const char linear_n[] = ", \"linear\": \"n\"", linear_m[] = ", \"linear\": \"m\"";

/* Along rows and along columns, with and without tolerance. */
Test(sample, accepts_what_is_right_whatever_the_seed) {
    for (uint32_t way = 0; way < 2; way++) {
        struct hone_task *task = product(way ? linear_m : linear_n);
        for (uint64_t seed = 0; seed < 40; seed++) {
            struct judged judged = fill(task, 1 + seed % 2, seed);
            finish_filling(&judged);
            write_right(&judged, (uint32_t)seed);
            struct hone_judgement judgement = judge(&judged, (uint32_t)seed);
            cr_expect(eq(u32, judgement.reason, HONE_REASON_NONE), "seed %d", (int)seed);
            cr_expect(eq(i64, judgement.wrong_sums, 0));
            drop(&judged);
        }
        hone_task_destroy(task);
    }
}

/* The bound is 9 sqrt(300) tolerances of 1e-5: a twentieth of the rms is far beyond it. */
Test(sample, finds_one_wrong_element_that_is_not_sampled) {
    for (uint32_t way = 0; way < 2; way++) {
        struct hone_task *task = product(way ? linear_m : linear_n);
        struct judged judged = fill(task, 1, 9);
        finish_filling(&judged);
        for (int64_t place = 0; place < judged.output.count; place += 1237) {
            const int64_t at = unsampled(&judged, place);
            write_right(&judged, 0);
            judged.got[at] += (float)(0.05 * judged.output.rms);
            struct hone_judgement judgement = judge(&judged, 0);
            cr_expect(eq(u32, judgement.reason, HONE_REASON_VALUES), "at %d", (int)at);
            cr_expect(eq(i64, judgement.wrong_sums, 1));
            cr_expect(
                eq(i64, judgement.first_wrong_sum, way ? at % judged.n : at / judged.n * judged.n));
        }
        drop(&judged);
        hone_task_destroy(task);
    }
}

/* Two errors that cancel under the signs of one sum do not under those of the other. */
Test(sample, finds_two_errors_that_cancel_in_one_sum) {
    struct hone_task *task = product(linear_n);
    struct judged judged = fill(task, 1, 9);
    finish_filling(&judged);
    for (int v = 0; v < HONE_SUMS; v++) {
        const uint8_t *signs = judged.sample.signs;
        int64_t row = 1, one = 0, other;
        while (is_sampled(&judged, row * judged.n))
            row++;
        for (other = 1; other < judged.n; other++)
            if ((signs[one] ^ signs[other]) == 2u >> v)
                break;
        cr_assert(lt(i64, other, judged.n));
        write_right(&judged, 0);
        judged.got[row * judged.n + one] += (float)(0.05 * judged.output.rms);
        judged.got[row * judged.n + other] -= (float)(0.05 * judged.output.rms);
        struct hone_judgement judgement = judge(&judged, 0);
        cr_expect(eq(i64, judgement.wrong_count, 0));
        cr_expect(eq(i64, judgement.wrong_sums, 1), "cancelled in sum %d", v);
        cr_expect(eq(u32, judgement.reason, HONE_REASON_VALUES));
    }
    drop(&judged);
    hone_task_destroy(task);
}

Test(sample, finds_the_smallest_error_where_the_output_is_exact) {
    struct hone_task *task = product(linear_n);
    struct judged judged = fill(task, 2, 9);
    finish_filling(&judged);
    for (int64_t place = 0; place < judged.output.count; place += 2503) {
        write_right(&judged, 0);
        judged.got[unsampled(&judged, place)] += 1;
        cr_expect(eq(u32, judge(&judged, 0).reason, HONE_REASON_VALUES));
    }
    drop(&judged);
    hone_task_destroy(task);
}

/* Half of all pairs cancel in one sum, a quarter in both; over 64 pairs none is left. */
Test(sample, finds_rows_that_are_swapped) {
    struct hone_task *task = product(linear_n);
    struct judged judged = fill(task, 1, 3);
    finish_filling(&judged);
    for (int64_t row = 1; row + 1 < judged.m; row += 17) {
        write_right(&judged, 0);
        memcpy(judged.got + row * judged.n, judged.right + (row + 1) * judged.n,
               (size_t)judged.n * sizeof(float));
        memcpy(judged.got + (row + 1) * judged.n, judged.right + row * judged.n,
               (size_t)judged.n * sizeof(float));
        struct hone_judgement judgement = judge(&judged, 0);
        cr_expect(eq(u32, judgement.reason, HONE_REASON_VALUES), "row %d", (int)row);
    }
    drop(&judged);
    hone_task_destroy(task);
}

static float rounded(float value, uint32_t bits_lost) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits += 1u << (bits_lost - 1);
    bits &= ~((1u << bits_lost) - 1);
    memcpy(&value, &bits, sizeof bits);
    return value;
}

Test(sample, finds_low_precision) {
    struct hone_task *task = product("");
    struct judged judged = fill(task, 1, 3);
    finish_filling(&judged);
    write_right(&judged, 0);
    for (int64_t i = 0; i < judged.output.count; i++)
        judged.got[i] = rounded(judged.got[i], 13); /* as tf32 would */
    cr_expect(eq(u32, judge(&judged, 0).reason, HONE_REASON_VALUES));
    drop(&judged);
    hone_task_destroy(task);
}

/* Whatever is linear: a tile that nobody wrote, at either end or within. */
Test(sample, finds_a_tile_that_is_not_written) {
    static const char *const ways[] = {linear_n, linear_m, ""};
    for (uint32_t way = 0; way < 3; way++) {
        struct hone_task *task = product(ways[way]);
        struct judged judged = fill(task, 1, 11);
        finish_filling(&judged);
        const int64_t corners[][2] = {{0, 0}, {judged.m - 16, judged.n - 16}, {70, 101}};
        for (uint32_t pattern = 0; pattern < 3; pattern++)
            for (uint32_t corner = 0; corner < 3; corner++) {
                hone_judge_poison(&judged.output, 5, pattern);
                for (int64_t i = 0; i < judged.output.count; i++) {
                    const int64_t row = i / judged.n - corners[corner][0];
                    const int64_t column = i % judged.n - corners[corner][1];
                    if (row < 0 || row >= 16 || column < 0 || column >= 16)
                        judged.got[i] = judged.right[i];
                }
                struct hone_judgement judgement = judge(&judged, pattern);
                cr_expect(eq(u32, judgement.reason, HONE_REASON_UNWRITTEN));
                cr_expect(eq(i64, judgement.unwritten_count, 256));
                cr_expect(eq(i64, judgement.first_wrong,
                             corners[corner][0] * judged.n + corners[corner][1]));
            }
        drop(&judged);
        hone_task_destroy(task);
    }
}

/* The first wrong element is told, whatever is wrong with it. */
Test(sample, tells_the_first_of_two_kinds) {
    struct hone_task *task = product("");
    struct judged judged = fill(task, 1, 11);
    finish_filling(&judged);
    for (uint32_t way = 0; way < 2; way++) {
        const int64_t tile = unsampled(&judged, 20 * judged.n + 1);
        const int64_t odd = unsampled(&judged, way ? 5 * judged.n : 150 * judged.n);
        hone_judge_poison(&judged.output, 5, 0);
        memcpy(judged.got, judged.right, (size_t)tile * sizeof(float));
        memcpy(judged.got + tile + 8000, judged.right + tile + 8000,
               (size_t)(judged.output.count - tile - 8000) * sizeof(float));
        for (int64_t i = 0; i < judged.output.count; i++)
            if (is_sampled(&judged, i))
                judged.got[i] = judged.right[i];
        judged.got[odd] = NAN;
        struct hone_judgement judgement = judge(&judged, 0);
        cr_expect(eq(u32, judgement.reason, HONE_REASON_UNWRITTEN));
        cr_expect(eq(i64, judgement.first_wrong, way ? odd : tile));
    }
    drop(&judged);
    hone_task_destroy(task);
}

/* One element says nothing where its poison may be right by chance; its sums do, and a poison that
 * is no number. */
Test(sample, finds_one_element_that_is_not_written) {
    struct hone_task *task = product(linear_n);
    struct judged judged = fill(task, 1, 11);
    finish_filling(&judged);
    const int64_t at = unsampled(&judged, 31111);
    for (uint32_t pattern = 0; pattern < 3; pattern++) {
        hone_judge_poison(&judged.output, 5, pattern);
        const float poison = judged.got[at];
        memcpy(judged.got, judged.right, (size_t)judged.output.count * sizeof(float));
        judged.got[at] = poison;
        const uint32_t reason = judge(&judged, pattern).reason;
        if (pattern == 2 && isnan(poison))
            cr_expect(eq(u32, reason, HONE_REASON_UNWRITTEN));
        else
            cr_expect(ne(u32, reason, HONE_REASON_NONE), "pattern %u", pattern);
    }
    drop(&judged);
    hone_task_destroy(task);
}

/* Kernels write infinities too: one that is its poison is a result, sampled or not. */
Test(sample, takes_a_lone_infinity_for_a_result) {
    struct hone_task *task = product("");
    struct judged judged = fill(task, 1, 11);
    finish_filling(&judged);
    for (uint32_t sampled = 0; sampled < 2; sampled++) {
        hone_judge_poison(&judged.output, 5, 2);
        int64_t at = 0;
        while (!isinf(judged.got[at]) || is_sampled(&judged, at) != (sampled > 0))
            at++;
        const float poison = judged.got[at];
        write_right(&judged, 2);
        judged.got[at] = poison;
        struct hone_judgement judgement = judge(&judged, 2);
        cr_expect(eq(u32, judgement.reason, HONE_REASON_NON_FINITE), "sampled: %u", sampled);
        cr_expect(eq(i64, judgement.unwritten_count, 0));
        cr_expect(eq(i64, judgement.first_wrong, at));
    }
    drop(&judged);
    hone_task_destroy(task);
}

Test(sample, finds_what_is_not_finite_anywhere) {
    static const float strange[] = {NAN, INFINITY, -INFINITY};
    struct hone_task *task = product("");
    struct judged judged = fill(task, 1, 11);
    finish_filling(&judged);
    for (uint32_t i = 0; i < 9; i++) {
        const int64_t at = unsampled(&judged, 7000 * i + 1);
        write_right(&judged, i);
        judged.got[at] = strange[i / 3];
        struct hone_judgement judgement = judge(&judged, i);
        cr_expect(eq(u32, judgement.reason, HONE_REASON_NON_FINITE));
        cr_expect(eq(i64, judgement.first_wrong, at));
        cr_expect(eq(i64, judgement.wrong_count, 1));
        cr_expect(eq(dbl, judgement.max_error, (double)INFINITY));
        cr_expect(eq(dbl, judgement.rel_l2, (double)INFINITY));
    }
    drop(&judged);
    hone_task_destroy(task);
}

/* Without sums, one row of 200 is among the 16 sampled with a chance of 8 %; the corners always. */
Test(sample, looks_at_corners_and_now_and_then_at_any_row) {
    struct hone_task *task = product("");
    uint32_t seen = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        int64_t rows[16];
        hone_sample_draw(task, &task->workloads[1], seed, 0, rows);
        cr_assert(eq(i64, rows[0], 0));
        cr_assert(eq(i64, rows[15], 199));
        for (uint32_t i = 1; i < 16; i++) {
            cr_assert(lt(i64, rows[i - 1], rows[i]));
            seen += rows[i] == 77;
        }
    }
    cr_expect(lt(u32, 0, seen));
    cr_expect(lt(u32, seen, 40));
    hone_task_destroy(task);
}

Test(sample, refuses_a_set_that_no_oracle_gave) {
    struct hone_task *task = product(linear_n);
    struct hone_error error;
    for (uint32_t fault = 0; fault < 4; fault++) {
        struct judged judged = fill(task, 1, 1);
        int64_t *at = (void *)(judged.memory + judged.layout.position_offset[C]);
        double *wanted = (void *)(judged.memory + judged.layout.oracle_offset[C]);
        double *sums = (void *)(judged.memory + judged.layout.sum_offset[C]);
        if (fault == 0)
            at[3] = at[2];
        else if (fault == 1)
            at[judged.layout.sample_count[C] - 1] = judged.output.count;
        else if (fault == 2)
            wanted[5] = (double)NAN;
        else
            sums[399] = (double)INFINITY;
        cr_expect(eq(int,
                     hone_sample_judged(task, judged.workload, &judged.layout, judged.memory, C,
                                        &judged.sample, &error),
                     -EIO));
        drop(&judged);
    }
    hone_task_destroy(task);
}

Test(sample, says_what_cannot_be_sampled) {
    static const struct {
        const char *from, *to, *expected;
    } bad[] = {
        {"{\"m\": 16, \"n\": 16}", "{}", "expected an axis at least"},
        {"{\"m\": 16, \"n\": 16}", "{\"q\": 16}", "no variable axis is called \"q\""},
        {"{\"m\": 16, \"n\": 16}", "{\"m\": 1}", "2..4096"},
        {"\"shape\": [\"k\", \"n\"]", "\"shape\": [\"k\", \"n + 1\"]", "expected n by itself"},
        {"\"role\": \"out\"", "\"role\": \"inout\"", "expected outputs of floats only"},
        {"\"linear\": \"n\"", "\"linear\": \"k\"", "expected every output to have the axis once"},
        {"\"dtype\": \"f32\", \"shape\": [\"k\", \"n\"]",
         "\"dtype\": \"bf16\", \"shape\": [\"k\", \"n\"]", "expected f32 or f64, once"},
        {"\"sample\": {\"axes\": {\"m\": 16, \"n\": 16}, \"linear\": \"n\"},", "",
         "the task has no \"sample\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char whole[sizeof product_text + 64], text[sizeof product_text + 128];
        struct hone_task *task = NULL;
        struct hone_error error = {""};
        snprintf(whole, sizeof whole, product_text, linear_n);
        const char *at = strstr(whole, bad[i].from);
        cr_assert(ne(ptr, (char *)at, NULL), "%s", bad[i].from);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, bad[i].to,
                 at + strlen(bad[i].from));
        cr_expect(eq(int, task_text_parse(text, &task, &error), -EINVAL), "%s", bad[i].to);
        cr_expect(ne(ptr, strstr(error.text, bad[i].expected), NULL), "\"%s\" lacks \"%s\"",
                  error.text, bad[i].expected);
        hone_task_destroy(task);
    }
}
