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
