#include "core/precision.h"
#include "core/inputs.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#define ROWS 64
#define COLUMNS 64
#define DEPTH 64
#define COUNT (ROWS * COLUMNS)

/* A product of matrices, its truth, and the truth for another left factor. */
static float left[ROWS * DEPTH], right[DEPTH * COLUMNS], got[COUNT];
static double wanted[COUNT], nudged[COUNT];

static double noise(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)*state * 0x1p-63;
}

static void multiply(const float *factor, double *product) {
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            double sum = 0;
            for (int p = 0; p < DEPTH; p++)
                sum += (double)factor[i * DEPTH + p] * (double)right[p * COLUMNS + j];
            product[i * COLUMNS + j] = sum;
        }
}

static void set_up(void) {
    uint64_t state = 3;
    static float moved[ROWS * DEPTH];
    for (int i = 0; i < ROWS * DEPTH; i++)
        left[i] = (float)noise(&state);
    for (int i = 0; i < DEPTH * COLUMNS; i++)
        right[i] = (float)noise(&state);
    multiply(left, wanted);
    memcpy(moved, left, sizeof moved);
    hone_inputs_nudge(ROWS * DEPTH, moved);
    multiply(moved, nudged);
}

TestSuite(precision, .init = set_up);

/* With `cut` low bits of the left factor cut off, to nearest or towards zero. */
static struct hone_precision look(uint32_t cut, bool to_nearest, float shrinks) {
    const struct hone_judged_output output = {.dtype = HONE_F32,
                                              .count = COUNT,
                                              .got = got,
                                              .wanted = wanted,
                                              .limits = {1e-4, 1e-4, NAN}};
    struct hone_precision_sums sums = {0};
    struct hone_precision precision;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            float sum = 0;
            for (int p = 0; p < DEPTH; p++) {
                float factor = left[i * DEPTH + p];
                uint32_t bits;
                memcpy(&bits, &factor, sizeof bits);
                bits = (bits + (to_nearest && cut ? 1u << (cut - 1) : 0)) & ~((1u << cut) - 1);
                memcpy(&factor, &bits, sizeof factor);
                sum += factor * right[p * COLUMNS + j];
            }
            got[i * COLUMNS + j] = sum * shrinks;
        }
    hone_precision_add(&sums, &output);
    hone_precision_compare(&sums, &output, 0, nudged);
    hone_precision_of(&sums, &precision);
    return precision;
}

Test(precision, rounding_knows_nothing_of_the_rule) {
    const struct hone_precision honest = look(0, true, 1);
    cr_expect(lt(dbl, fabs(honest.lost_bits[0]), 4 * honest.chance[0]));
    cr_expect(lt(dbl, fabs(honest.lost_bits[0]), 0.045));
    cr_expect(lt(dbl, honest.chance[0], 0.03));
    cr_expect(isnan(honest.lost_bits[1]));
}

Test(precision, bits_cut_off_to_nearest_show) {
    for (uint32_t cut = 3; cut <= 9; cut++) {
        const struct hone_precision mine = look(cut, true, 1);
        cr_expect(lt(dbl, 0.09, fabs(mine.lost_bits[0])), "%u bits", cut);
        cr_expect(lt(dbl, 4.5 * mine.chance[0], fabs(mine.lost_bits[0])), "%u bits", cut);
    }
}

/* Which shrinks all results by a share that is the same for all: it is taken off. */
Test(precision, bits_cut_off_towards_zero_show) {
    for (uint32_t cut = 3; cut <= 9; cut++)
        cr_expect(lt(dbl, 0.045, fabs(look(cut, false, 1).lost_bits[0])), "%u bits", cut);
    cr_expect(lt(dbl, fabs(look(0, true, 0.99999f).lost_bits[0]), 0.06));
}

Test(precision, grain_and_slope_tell_sums_that_cancel_from_results_in_proportion) {
    const struct hone_precision sums = look(0, true, 1);
    cr_expect(lt(dbl, sums.slope, -0.5));
    cr_expect(lt(dbl, 3e-8, sums.grain));
    cr_expect(lt(dbl, sums.grain, 5e-7));
    const struct hone_judged_output output = {.dtype = HONE_F32,
                                              .count = COUNT,
                                              .got = got,
                                              .wanted = wanted,
                                              .limits = {1e-4, 1e-4, NAN}};
    struct hone_precision_sums rounded = {0};
    struct hone_precision precision;
    for (int i = 0; i < COUNT; i++)
        got[i] = (float)wanted[i];
    hone_precision_add(&rounded, &output);
    hone_precision_of(&rounded, &precision);
    cr_expect(lt(dbl, fabs(precision.slope), 0.1));
    cr_expect(lt(dbl, precision.grain, 6e-8));
    cr_expect(isnan(precision.lost_bits[0]));
}

Test(precision, nothing_is_told_of_other_types_and_exact_results) {
    struct hone_judged_output output = {
        .dtype = HONE_F32, .count = COUNT, .got = got, .wanted = wanted, .exact = true};
    struct hone_precision_sums sums = {0};
    struct hone_precision precision;
    hone_precision_add(&sums, &output);
    hone_precision_compare(&sums, &output, 0, nudged);
    output = (struct hone_judged_output){
        .dtype = HONE_F16, .count = 16, .got = got, .wanted = wanted, .limits = {1, 1, NAN}};
    hone_precision_add(&sums, &output);
    hone_precision_of(&sums, &precision);
    cr_expect(eq(u64, precision.steps, 0));
    cr_expect(isnan(precision.grain));
    cr_expect(isnan(precision.lost_bits[0]));
}

Test(precision, the_worst_of_several_is_what_each_did_worst) {
    struct hone_precision worst = look(0, true, 1);
    const struct hone_precision cut = look(6, true, 1);
    struct hone_precision none;
    hone_precision_of(&(struct hone_precision_sums){0}, &none);
    hone_precision_worsen(&none, &worst);
    cr_expect(eq(dbl, none.grain, worst.grain));
    cr_expect(eq(dbl, none.lost_bits[0], worst.lost_bits[0]));
    hone_precision_worsen(&worst, &cut);
    cr_expect(eq(dbl, worst.grain, cut.grain));
    cr_expect(eq(dbl, worst.lost_bits[0], cut.lost_bits[0]));
    cr_expect(eq(dbl, worst.chance[0], cut.chance[0]));
}
