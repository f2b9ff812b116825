#include "core/coarse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

static const char *share(int64_t part, int64_t whole) {
    static char text[32];
    hone_coarse_share(part, whole, text);
    return text;
}

#define IS(part, whole, wanted) cr_expect(eq(str, (char *)(uintptr_t)share(part, whole), wanted))

Test(coarse, tells_a_share_in_wide_steps) {
    IS(7, 7, "all");
    IS(999, 1000, "nearly all");
    IS(1, 3, "about 30 % of the");
    IS(1, 2, "about 50 % of the");
    IS(94, 100, "about 90 % of the");
    IS(3, 100, "less than 5 % of the");
    IS(1, 1000000, "less than 1 % of the");
}

Test(coarse, says_the_same_of_workloads_of_any_size) {
    char first[32];
    for (int64_t n = 1000; n < 100000; n += 997) {
        hone_coarse_share(n * 33 / 100, n, first);
        IS(33333, 100000, first);
    }
}

Test(coarse, tells_an_error_by_its_power_of_ten) {
    cr_expect(epsilon_eq(dbl, hone_coarse_error(0.0213), 0.01, 1e-12));
    cr_expect(epsilon_eq(dbl, hone_coarse_error(70), 100, 1e-12));
    cr_expect(eq(dbl, hone_coarse_error(65537), hone_coarse_error(1e30)));
    cr_expect(eq(dbl, hone_coarse_error(1e-9), hone_coarse_error(1e-30)));
    cr_expect(eq(dbl, hone_coarse_error(0), 0));
    cr_expect(eq(dbl, hone_coarse_error(INFINITY), INFINITY));
    cr_expect(isnan(hone_coarse_error(NAN)));
}
