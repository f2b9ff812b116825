#include "core/allowance.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define SECOND 1000000000ull

static const struct hone_allowance_limits limits = {1000, 10};

Test(allowance, is_spent_at_once_and_comes_back_with_time) {
    struct hone_allowance allowance;
    hone_allowance_init(&allowance, &limits, 5 * SECOND);
    hone_allowance_spend(&allowance, &limits, 999, 5 * SECOND);
    cr_expect(eq(dbl, hone_allowance_wait(&allowance, &limits, 5 * SECOND), 0));
    hone_allowance_spend(&allowance, &limits, 500, 5 * SECOND);
    cr_expect(epsilon_eq(dbl, hone_allowance_wait(&allowance, &limits, 5 * SECOND), 50, 0.01));
    cr_expect(epsilon_eq(dbl, hone_allowance_wait(&allowance, &limits, 25 * SECOND), 30, 0.01));
    cr_expect(eq(dbl, hone_allowance_wait(&allowance, &limits, 56 * SECOND), 0));
}

Test(allowance, never_holds_more_than_at_first) {
    struct hone_allowance allowance;
    hone_allowance_init(&allowance, &limits, 0);
    hone_allowance_spend(&allowance, &limits, 1001, 1000000 * SECOND);
    cr_expect(le(dbl, 0.1, hone_allowance_wait(&allowance, &limits, 1000000 * SECOND)));
}

Test(allowance, has_no_end_without_a_limit) {
    const struct hone_allowance_limits none = {0, 0};
    struct hone_allowance allowance;
    hone_allowance_init(&allowance, &none, 0);
    hone_allowance_spend(&allowance, &none, 1ull << 40, SECOND);
    cr_expect(eq(dbl, hone_allowance_wait(&allowance, &none, SECOND), 0));
}
