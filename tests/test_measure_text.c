#include "tests/measure_fixture.h"

static bool says(const char *text) {
    return strstr(result.message, text) != NULL;
}

static void solve_off_by_one_percent(const uint64_t *words) {
    solve_right(words);
    float *y = (void *)(uintptr_t)words[1];
    y[3] *= 1.01f;
}

static void solve_with_nan(const uint64_t *words) {
    solve_right(words);
    float *y = (void *)(uintptr_t)words[1];
    y[0] = NAN;
}

static void solve_beyond(const uint64_t *words) {
    solve_right(words);
    float *y = (void *)(uintptr_t)words[1];
    y[words[3]] = 0;
}

/* Right for the sizes that are shown, 7, 33 and 2001. */
static void solve_shown_only(const uint64_t *words) {
    if (words[3] == 7 || words[3] == 33 || words[3] == 2001)
        solve_right(words);
}

TestSuite(measure_text, .init = set_up, .fini = tear_down);

Test(measure_text, names_an_element_that_was_not_written) {
    const struct program tail = {.solve = solve_without_tail, .ns = 1e5};
    measure(&tail, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, result.reason, HONE_REASON_UNWRITTEN));
    cr_expect(says("y[4] of workload tiny (n=7) was not written; 3 of 7 elements differ, 3 "
                   "of them never written"),
              "%s", result.message);
    cr_expect(eq(u32, result.rows[0].verdict, HONE_WRONG));
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_UNWRITTEN));
    cr_expect(eq(u32, result.rows[1].verdict, HONE_UNDECIDED));
    cr_expect(result.mismatch.known);
    cr_expect(eq(i64, result.mismatch.index[0], 4));
    cr_expect(eq(i64, result.mismatch.wrong_count, 3));
    cr_expect(eq(str, result.mismatch.workload, "tiny"));
}

Test(measure_text, says_what_it_got_and_what_it_wanted) {
    const struct program off = {.solve = solve_off_by_one_percent, .ns = 1e5};
    measure(&off, VERIFY);
    cr_expect(eq(u32, result.reason, HONE_REASON_VALUES));
    cr_expect(says("y[3] of workload tiny (n=7): got "), "%s", result.message);
    cr_expect(says("1 of 7 elements differ, largest error "), "%s", result.message);
    cr_expect(epsilon_eq(dbl, result.mismatch.got, result.mismatch.wanted * 1.01, 1e-5));
}

Test(measure_text, says_that_a_result_is_not_finite) {
    const struct program bad = {.solve = solve_with_nan, .ns = 1e5};
    measure(&bad, VERIFY);
    cr_expect(eq(u32, result.reason, HONE_REASON_NON_FINITE));
    cr_expect(says("y[0] of workload tiny (n=7): got nan"), "%s", result.message);
}

Test(measure_text, shows_no_values_of_a_hidden_workload) {
    const struct program shown = {.solve = solve_shown_only, .ns = 1e5};
    measure(&shown, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(says("an output of a hidden workload; all elements differ, some were never written"),
              "%s", result.message);
    cr_expect(eq(i64, result.mismatch.count, 0));
    cr_expect(not(says("n=")));
    cr_expect(not(says("got")));
    cr_expect(result.mismatch.hidden);
    cr_expect(eq(str, result.mismatch.argument, ""));
    bool values = isnan(result.mismatch.got) && isnan(result.mismatch.wanted);
    cr_expect(values);
}

Test(measure_text, judges_timed_calls_but_keeps_their_values) {
    const struct program large = {.solve = solve_small_only, .ns = 1e5};
    measure(&large, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(says("y[2000] of workload bench (n=2001) was not written"), "%s", result.message);
    bool values = isnan(result.mismatch.got) && isnan(result.mismatch.wanted);
    cr_expect(values);
    cr_expect(eq(u32, result.rows[2].verdict, HONE_WRONG));
}

Test(measure_text, checks_bench_workloads_when_nothing_is_timed) {
    const struct program large = {.solve = solve_small_only, .ns = 1e5};
    measure(&large, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, result.rows[2].verdict, HONE_WRONG));
}

Test(measure_text, sees_a_write_beside_a_buffer) {
    const struct program beyond = {.solve = solve_beyond, .ns = 1e5};
    measure(&beyond, VERIFY);
    cr_expect(eq(u32, result.reason, HONE_REASON_OUT_OF_BOUNDS));
    cr_expect(says("wrote up to 4 bytes past the end of y on workload tiny (n=7)"), "%s",
              result.message);
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_GUARD_BROKEN));
}

