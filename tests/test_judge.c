#include "core/judge.h"

#include "core/element.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 3000

static double wanted[MOST];
static uint64_t memory[MOST]; /* what was got, of any dtype */

static const enum hone_dtype dtypes[] = {HONE_F64, HONE_F32, HONE_F16, HONE_BF16,
                                         HONE_I64, HONE_I32, HONE_U8,  HONE_BOOL};

/* Output `count` elements that are what is wanted, of values the dtype can hold. */
static struct hone_judged_output right(enum hone_dtype dtype, int64_t count) {
    struct hone_judged_output output = {
        .dtype = dtype, .count = count, .got = memory, .wanted = wanted};
    for (int64_t i = 0; i < count; i++)
        wanted[i] = dtype == HONE_BOOL           ? (double)(i % 2)
                    : hone_dtype_is_float(dtype) ? 0.25 * (double)((i * 7) % 31 - 15)
                                                 : (double)((i * 7) % 31);
    hone_judge_moments(wanted, count, &output.mean, &output.rms);
    output.limits = (struct hone_limits){1e-5 * output.rms, 1e-5, 1e-5, 0};
    for (int64_t i = 0; i < count; i++)
        hone_elements_write(dtype, &wanted[i], 1,
                            (char *)memory + i * (int64_t)hone_dtype_bytes(dtype));
    return output;
}

static void put(const struct hone_judged_output *output, int64_t index, double value) {
    hone_elements_write(output->dtype, &value, 1,
                        (char *)output->got + index * hone_dtype_bytes(output->dtype));
}

static struct hone_judgement judge(const struct hone_judged_output *output) {
    struct hone_judgement judgement;
    hone_judge(output, 1, 0, &judgement);
    return judgement;
}

Test(judge, accepts_what_is_wanted_in_every_dtype) {
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        struct hone_judged_output output = right(dtypes[i], 1027);
        struct hone_judgement judgement = judge(&output);
        cr_expect(eq(u32, judgement.reason, HONE_REASON_NONE), "dtype %d", dtypes[i]);
        cr_expect(eq(dbl, judgement.max_error, 0));
        cr_expect(eq(dbl, judgement.rel_l2, 0));
        cr_expect(eq(i64, judgement.first_wrong, -1));
    }
}

Test(judge, finds_one_wrong_element_anywhere_in_every_dtype) {
    static const int64_t places[] = {0, 1, 511, 512, 1023, 1026};
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            struct hone_judged_output output = right(dtypes[i], 1027);
            put(&output, places[k], wanted[places[k]] + 1);
            struct hone_judgement judgement = judge(&output);
            cr_expect(eq(u32, judgement.reason, HONE_REASON_VALUES), "dtype %d", dtypes[i]);
            cr_expect(eq(i64, judgement.wrong_count, 1));
            cr_expect(eq(i64, judgement.first_wrong, places[k]));
            cr_expect(eq(dbl, judgement.first_got, wanted[places[k]] + 1));
            cr_expect(eq(dbl, judgement.first_wanted, wanted[places[k]]));
            cr_expect(eq(dbl, judgement.max_error, 1));
        }
}

Test(judge, allows_an_error_up_to_its_tolerance) {
    struct hone_judged_output output = right(HONE_F64, 8);
    output.limits = (struct hone_limits){0.01, 0.1, NAN, 0};
    put(&output, 3, wanted[3] + 0.99 * (0.01 + 0.1 * fabs(wanted[3])));
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
    put(&output, 3, wanted[3] + 1.01 * (0.01 + 0.1 * fabs(wanted[3])));
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_VALUES));
}

Test(judge, limits_the_error_of_the_whole_as_well) {
    struct hone_judged_output output = right(HONE_F64, 1000);
    output.limits = (struct hone_limits){0.01, 0, 1e-3, 0};
    for (int64_t i = 0; i < 1000; i++)
        put(&output, i, wanted[i] + 0.009);
    struct hone_judgement judgement = judge(&output);
    cr_expect(eq(u32, judgement.reason, HONE_REASON_VALUES));
    cr_expect(eq(i64, judgement.wrong_count, 0));
    cr_expect(epsilon_eq(dbl, judgement.rel_l2, 0.009 / output.rms, 1e-9));
    output.limits.rel_l2 = NAN;
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
}

