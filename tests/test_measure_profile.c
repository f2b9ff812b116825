#include "tests/measure_fixture.h"

TestSuite(measure_profile, .init = set_up, .fini = tear_down);

Test(measure_profile, shows_what_ran_when_asked) {
    const struct program two = {.solve = solve_right, .ns = 1e5, .kernels = 2};
    device.wants_profile = true;
    measure(&two, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(u32, device.profiles, 1));
    cr_assert(eq(u32, result.profile_count, 2));
    cr_expect(eq(str, result.profile[1].name, "kernel1"));
    cr_expect(eq(u32, result.profile[1].plan_step, 1));
}

Test(measure_profile, looks_at_nothing_unasked) {
    const struct program two = {.solve = solve_right, .ns = 1e5, .kernels = 2};
    measure(&two, VERIFY | TIME);
    cr_expect(eq(u32, device.profiles, 0));
    cr_expect(eq(ptr, result.profile, NULL));
}

Test(measure_profile, looks_at_no_program_that_is_wrong) {
    const struct program wrong = {.solve = solve_without_tail, .ns = 1e5, .kernels = 2};
    device.wants_profile = true;
    measure(&wrong, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, device.profiles, 0));
}

Test(measure_profile, ends_with_a_crash_where_the_program_crashes_only_then) {
    const struct program crash = {.solve = solve_right, .ns = 1e5, .kernels = 100000};
    device.wants_profile = true;
    measure(&crash, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_CRASHED));
    cr_expect(strstr(result.message, "a fault") != NULL, "%s", result.message);
    cr_expect(eq(ptr, result.profile, NULL));
}
