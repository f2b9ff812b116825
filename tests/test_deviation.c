#include "core/deviation.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#define COUNT 4096

static double wanted[COUNT];
static float got[COUNT];

/* Between -1 and 1, the same every time. */
static double noise(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (double)(int32_t)*state * 0x1p-31;
}

/* Results of which each errs by `bias`, by noise of its own, and by all noise until it. */
static struct hone_deviation_sums err(double bias, double own, double kept) {
    struct hone_judged_output output = {.dtype = HONE_F32,
                                        .count = COUNT,
                                        .got = got,
                                        .wanted = wanted,
                                        .limits = {.atol = 1, .rtol = 0, .rel_l2 = NAN}};
    struct hone_deviation_sums sums = {0};
    uint32_t state = 1;
    double all = 0;
    for (int i = 0; i < COUNT; i++) {
        all += noise(&state);
        wanted[i] = 4 * noise(&state);
        got[i] = (float)(wanted[i] + bias + own * noise(&state) + kept * all);
    }
    hone_deviation_add(&sums, &output);
    return sums;
}

Test(deviation, errors_of_their_own_are_not_linked) {
    const struct hone_deviation_sums sums = err(0, 0.1, 0);
    cr_expect(not(hone_deviation_is_linked(&sums)));
}

Test(deviation, a_bias_that_all_have_in_common_links_nothing) {
    const struct hone_deviation_sums sums = err(0.2, 0.1, 0);
    cr_expect(not(hone_deviation_is_linked(&sums)));
}

Test(deviation, errors_that_are_kept_are_linked) {
    const struct hone_deviation_sums sums = err(0, 0, 0.001), little = err(0.2, 0.01, 0.01);
    cr_expect(hone_deviation_is_linked(&sums));
    cr_expect(hone_deviation_is_linked(&little));
}

Test(deviation, nothing_that_was_judged_is_linked_to_nothing) {
    const struct hone_deviation_sums none = {0}, exact = err(0, 0, 0);
    cr_expect(not(hone_deviation_is_linked(&none)));
    cr_expect(not(hone_deviation_is_linked(&exact)));
}

/* Rows of results, of which each errs by a factor of its own, and by a little itself; `cut`: each
 * to one side by a share of its own, as truncation does. */
static struct hone_deviation_sums scale(double factor, double own, double cut) {
    struct hone_judged_output output = {.dtype = HONE_F32,
                                        .count = COUNT,
                                        .got = got,
                                        .wanted = wanted,
                                        .limits = {.atol = 1e-6, .rtol = 1e-4, .rel_l2 = NAN}};
    struct hone_deviation_sums sums = {0};
    uint32_t state = 1;
    double row = 0;
    for (int i = 0; i < COUNT; i++) {
        row = i % 256 ? row : factor * noise(&state);
        wanted[i] = 1.5 + noise(&state);
        got[i] =
            (float)(wanted[i] * (1 + row + own * noise(&state) - cut * (1 + noise(&state)) / 2));
    }
    hone_deviation_add(&sums, &output);
    return sums;
}

Test(deviation, rows_divided_by_a_long_sum_err_by_one_factor) {
    const struct hone_deviation_sums sums = scale(1e-5, 1e-7, 0), wide = scale(1e-3, 1e-7, 0);
    cr_expect(hone_deviation_is_scaled(&sums, 65536));
    cr_expect(not(hone_deviation_is_scaled(&sums, 1000)), "so few terms do not err so much");
    cr_expect(not(hone_deviation_is_scaled(&wide, 65536)), "nor do that many so much");
}

Test(deviation, errors_of_their_own_are_no_factor) {
    const struct hone_deviation_sums own = scale(0, 5e-6, 0), cut = scale(0, 0, 5e-6);
    const struct hone_deviation_sums both = scale(5e-6, 5e-6, 0), none = {0};
    cr_expect(not(hone_deviation_is_scaled(&own, 65536)));
    cr_expect(not(hone_deviation_is_scaled(&cut, 65536)));
    cr_expect(not(hone_deviation_is_scaled(&both, 65536)));
    cr_expect(not(hone_deviation_is_scaled(&none, 65536)));
}
