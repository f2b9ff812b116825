#include "core/clock.h"
#include "tests/measure_fixture.h"

#include <time.h>

/* An inout argument: y = a x + y. */
static void solve_in_place(const uint64_t *words) {
    const float *x = (const void *)(uintptr_t)words[0];
    float *y = (void *)(uintptr_t)words[1], a;
    memcpy(&a, &words[2], sizeof a);
    for (uint64_t i = 0; i < words[3]; i++)
        y[i] = a * x[i] + y[i];
}

/* Really takes 10 ms, so that a limit can pass; but not in its first process (baselines have six
 * before), by which rounds are
 * planned. */
static void solve_slowly(const uint64_t *words) {
    const uint64_t begun = hone_now_ns();
    solve_right(words);
    while (device.started > 8 && hone_now_ns() - begun < 10000000u) {
    }
}

/* Where verifying has the output of the 33 elements of `odd`, as the call on `tiny` sees it: its
 * regions come next, of one page each. */
static float *output_of_odd(const uint64_t *words) {
    const uint64_t page = 4096, bytes = 33 * sizeof(float);
    const uint64_t region = words[1] / page * page + 2 * (page + HONE_ARENA_GAP);
    return (float *)(uintptr_t)(region + (page - bytes) / 64 * 64);
}

static void solve_and_reach_over(const uint64_t *words) {
    solve_right(words);
    if (words[3] == 7)
        output_of_odd(words)[33] = 1;
}

static bool found_leftovers;

static void solve_and_look_around(const uint64_t *words) {
    solve_right(words);
    for (int i = 0; words[3] == 7 && device.calls == 1 && i < 33; i++)
        found_leftovers |= output_of_odd(words)[i] != 0;
}

/* splitmix64's finaliser, backwards. */
static uint64_t unmix(uint64_t value) {
    value ^= value >> 31 ^ value >> 62;
    value *= 0x319642b2d24d8ec3u;
    value ^= value >> 27 ^ value >> 54;
    value *= 0x96de1b173f119089u;
    return value ^ value >> 30 ^ value >> 60;
}

static bool knows_the_stream;

/* A guard band's first word is mix(seed + 2 * region); were the seed a draw of the meter, whose
 * state goes on in steps, the draws to come would be known. */
static void solve_and_divine(const uint64_t *words) {
    const uint64_t golden_inverse = 0xf1de83e19937733du;
    uint64_t band;
    memcpy(&band, (const void *)(uintptr_t)(words[1] / 4096 * 4096), sizeof band);
    for (uint64_t region = 0; region < 120; region++) {
        const uint64_t state = unmix(unmix(band) - 2 * region);
        const uint64_t steps = (meter->random.state - state) * golden_inverse;
        knows_the_stream |= steps < 1000000;
    }
    solve_right(words);
}

TestSuite(measure, .init = set_up, .fini = tear_down);

Test(measure, passes_a_right_candidate_on_every_workload) {
    measure(&tuned, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(str, result.message, ""));
    cr_assert(eq(u32, result.row_count, 5));
    for (uint32_t i = 0; i < 5; i++) {
        cr_expect(eq(u32, result.rows[i].verdict, HONE_PASSED));
        cr_expect(lt(u32, 0, result.rows[i].calls));
        cr_expect(lt(dbl, result.rows[i].max_error, 1e-4));
    }
    cr_expect(eq(str, result.rows[2].id, "bench"));
    cr_expect(eq(i64, result.rows[2].axes[0], 2001));
}

Test(measure, keeps_name_and_axes_of_hidden_workloads_to_itself) {
    measure(&tuned, VERIFY);
    for (uint32_t i = 3; i < 5; i++) {
        cr_expect(eq(u32, result.rows[i].set, HONE_HIDDEN));
        cr_expect(eq(str, result.rows[i].id, ""));
        cr_expect(eq(u32, result.rows[i].axis_count, 0));
        cr_expect(eq(i64, result.rows[i].axes[0], 0));
    }
}