/* An output that is small by chance is held to what others of its kind are. */
Test(judge, takes_the_error_of_the_whole_relative_to_the_scale_of_its_limits) {
    struct hone_judged_output output = right(HONE_F64, 1000);
    for (int64_t i = 0; i < 1000; i++)
        put(&output, i, wanted[i] + 0.009);
    output.limits = (struct hone_limits){0.01, 0, 1e-3, .scale = 8};
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_VALUES));
    cr_expect(epsilon_eq(dbl, judge(&output).rel_l2, 0.009 / 8, 1e-9));
    output.limits.scale = 10;
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
}

Test(judge, limits_no_norm_of_a_few_elements) {
    for (int64_t count = 15; count <= 16; count++) {
        struct hone_judged_output output = right(HONE_F64, count);
        output.limits = (struct hone_limits){0.01, 0, 1e-3, 0};
        for (int64_t i = 0; i < count; i++)
            put(&output, i, wanted[i] + 0.009);
        cr_expect(
            eq(u32, judge(&output).reason, count < 16 ? HONE_REASON_NONE : HONE_REASON_VALUES));
    }
}

Test(judge, demands_equality_of_exact_outputs) {
    struct hone_judged_output output = right(HONE_F32, 100);
    output.exact = true;
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
    put(&output, 99, wanted[99] + 1e-6);
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_VALUES));
}

Test(judge, demands_equality_of_integers_whatever_the_tolerance) {
    for (size_t i = 4; i < sizeof dtypes / sizeof *dtypes; i++) {
        struct hone_judged_output output = right(dtypes[i], 100);
        output.limits = (struct hone_limits){10, 1, NAN, 0};
        cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
        put(&output, 98, wanted[98] + 1);
        cr_expect(eq(u32, judge(&output).reason, HONE_REASON_VALUES), "dtype %d", dtypes[i]);
    }
}

Test(judge, rounds_what_an_exact_output_shall_be_to_its_dtype) {
    struct hone_judged_output output = right(HONE_F32, 4);
    output.exact = true;
    wanted[2] = 0.1; /* no float */
    put(&output, 2, 0.1);
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
}

Test(judge, holds_both_zeros_equal) {
    struct hone_judged_output output = right(HONE_F32, 4);
    output.exact = true;
    wanted[1] = 0;
    put(&output, 1, -0.0);
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
}

Test(judge, refuses_what_is_not_finite) {
    static const double strange[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        struct hone_judged_output output = right(HONE_F32, 700);
        put(&output, 600, strange[i]);
        struct hone_judgement judgement = judge(&output);
        cr_expect(eq(u32, judgement.reason, HONE_REASON_NON_FINITE));
        cr_expect(eq(u32, judgement.facts, HONE_FACT_NON_FINITE));
        cr_expect(eq(i64, judgement.first_wrong, 600));
        cr_expect(eq(dbl, judgement.max_error, INFINITY));
    }
}

Test(judge, wants_the_same_kind_where_the_truth_is_not_finite) {
    struct hone_judged_output output = right(HONE_F32, 16);
    wanted[3] = NAN;
    wanted[5] = INFINITY;
    wanted[7] = -INFINITY;
    put(&output, 3, NAN);
    put(&output, 5, INFINITY);
    put(&output, 7, -INFINITY);
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE));
    put(&output, 5, -INFINITY);
    cr_expect(eq(i64, judge(&output).first_wrong, 5));
    put(&output, 5, 1e30);
    cr_expect(eq(i64, judge(&output).first_wrong, 5));
    put(&output, 3, 0);
    cr_expect(eq(i64, judge(&output).wrong_count, 2));
}