Test(measure_text, says_where_a_crash_was) {
    struct program crash = {.ns = 1e5,
                            .status = HONE_GO_CRASHED,
                            .signal = SIGSEGV,
                            .fault_argument = 1,
                            .fault_offset = 7 * 4 + 11,
                            .write_fault = true};
    measure(&crash, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_CRASHED));
    cr_expect(eq(u32, result.reason, HONE_REASON_SIGNAL));
    cr_expect(eq(str, result.message,
                 "SIGSEGV writing 12 bytes past the end of y on workload tiny (n=7)"));
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_FAULT_BEYOND));

    crash.fault_argument = 0;
    crash.fault_offset = 8;
    measure(&crash, VERIFY);
    cr_expect(says("writing to x, which is an input and read-only"), "%s", result.message);
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_INPUT_FAULT));

    crash.fault_offset = -4;
    crash.write_fault = false;
    measure(&crash, VERIFY);
    cr_expect(says("reading 4 bytes before the start of x"), "%s", result.message);

    crash.fault_offset = 1 << 20;
    measure(&crash, VERIFY);
    cr_expect(says("outside every argument"), "%s", result.message);
}

Test(measure_text, gives_a_device_its_own_words_where_it_has_no_signals) {
    const struct program crash = {
        .ns = 1e5, .status = HONE_GO_CRASHED, .code = 700, .text = "an illegal memory access"};
    measure(&crash, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_CRASHED));
    cr_expect(eq(str, result.message, "an illegal memory access, on workload tiny (n=7)"));
}

Test(measure_text, calls_a_program_whose_clocks_disagree_hacked) {
    const struct program liar = {
        .ns = 1e5, .status = HONE_GO_DISPUTED, .text = "events and records differ in 3 of 3 goes"};
    measure(&liar, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_HACKED));
    cr_expect(eq(u32, result.reason, HONE_REASON_FINDING));
    cr_expect(says("timer_disagreement: events and records differ in 3 of 3 goes"), "%s",
              result.message);
}

Test(measure_text, names_the_limit_of_a_call_that_hangs) {
    const struct program hang = {.ns = 1e5, .status = HONE_GO_TIMED_OUT};
    measure(&hang, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT));
    cr_expect(eq(u32, result.reason, HONE_REASON_CALL_TIME));
    cr_expect(eq(str, result.message, "not done after 100 ms on workload tiny (n=7)"));
}

Test(measure_text, times_out_a_call_that_ends_after_its_limit) {
    const struct program late = {.solve = solve_right, .ns = 150e6};
    measure(&late, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT));
    cr_expect(result.incomplete);
    cr_expect(says("not done after 100 ms"), "%s", result.message);
}

Test(measure_text, blames_a_stalled_machine_for_a_call_that_had_no_core) {
    const struct program stalled = {
        .ns = 1e5, .status = HONE_GO_TIMED_OUT, .fails_after_cpu_ns = 30000000};
    cr_expect(eq(int, measure_with(&stalled, &tuned, VERIFY, false), -EAGAIN));
    bool told = strstr(error.text, "got 30.0 ms of a core within 6000.0 ms") != NULL;
    cr_expect(told, "%s", error.text);
    const struct program hang = {
        .ns = 1e5, .status = HONE_GO_TIMED_OUT, .fails_after_cpu_ns = 250000000};
    measure(&hang, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT));
}

Test(measure_text, names_a_forbidden_system_call) {
    const struct program call = {.ns = 1e5, .status = HONE_GO_FORBIDDEN};
    measure(&call, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_POLICY_VIOLATION));
    cr_expect(eq(u32, result.reason, HONE_REASON_SYSTEM_CALL));
    cr_expect(says("system call openat"), "%s", result.message);
}

Test(measure_text, reports_an_exit) {
    const struct program exits = {.ns = 1e5, .status = HONE_GO_EXITED, .code = 3};
    measure(&exits, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_CRASHED));
    cr_expect(eq(u32, result.reason, HONE_REASON_EXIT));
    cr_expect(says("ended by itself with status 3"), "%s", result.message);
}

Test(measure_text, reports_a_program_that_cannot_be_loaded) {
    const struct program refused = {.fails_to_start = true, .status = HONE_GO_REFUSED};
    measure(&refused, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_POLICY_VIOLATION));
    cr_expect(says("cannot be loaded: unlink while loading"), "%s", result.message);
}