Test(measure, measures_a_faster_candidate) {
    const struct program fast = {.solve = solve_right, .ns = 50e3, .jitter = 0.02};
    measure(&fast, VERIFY | TIME);
    cr_assert(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(epsilon_eq(dbl, result.speedup, 4, 0.12));
    cr_expect(le(dbl, result.speedup_low, result.speedup));
    cr_expect(le(dbl, result.speedup, result.speedup_high));
    cr_expect(epsilon_eq(dbl, result.kernel_ns, 50e3, 1500));
    cr_expect(epsilon_eq(dbl, result.baseline_ns, 200e3, 6000));
    cr_expect(epsilon_eq(dbl, result.rows[2].baseline_ns[1], 900e3, 1));
    cr_expect(ge(u32, result.samples, ROUNDS_LEAST));
    cr_expect(eq(u32, result.samples % 2, 1));
    cr_expect(lt(dbl, 0, result.noise));
    cr_expect(eq(u32, result.flags, 0));
    /* 8 bytes a nanosecond */
    cr_expect(epsilon_eq(dbl, result.roofline_ns, 2001, 1));
}

Test(measure, measures_a_slower_candidate) {
    const struct program slow = {.solve = solve_right, .ns = 500e3, .jitter = 0.02};
    measure(&slow, TIME);
    cr_expect(epsilon_eq(dbl, result.speedup, 0.4, 0.012));
}

Test(measure, covers_one_for_a_copy_of_the_baseline) {
    const struct program copy = {.solve = solve_right, .ns = 200e3, .jitter = 0.02};
    uint32_t covered = 0;
    for (int i = 0; i < 40; i++) {
        measure(&copy, TIME);
        covered += result.speedup_low <= 1 && result.speedup_high >= 1;
        cr_expect(epsilon_eq(dbl, result.speedup, 1, 0.03));
    }
    /* At 95 % fewer than 32 come once in ten thousand. */
    cr_expect(ge(u32, covered, 32));
}

Test(measure, shows_no_inputs_twice_to_one_process) {
    measure(&tuned, VERIFY | TIME);
    cr_expect(not(device.saw_again));
}

Test(measure, replaces_both_processes_every_few_pairs) {
    measure(&tuned, TIME);
    device.started = device.stopped = 0;
    measure(&tuned, TIME);
    cr_expect(ge(u32, device.started, 2 * (result.samples / PAIRS_MOST)));
}

Test(measure, runs_either_side_first) {
    const struct program fast = {.solve = solve_right, .ns = 50e3};
    measure(&fast, TIME);
    device.goes = 0;
    measure(&fast, TIME);
    uint32_t candidate_first = 0;
    for (uint32_t i = 0; i + 1 < device.goes; i += 2) {
        cr_assert(ne(chr, device.order[i], device.order[i + 1]));
        candidate_first += device.order[i] == 'c';
    }
    cr_expect(lt(u32, device.goes / 8, candidate_first));
    cr_expect(lt(u32, candidate_first, device.goes / 2 - device.goes / 8));
}

Test(measure, fills_no_set_again_for_the_next_candidate) {
    measure(&tuned, VERIFY | TIME);
    uint32_t first = fills;
    measure(&tuned, VERIFY | TIME);
    /* Only the two hidden workloads, whose sets live for one measurement. */
    cr_expect(eq(u32, fills - first, 2 * VERIFY_CALLS));
}

Test(measure, draws_new_inputs_for_every_confirming_pair) {
    measure(&tuned, TIME);
    uint32_t first = fills;
    cr_assert(eq(int, measure_with(&tuned, &tuned, TIME, true), 0), "%s", error.text);
    cr_expect(ge(u32, fills - first, 2 * result.samples));
    cr_expect(eq(u32, result.flags & HONE_CONFIRMED, HONE_CONFIRMED));
}

Test(measure, replaces_a_lost_worker_and_fails) {
    const struct program lost = {
        .solve = solve_right, .ns = 1e5, .status = HONE_GO_LOST, .fails_at = 1};
    cr_expect(eq(int, measure_with(&lost, &tuned, VERIFY, false), -EPIPE));
    cr_expect(eq(u32, device.runners, 2));
    cr_expect(eq(u32, device.closed, 1));
    cr_expect(eq(ptr, result.rows, NULL));
    measure(&tuned, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED));
}

Test(measure, takes_no_kill_from_outside_for_a_crash) {
    const struct program killed = {.solve = solve_right,
                                   .ns = 1e5,
                                   .status = HONE_GO_CRASHED,
                                   .signal = SIGKILL,
                                   .fails_at = 1};
    cr_expect(eq(int, measure_with(&killed, &tuned, VERIFY, false), -EPIPE));
    cr_expect(eq(int, measure_with(&tuned, &killed, TIME, false), -EIO));
    cr_expect(eq(u32, device.runners, 1)); /* the worker itself is well */
    measure(&tuned, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED));
}