Test(judge, takes_a_lone_infinity_for_a_result) {
    struct hone_judged_output output = right(HONE_F32, 700);
    hone_judge_poison(&output, 1, 2);
    float poison[700];
    memcpy(poison, memory, sizeof poison);
    right(HONE_F32, 700);
    int64_t infinite = 0;
    while (!isinf(poison[infinite]))
        infinite++;
    put(&output, infinite, (double)poison[infinite]);
    struct hone_judgement judgement;
    hone_judge(&output, 1, 2, &judgement);
    cr_expect(eq(u32, judgement.reason, HONE_REASON_NON_FINITE));
    cr_expect(eq(i64, judgement.unwritten_count, 0));
}

/* Of `wrong` wrong elements, `left` hold what was there before. */
static uint32_t reason_of(enum hone_dtype dtype, int64_t wrong, int64_t left) {
    struct hone_judged_output output = right(dtype, 1000);
    uint64_t poison;
    for (int64_t i = 0; i < wrong; i++) {
        const int64_t place = 3 * i + 1;
        put(&output, place, wanted[place] + 1);
        if (i >= left)
            continue;
        hone_judge_poison_of(&output, 1, 0, place, &poison);
        memcpy((char *)memory + place * hone_dtype_bytes(dtype), &poison, hone_dtype_bytes(dtype));
    }
    return judge(&output).reason;
}

/* A wrong byte is its poison once in 256 times, a wrong float never. */
Test(judge, tells_chance_from_what_was_not_written) {
    cr_expect(eq(u32, reason_of(HONE_F32, 100, 1), HONE_REASON_UNWRITTEN));
    cr_expect(eq(u32, reason_of(HONE_F64, 300, 1), HONE_REASON_UNWRITTEN));
    cr_expect(eq(u32, reason_of(HONE_U8, 300, 10), HONE_REASON_VALUES));
    cr_expect(eq(u32, reason_of(HONE_U8, 300, 150), HONE_REASON_UNWRITTEN));
    cr_expect(eq(u32, reason_of(HONE_BF16, 300, 10), HONE_REASON_VALUES));
    cr_expect(eq(u32, reason_of(HONE_BF16, 300, 150), HONE_REASON_UNWRITTEN));
}

Test(judge, takes_moments_of_the_finite_values) {
    const double values[] = {3, NAN, -1, INFINITY};
    double mean, rms;
    hone_judge_moments(values, 4, &mean, &rms);
    cr_expect(eq(dbl, mean, 1));
    cr_expect(ieee_ulp_eq(dbl, rms, sqrt(5), 4));
}

Test(judge, poisons_no_element_with_a_right_value) {
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        for (uint32_t pattern = 0; pattern < 6; pattern++) {
            struct hone_judged_output output = right(dtypes[i], 1027);
            hone_judge_poison(&output, 42, pattern);
            for (int64_t k = 0; k < output.count; k++) {
                double value;
                hone_elements_read(dtypes[i], (char *)memory + k * hone_dtype_bytes(dtypes[i]), 1,
                                   &value);
                bool good = hone_judge_right(&output, value, wanted[k]);
                cr_assert(not(good), "dtype %d, pattern %u, element %d", dtypes[i], pattern,
                          (int)k);
            }
        }
}

Test(judge, poisons_where_the_truth_is_not_finite) {
    static const double strange[] = {NAN, INFINITY, -INFINITY};
    for (size_t d = 0; d < 4; d++)
        for (uint32_t pattern = 0; pattern < 3; pattern++) {
            struct hone_judged_output output = right(dtypes[d], 900);
            for (int64_t k = 0; k < 900; k += 2)
                wanted[k] = strange[k / 2 % 3];
            hone_judge_poison(&output, 42, pattern);
            struct hone_judgement judgement;
            hone_judge(&output, 42, pattern, &judgement);
            cr_expect(eq(i64, judgement.wrong_count, 900), "dtype %d, pattern %u", dtypes[d],
                      pattern);
            cr_expect(eq(i64, judgement.unwritten_count, 900), "dtype %d, pattern %u", dtypes[d],
                      pattern);
        }
}