Test(measure, takes_a_wrong_baseline_for_a_fault_of_ours) {
    const struct program wrong = {.solve = solve_small_only, .ns = 1e5};
    cr_expect(eq(int, measure_with(&tuned, &wrong, TIME, false), -EIO));
    bool named = strstr(error.text, "baseline tuned of task test/line: y[2000]") != NULL;
    cr_expect(named, "%s", error.text);
}

Test(measure, refuses_to_time_without_a_score_baseline) {
    const struct hone_measure_request request = {
        .task = &task, .candidate = {.bytes = &tuned, .size = sizeof tuned}, .stages = TIME};
    cr_expect(eq(int, hone_measure(meter, &request, &result, &error), -EINVAL));
}

Test(measure, stops_when_it_is_cancelled) {
    atomic_int cancel = 1;
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {.bytes = &tuned, .size = sizeof tuned},
        .stages = VERIFY,
        .cancel = &cancel};
    cr_expect(eq(int, hone_measure(meter, &request, &result, &error), -ECANCELED));
}

Test(measure, repeats_an_interrupted_sample) {
    const struct program stalled = {.solve = solve_right, .ns = 200e3, .stall = 0.03};
    measure(&stalled, TIME);
    cr_expect(epsilon_eq(dbl, result.speedup, 1, 0.03));
    cr_expect(epsilon_eq(dbl, result.kernel_ns, 200e3, 6000));
    cr_expect(eq(u32, result.flags & HONE_NOISY, 0));
}

Test(measure, says_when_samples_stay_noisy_and_trusts_the_cpu_clock_then) {
    const struct program stalled = {.solve = solve_right, .ns = 200e3, .stall = 10};
    measure(&stalled, TIME);
    cr_expect(eq(u32, result.flags & HONE_NOISY, HONE_NOISY));
    cr_expect(epsilon_eq(dbl, result.speedup, 1, 0.03));
}

#define SLOW_STEP_NS 600000000u

/* On a busy machine the clocks disagree whenever a call is long. */
Test(measure, repeats_no_noisy_sample_that_the_step_has_no_time_for) {
    const struct program slow = {.solve = solve_right, .ns = 2e6, .stall = 10};
    hone_meter_destroy(meter);
    open_meter(SLOW_STEP_NS);
    measure(&slow, TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(not(result.incomplete));
    cr_expect(eq(u32, result.flags & HONE_NOISY, HONE_NOISY));
    cr_expect(epsilon_eq(dbl, result.speedup, 0.1, 0.005));
    const uint64_t once_ns = result.spent_ns;
    hone_meter_destroy(meter);
    open_meter(100 * SLOW_STEP_NS);
    measure(&slow, TIME);
    cr_expect(lt(u64, SLOW_STEP_NS, result.spent_ns), "with time for them, they are");
    cr_expect(lt(u64, once_ns, SLOW_STEP_NS));
}

Test(measure, says_how_slow_it_was_at_the_limit) {
    const struct program slow = {.solve = solve_right, .ns = 10e6};
    hone_meter_destroy(meter);
    open_meter(50000000u);
    measure(&slow, TIME);
    cr_expect(eq(u32, result.reason, HONE_REASON_STEP_TIME));
    cr_expect(ne(ptr, strstr(result.message, "; a round takes the candidate "), NULL), "%s",
              result.message);
}

Test(measure, ends_a_step_at_its_limit) {
    hone_meter_destroy(meter);
    open_meter(1);
    measure(&tuned, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT));
    cr_expect(eq(u32, result.reason, HONE_REASON_STEP_TIME));
    cr_expect(result.incomplete);
}

/* A machine that does other things beside: time passes, and no core was had. */
static void solve_interrupted(const uint64_t *words) {
    solve_right(words);
    nanosleep(&(struct timespec){.tv_nsec = 60000000}, NULL);
}