Test(judge, tells_an_element_that_was_not_written) {
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        for (uint32_t pattern = 0; pattern < 3; pattern++) {
            struct hone_judged_output output = right(dtypes[i], 1027);
            hone_judge_poison(&output, 42, pattern);
            for (int64_t k = 0; k < 1000; k++)
                put(&output, k, wanted[k]);
            struct hone_judgement judgement;
            hone_judge(&output, 42, pattern, &judgement);
            cr_expect(eq(u32, judgement.reason, HONE_REASON_UNWRITTEN), "dtype %d", dtypes[i]);
            cr_expect(eq(i64, judgement.wrong_count, 27));
            cr_expect(ge(i64, judgement.unwritten_count, 27));
            cr_expect(eq(i64, judgement.first_wrong, 1000));
        }
}

Test(judge, calls_no_element_of_an_inout_argument_unwritten) {
    struct hone_judged_output output = right(HONE_F32, 100);
    output.unpoisoned = true;
    hone_judge_poison(&output, 42, 0);
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_NONE), "it was poisoned");
    put(&output, 50, 99);
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_VALUES));
    hone_judge_poison_of(&output, 1, 0, 50, (char *)memory + 50 * sizeof(float));
    cr_expect(eq(u32, judge(&output).reason, HONE_REASON_VALUES));
}

Test(judge, poisons_with_the_mean_and_rms_of_the_output) {
    struct hone_judged_output output = right(HONE_F32, MOST);
    for (int64_t i = 0; i < MOST; i++)
        wanted[i] = 100 + (double)(i % 17);
    hone_judge_moments(wanted, MOST, &output.mean, &output.rms);
    hone_judge_poison(&output, 7, 1);
    static double poison[MOST];
    double mean, rms;
    hone_elements_read(HONE_F32, memory, MOST, poison);
    hone_judge_moments(poison, MOST, &mean, &rms);
    cr_expect(epsilon_eq(dbl, mean, output.mean, 0.5));
    cr_expect(epsilon_eq(dbl, rms, output.rms, 0.5));
}

/* The same elements under two truths differ only where one of them had to be drawn again. */
Test(judge, draws_poison_without_looking_at_the_truth) {
    static uint64_t first[MOST];
    struct hone_judged_output output = right(HONE_F32, MOST);
    hone_judge_poison(&output, 7, 0);
    memcpy(first, memory, sizeof first);
    for (int64_t i = 0; i < MOST; i++)
        wanted[i] = -wanted[i];
    hone_judge_poison(&output, 7, 0);
    cr_expect(eq(int, memcmp(first, memory, MOST * sizeof(float)), 0));
}

Test(judge, poisons_constant_and_zero_outputs) {
    static const double constants[] = {0, 1e-30, 7, 1e30, -65504};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        for (size_t d = 0; d < 4; d++) {
            struct hone_judged_output output = right(dtypes[d], 300);
            for (int64_t k = 0; k < 300; k++)
                hone_elements_write(dtypes[d], &constants[i], 1, &wanted[k]);
            double held;
            hone_elements_read(dtypes[d], &wanted[0], 1, &held);
            for (int64_t k = 0; k < 300; k++)
                wanted[k] = held;
            hone_judge_moments(wanted, 300, &output.mean, &output.rms);
            output.limits = (struct hone_limits){1e-2 * output.rms, 1e-2, NAN, 0};
            hone_judge_poison(&output, 3, 0);
            cr_expect(eq(i64, judge(&output).wrong_count, 300), "dtype %d, constant %g", dtypes[d],
                      constants[i]);
        }
}

Test(judge, repeats_poison_and_varies_it_with_seed_and_pattern) {
    static uint64_t first[MOST];
    struct hone_judged_output output = right(HONE_F32, 1000);
    hone_judge_poison(&output, 7, 0);
    memcpy(first, memory, sizeof first);
    hone_judge_poison(&output, 7, 0);
    cr_expect(eq(int, memcmp(first, memory, 4000), 0));
    hone_judge_poison(&output, 8, 0);
    cr_expect(ne(int, memcmp(first, memory, 4000), 0));
    hone_judge_poison(&output, 7, 1);
    cr_expect(ne(int, memcmp(first, memory, 4000), 0));
}

Test(judge, notices_any_byte_that_changes_in_a_guard_band) {
    unsigned char band[77];
    hone_guard_fill(band, sizeof band, 5);
    cr_assert(hone_guard_intact(band, sizeof band, 5));
    cr_expect(not(hone_guard_intact(band, sizeof band, 6)));
    for (size_t i = 0; i < sizeof band; i++) {
        band[i] ^= 1;
        uint64_t first = 0, last = 0;
        cr_expect(not(hone_guard_intact(band, sizeof band, 5)));
        cr_expect(eq(u64, hone_guard_changed(band, sizeof band, 5, &first, &last), 1));
        cr_expect(eq(u64, first, i));
        cr_expect(eq(u64, last, i));
        band[i] ^= 1;
    }
}

Test(element, reads_every_half_as_it_is_written) {
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        const enum hone_dtype small[] = {HONE_F16, HONE_BF16};
        for (int i = 0; i < 2; i++) {
            uint16_t from = (uint16_t)bits, to = 0;
            double value;
            hone_elements_read(small[i], &from, 1, &value);
            if (isnan(value))
                continue;
            hone_elements_write(small[i], &value, 1, &to);
            cr_assert(eq(u16, to, from));
        }
    }
}

Test(element, rounds_small_floats_once_to_nearest_even) {
    static const struct {
        enum hone_dtype dtype;
        double value;
        uint16_t bits;
    } rows[] = {
        {HONE_F16, 1, 0x3c00},           {HONE_F16, -2, 0xc000},
        {HONE_F16, 65504, 0x7bff},       {HONE_F16, 65519.99, 0x7bff},
        {HONE_F16, 65520, 0x7c00},       {HONE_F16, 0x1p-24, 0x0001},
        {HONE_F16, 0x1p-25, 0x0000},     {HONE_F16, 0x1.8p-24, 0x0002},
        {HONE_F16, 0x1.ffcp-15, 0x0400}, {HONE_F16, 1 + 0x1p-11, 0x3c00},
        {HONE_F16, 1 + 0x3p-11, 0x3c02}, {HONE_F16, 1 + 0x1p-11 + 0x1p-40, 0x3c01},
        {HONE_BF16, 1, 0x3f80},          {HONE_BF16, 1 + 0x1p-8, 0x3f80},
        {HONE_BF16, 1 + 0x3p-8, 0x3f82}, {HONE_BF16, 1 + 0x1p-8 + 0x1p-40, 0x3f81},
        {HONE_BF16, 1e39, 0x7f80},       {HONE_BF16, 0x1p-133, 0x0001},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint16_t bits;
        hone_elements_write(rows[i].dtype, &rows[i].value, 1, &bits);
        cr_expect(eq(u16, bits, rows[i].bits), "%a", rows[i].value);
    }
}

Test(element, saturates_integers) {
    const double values[] = {1e300, -1e300, NAN, 300, -1};
    int32_t narrow[5];
    uint8_t bytes[5];
    int64_t wide[5];
    hone_elements_write(HONE_I32, values, 5, narrow);
    hone_elements_write(HONE_U8, values, 5, bytes);
    hone_elements_write(HONE_I64, values, 5, wide);
    cr_expect(eq(i32, narrow[0], INT32_MAX));
    cr_expect(eq(i32, narrow[1], INT32_MIN));
    cr_expect(eq(u8, bytes[3], 255));
    cr_expect(eq(u8, bytes[4], 0));
    cr_expect(eq(i64, wide[1], INT64_MIN));
}