Test(measure, charges_nobody_for_what_else_the_machine_does) {
    const struct program interrupted = {.solve = solve_interrupted, .ns = 200e3};
    hone_meter_destroy(meter);
    open_meter(100000000u);
    const uint64_t begun = hone_now_ns();
    measure(&interrupted, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(lt(u64, 100000000u, hone_now_ns() - begun), "longer than the limit by the wall");
    cr_expect(lt(u64, result.spent_ns, 100000000u));
    cr_expect(not(result.incomplete));
}

Test(measure, blames_a_machine_that_gives_no_core_at_all) {
    const struct program interrupted = {.solve = solve_interrupted, .ns = 1e3};
    hone_meter_destroy(meter);
    open_meter(8000000u);
    cr_expect(eq(int, measure_with(&interrupted, &tuned, VERIFY, false), -EAGAIN));
    cr_expect(ne(ptr, strstr(error.text, "too busy"), NULL), "%s", error.text);
}

Test(measure, ends_a_step_with_its_episodes_budget) {
    struct hone_measure_request request = {.task = &task,
                                           .candidate = {.bytes = &tuned, .size = sizeof tuned},
                                           .stages = VERIFY,
                                           .budget_ns = 1};
    cr_assert(eq(int, hone_measure(meter, &request, &result, &error), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT));
    cr_expect(eq(u32, result.reason, HONE_REASON_BUDGET));
    cr_expect(result.incomplete);
    free(result.rows);
    request.budget_ns = 0;
    request.until_ns = hone_now_ns();
    cr_assert(eq(int, hone_measure(meter, &request, &result, &error), 0), "%s", error.text);
    cr_expect(eq(u32, result.reason, HONE_REASON_BUDGET));
}

Test(measure, gives_each_protocol_a_name) {
    cr_expect(eq(sz, strlen(protocol), 16));
}

Test(measure, scores_what_was_timed_when_the_limit_passes) {
    const struct program slow = {.solve = solve_slowly, .ns = 400e3};
    hone_meter_destroy(meter);
    open_meter(1000000000u);
    measure(&slow, TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(result.incomplete);
    cr_expect(ge(u32, result.samples, ROUNDS_LEAST));
    cr_expect(lt(u32, result.samples, ROUNDS_MOST));
    cr_expect(epsilon_eq(dbl, result.speedup, 0.5, 0.02));
}

/* Takes 10 ms from its first call on. */
static void solve_very_slowly(const uint64_t *words) {
    const uint64_t begun = hone_now_ns();
    solve_right(words);
    while (hone_now_ns() - begun < 10000000u) {
    }
}

Test(measure, plans_few_rounds_for_a_slow_candidate) {
    const struct program slow = {.solve = solve_very_slowly, .ns = 10e6};
    measure(&slow, TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(not(result.incomplete));
    cr_expect(ge(u32, result.samples, ROUNDS_LEAST));
    cr_expect(lt(u32, result.samples, 30));
    cr_expect(epsilon_eq(dbl, result.speedup, 0.02, 0.001));
}

Test(measure, starts_with_the_sets_of_one_timed_pair_and_makes_more_beside_it) {
    fills = begun_fills = 0;
    measure(&tuned, TIME);
    cr_expect(eq(u32, fills % (PAIRS_MOST + 1), 0));
    cr_expect(eq(u32, fills - begun_fills, fills / (PAIRS_MOST + 1) * 2));
    cr_expect(not(device.saw_again));
    fills = 0;
    measure(&tuned, TIME);
    cr_expect(eq(u32, fills, 0));
}

Test(measure, times_out_a_candidate_that_leaves_no_time_for_enough_rounds) {
    const struct program slow = {.solve = solve_slowly, .ns = 400e3};
    hone_meter_destroy(meter);
    open_meter(30000000u);
    measure(&slow, TIME);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT), "%s", result.message);
    cr_expect(eq(u32, result.reason, HONE_REASON_STEP_TIME));
    cr_expect(result.incomplete);
}

Test(measure, gives_an_inout_argument_its_input_before_every_call) {
    const struct program in_place = {.solve = solve_in_place, .ns = 50e3};
    task.hash64 = 2;
    task.args[1].role = HONE_INOUT;
    cr_assert(eq(int, measure_with(&in_place, &in_place, VERIFY | TIME, false), 0), "%s",
              error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
}

/* Else it were the baseline's fault where that is judged first. */
Test(measure, finds_damage_to_outputs_of_other_workloads_at_once) {
    const struct program reaching = {.solve = solve_and_reach_over, .ns = 200e3};
    measure(&reaching, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, result.reason, HONE_REASON_OUT_OF_BOUNDS));
    cr_expect(
        eq(str, result.message, "wrote up to 4 bytes past the end of y on workload odd (n=33)"));
    cr_expect(eq(u32, result.rows[0].verdict, HONE_WRONG));
    cr_expect(eq(u32, result.rows[1].calls, 0));
}

/* Else results could be looked up where the same inputs come again. */
Test(measure, leaves_nothing_to_a_candidate_of_processes_before) {
    const struct program curious = {.solve = solve_and_look_around, .ns = 200e3};
    measure(&tuned, VERIFY);
    device.calls = 0;
    measure(&curious, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(not(found_leftovers));
}

Test(measure, lets_no_candidate_read_the_draws_to_come_off_a_guard_band) {
    const struct program divining = {.solve = solve_and_divine, .ns = 200e3};
    measure(&divining, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(not(knows_the_stream));
}

/* Two shown workloads of an input and an output each, and two hidden ones. What is mapped beside a
 * shown one, an agent can find out by crashing there. */
Test(measure, runs_hidden_workloads_in_processes_of_their_own) {
    device.regions_most = 0;
    measure(&tuned, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(u32, device.regions_most, 4));
}

/* The seed of a random order lies in a page that the candidate reads. Two draws of one stream
 * would be a whole and small number of its steps apart. */
Test(measure, tells_nothing_of_its_draws_by_an_order_of_threads) {
    const uint64_t golden_inverse = 0xf1de83e19937733du;
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {.bytes = &tuned, .size = sizeof tuned},
        .baselines = {{.bytes = &naive, .size = sizeof naive}},
        .stages = VERIFY,
        .emulated = true,
    };
    cr_assert(eq(int, hone_measure(meter, &request, &result, &error), 0), "%s", error.text);
    cr_assert(ge(u32, device.ordered, 2));
    for (uint32_t i = 1; i < device.ordered; i++) {
        const uint64_t steps =
            (unmix(device.order_seeds[i]) - unmix(device.order_seeds[i - 1])) * golden_inverse;
        cr_expect(ge(u64, steps, 1u << 20), "order seeds %llu draws apart",
                  (unsigned long long)steps);
    }
}

/* Every tensor of every slot has a region, and a guest takes only so many. */
Test(measure, shrinks_batches_when_there_are_many_workloads) {
    enum { MANY = 25 };
    const struct program quick = {.solve = solve_right, .ns = 20e3};
    struct hone_workload many[MANY];
    struct hone_task wide = task;
    for (int i = 0; i < MANY; i++) {
        many[i] = workloads[2];
        snprintf(many[i].id, sizeof many[i].id, "bench%d", i);
    }
    wide.hash64 = 3;
    wide.workload_count = MANY;
    wide.workloads = many;
    const struct hone_measure_request request = {
        .task = &wide,
        .candidate = {.bytes = &quick, .size = sizeof quick},
        .baselines = {{.bytes = &quick, .size = sizeof quick}},
        .stages = TIME};
    cr_assert(eq(int, hone_measure(meter, &request, &result, &error), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(le(u32, device.regions_most, REGIONS_MOST));
    cr_expect(ge(u32, device.regions_most, REGIONS_MOST - 2));
    /* The task ends here, and with it the sets that were made for it. */
    hone_meter_destroy(meter);
    meter = NULL;
}

Test(measure, starts_a_baseline_with_the_library_it_calls_and_nothing_else) {
    static const struct program candidate = {.solve = solve_right, .ns = 200e3, .jitter = 0.02};
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {.bytes = &candidate, .size = sizeof candidate},
        .baselines = {{.bytes = &tuned, .size = sizeof tuned, .library = true},
                      {.bytes = &naive, .size = sizeof naive}},
        .stages = VERIFY | TIME,
    };
    device.library_program = &tuned;
    int status = hone_measure(meter, &request, &result, &error);
    cr_assert(eq(int, status, 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(lt(u32, 0, device.with_library));
    cr_expect(eq(u32, device.mistaken, 0));
}

/* Whoever could make core take a library's image for a candidate would find no other wall here. */
Test(measure, never_starts_a_candidate_whose_image_calls_a_library) {
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {.bytes = &tuned, .size = sizeof tuned, .library = true},
        .baselines = {{.bytes = &tuned, .size = sizeof tuned},
                      {.bytes = &naive, .size = sizeof naive}},
        .stages = VERIFY | TIME,
    };
    int status = hone_measure(meter, &request, &result, &error);
    cr_expect(eq(int, status, -EINVAL));
    cr_expect(ne(ptr, strstr(error.text, "only baselines may"), NULL), "%s", error.text);
    cr_expect(eq(u32, device.with_library, 0));
}
