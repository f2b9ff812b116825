/* Probes, on a device that is a function of this test. */
#include "tests/measure_fixture.h"

#define CALLS_OF_SAME_INPUTS 6

static void set_up_probes(void) {
    set_up();
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        workloads[i].generate[0] =
            (struct hone_generate){.kind = HONE_GEN_NORMAL, .other = HONE_NO_ARG};
}

TestSuite(probe, .init = set_up_probes, .fini = tear_down, .timeout = 60);

static const struct hone_probe_row *row_of(enum hone_need kind) {
    for (uint32_t i = 0; i < result.probe_count; i++)
        if (result.probes[i].kind == (uint32_t)kind)
            return &result.probes[i];
    return NULL;
}

static const struct hone_probe_row *probe(const struct program *program, enum hone_need kind) {
    needs = kind;
    measure(program, VERIFY | TIME);
    cr_assert(eq(u32, result.gathered & kind, kind));
    const struct hone_probe_row *row = row_of(kind);
    cr_assert(ne(ptr, (void *)(uintptr_t)row, NULL));
    return row;
}

Test(probe, makes_no_call_that_nobody_needs) {
    measure(&tuned, VERIFY | TIME);
    cr_expect(eq(u32, result.probe_count, 0));
    cr_expect(eq(u64, result.probe_ns, 0));
    cr_expect(not(device.saw_again));
}

Test(probe, makes_no_call_for_a_candidate_that_is_wrong_or_not_timed) {
    const struct program wrong = {.solve = solve_without_tail, .ns = 100e3};
    needs = HONE_NEED_PROBES;
    measure(&wrong, VERIFY | TIME);
    cr_expect(eq(u32, result.probe_count, 0));
    measure(&tuned, VERIFY);
    cr_expect(eq(u32, result.probe_count, 0));
    cr_expect(eq(u32, result.gathered & HONE_NEED_PROBES, 0));
}

Test(probe, makes_fewer_calls_than_timing) {
    const struct program calm = {.solve = solve_right, .ns = 200e3};
    measure(&calm, TIME);
    device.calls = 0;
    measure(&calm, TIME);
    const uint32_t timing = device.calls;
    needs = HONE_NEED_PROBES;
    device.calls = 0;
    measure(&calm, TIME);
    cr_expect(lt(u32, device.calls - timing, timing), "%u, then %u", timing, device.calls);
}

Test(probe, shows_the_same_inputs_again_and_sees_the_same_times) {
    const struct program calm = {.solve = solve_right, .ns = 200e3, .jitter = 0.01};
    const struct hone_probe_row *row = probe(&calm, HONE_NEED_SAME_INPUTS);
    cr_expect(device.saw_again);
    cr_expect(eq(str, (char *)(uintptr_t)row->id, "bench"));
    cr_expect(eq(u32, row->right, row->calls));
    cr_expect(lt(u32, 0, row->calls));
    cr_expect(le(u32, row->calls, CALLS_OF_SAME_INPUTS));
    cr_expect(epsilon_eq(dbl, row->ns, 200e3, 20e3));
    cr_expect(epsilon_eq(dbl, row->reference_ns, 200e3, 20e3));
    cr_expect(ieee_ulp_eq(dbl, row->moved, 0, 1));
}

Test(probe, sees_that_inputs_seen_before_are_answered_faster) {
    const struct program keeps = {.solve = solve_right, .ns = 200e3, .again_ns = 5e3};
    const struct hone_probe_row *row = probe(&keeps, HONE_NEED_SAME_INPUTS);
    cr_expect(lt(dbl, row->ns_high, 10e3));
    cr_expect(lt(dbl, 150e3, row->reference_ns_low));
    cr_expect(epsilon_eq(dbl, result.kernel_ns, 200e3, 20e3));
}

static void forget_result(void) {
    free(result.rows);
    free(result.probes);
    result.rows = NULL;
    result.probes = NULL;
}

/* Caches that others empty make calls longer by both clocks, for a while. */
Test(probe, takes_no_moments_of_a_busy_machine_for_memory) {
    const struct program calm = {.solve = solve_right, .ns = 200e3, .jitter = 0.1};
    for (device.busy_goes = 1; device.busy_goes <= 40; device.busy_goes++) {
        const struct hone_probe_row *row = probe(&calm, HONE_NEED_SAME_INPUTS);
        cr_expect(lt(dbl, row->reference_ns_low, row->ns_high * 1.5), "%u goes at a time",
                  device.busy_goes);
        forget_result();
    }
}

/* In processes enough that it is no chance. */
Test(probe, sees_what_is_kept_on_a_busy_machine) {
    const struct program keeps = {
        .solve = solve_right, .ns = 200e3, .again_ns = 10e3, .jitter = 0.1};
    for (device.busy_goes = 1; device.busy_goes <= 40; device.busy_goes++) {
        const struct hone_probe_row *row = probe(&keeps, HONE_NEED_SAME_INPUTS);
        cr_expect(lt(dbl, row->ns_high * 2, row->reference_ns_low), "%u goes at a time",
                  device.busy_goes);
        cr_expect(ge(u32, row->right, 18));
        cr_expect(eq(u32, row->right, row->calls));
        forget_result();
    }
}

static void solve_unsteadily(const uint64_t *words) {
    solve_right(words);
    *(float *)(uintptr_t)words[1] += device.calls % 2 ? 4e-6f : -4e-6f;
}

Test(probe, tells_how_far_results_for_equal_inputs_are_apart) {
    const struct program unsteady = {.solve = solve_unsteadily, .ns = 200e3};
    const struct hone_probe_row *row = probe(&unsteady, HONE_NEED_SAME_INPUTS);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(lt(dbl, 0.1, row->moved));
    cr_expect(lt(dbl, row->moved, 2));
}

/* Right as long as no inputs come again. */
static void solve_again_wrong(const uint64_t *words) {
    if (device.saw_again)
        solve_without_tail(words);
    else
        solve_right(words);
}

Test(probe, objects_to_a_result_that_does_not_come_again) {
    const struct program once = {.solve = solve_again_wrong, .ns = 200e3};
    needs = HONE_NEED_SAME_INPUTS;
    measure(&once, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, result.reason, HONE_REASON_NONDETERMINISTIC));
    cr_expect(ne(ptr, strstr(result.message, "gave a right result for"), NULL), "%s",
              result.message);
    const struct hone_probe_row *row = row_of(HONE_NEED_SAME_INPUTS);
    cr_assert(ne(ptr, (void *)(uintptr_t)row, NULL));
    cr_expect(lt(u32, row->right, row->calls));
}

Test(probe, changes_no_verdict_that_only_an_audit_wants) {
    const struct program once = {.solve = solve_again_wrong, .ns = 200e3};
    needs = advised = HONE_NEED_SAME_INPUTS;
    measure(&once, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(lt(dbl, 0.9, result.speedup));
    cr_expect(eq(u32, result.probe_count, 1));
}

Test(probe, sees_the_result_follow_a_changed_element) {
    const struct hone_probe_row *row = probe(&tuned, HONE_NEED_ONE_ELEMENT);
    cr_expect(eq(u32, row->right, row->calls));
    cr_expect(eq(u32, row->argument, 0));
    cr_expect(lt(dbl, 100, row->wanted_moved));
    cr_expect(epsilon_eq(dbl, row->moved, row->wanted_moved, 1));
}

/* Knows inputs by their first element. */
static void solve_by_first_element(const uint64_t *words) {
    static float kept[4096], first;
    static uint64_t count;
    const float *x = (const void *)(uintptr_t)words[0];
    float *y = (void *)(uintptr_t)words[1];
    if (x[0] == first && count == words[3]) {
        memcpy(y, kept, count * sizeof *y);
        return;
    }
    solve_right(words);
    count = words[3];
    first = x[0];
    memcpy(kept, y, count * sizeof *y);
}

Test(probe, sees_a_result_that_does_not_follow_and_leaves_the_verdict_to_detectors) {
    const struct program keeps = {.solve = solve_by_first_element, .ns = 200e3};
    const struct hone_probe_row *row = probe(&keeps, HONE_NEED_ONE_ELEMENT);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(u32, row->right, 0));
    cr_expect(lt(dbl, 100, row->wanted_moved));
    cr_expect(ieee_ulp_eq(dbl, row->moved, 0, 1));
}

Test(probe, changes_no_input_that_has_structure) {
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        workloads[i].generate[0].kind = HONE_GEN_OFFSETS;
    needs = HONE_NEED_ONE_ELEMENT;
    measure(&tuned, VERIFY | TIME);
    cr_expect(eq(u32, result.probe_count, 0));
    cr_expect(eq(u32, result.gathered, HONE_NEED_ONE_ELEMENT | HONE_NEED_CPU_TIME));
}

/* Plans: y = a x + 1 in `work`, and a second step that may matter or not. */

static const char plan_text[] = "//@hone workspace t f32[n]\n"
                                "//@hone call work args=(x, t, a, n)\n"
                                "//@hone call finish args=(t, y, n)\n";

static void solve_plan(const uint64_t *words) {
    const uint64_t *step = words + 1;
    for (uint64_t i = 0; i < words[0]; i++) {
        const uint64_t entry = step[0] >> 32, *arguments = step + 2;
        if (entry == 0) {
            const float *x = (const void *)(uintptr_t)arguments[0];
            float *t = (void *)(uintptr_t)arguments[1], a;
            memcpy(&a, &arguments[2], sizeof a);
            for (uint64_t k = 0; k < arguments[3]; k++)
                t[k] = a * x[k] + 1;
        } else {
            const float *t = (const void *)(uintptr_t)arguments[0];
            float *y = (void *)(uintptr_t)arguments[1];
            for (uint64_t k = 0; k < arguments[2]; k++)
                y[k] = t[k];
        }
        step += 2 + step[1];
    }
}

static void solve_with_decoy(const uint64_t *words) {
    const uint64_t *step = words + 1;
    for (uint64_t i = 0; i < words[0]; i++, step += 2 + step[1]) {
        if (step[0] >> 32 != 1)
            continue;
        uint64_t all[4] = {step[2], step[3], step[4], step[5]};
        solve_right(all);
    }
}

static void solve_one_step(const uint64_t *words) {
    solve_right(words + 3);
}

static void measure_plan(const struct program *program, const char *text) {
    struct hone_plan *plan;
    struct hone_error reason = {""};
    cr_assert(eq(int, hone_plan_parse(&task, "c", text, strlen(text), NULL, &plan, &reason), 0),
              "%s", reason.text);
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {.bytes = program, .size = sizeof *program, .plan = plan},
        .baselines = {{.bytes = &tuned, .size = sizeof tuned},
                      {.bytes = &naive, .size = sizeof naive}},
        .stages = VERIFY | TIME,
        .needs = HONE_NEED_LEAVE_OUT,
    };
    int status = hone_measure(meter, &request, &result, &error);
    cr_assert(eq(int, status, 0), "%s", error.text);
    cr_assert(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    hone_plan_destroy(plan);
}

static const struct hone_probe_row *leave_out(const struct program *program, const char *text,
                                              uint32_t line) {
    measure_plan(program, text);
    for (uint32_t i = 0; i < result.probe_count; i++)
        if (result.probes[i].line == line)
            return &result.probes[i];
    cr_assert(false, "line %u was not left out", line);
    return NULL;
}

Test(probe, finds_steps_wanted_that_a_result_needs) {
    const struct program steps = {.solve = solve_plan, .ns = 100e3};
    for (uint32_t line = 2; line <= 3; line++) {
        const struct hone_probe_row *row = leave_out(&steps, plan_text, line);
        cr_expect(eq(u32, result.probe_count, 2));
        cr_expect(lt(u32, row->right, row->calls));
        forget_result();
    }
}

Test(probe, finds_a_step_that_no_result_needs) {
    static const char text[] = "//@hone workspace t f32[n]\n"
                               "//@hone call busy args=(x, t, n)\n"
                               "//@hone call work args=(x, y, a, n)\n";
    const struct program steps = {.solve = solve_with_decoy, .ns = 100e3};
    const struct hone_probe_row *busy = leave_out(&steps, text, 2);
    cr_expect(eq(u32, busy->right, busy->calls));
    cr_expect(ge(u32, busy->calls, 3)); /* on all workloads there are */
    cr_expect(epsilon_eq(dbl, busy->ns, 100e3, 1e3));
    cr_expect(epsilon_eq(dbl, busy->reference_ns, 100e3, 1e3));
}

Test(probe, takes_no_noise_for_the_time_of_a_step) {
    static const char text[] = "//@hone workspace t f32[n]\n"
                               "//@hone call busy args=(x, t, n)\n"
                               "//@hone call work args=(x, y, a, n)\n";
    const struct program steps = {.solve = solve_with_decoy, .ns = 100e3, .jitter = 0.15};
    for (uint32_t i = 0; i < 100; i++) {
        device.busy_goes = i / 4;
        const struct hone_probe_row *busy = leave_out(&steps, text, 2);
        cr_expect(eq(u32, busy->right, busy->calls));
        cr_expect(lt(dbl, 0.9 * busy->reference_ns, busy->ns_high), "%u goes at a time",
                  device.busy_goes);
        forget_result();
    }
}

Test(probe, leaves_no_step_out_of_a_plan_of_one) {
    static const char text[] = "//@hone call work args=(x, y, a, n)\n";
    const struct program steps = {.solve = solve_one_step, .ns = 100e3};
    measure_plan(&steps, text);
    cr_expect(eq(u32, result.probe_count, 0));
    cr_expect(eq(u32, result.gathered & HONE_NEED_LEAVE_OUT, HONE_NEED_LEAVE_OUT));
}

static void solve_too_high(const uint64_t *words) {
    float *y = (void *)(uintptr_t)words[1];
    solve_right(words);
    for (uint64_t i = 0; i < words[3]; i++)
        y[i] += 4e-6f;
}

Test(probe, tells_the_errors_of_candidate_and_baselines_apart) {
    const struct program high = {.solve = solve_too_high, .ns = 200e3};
    needs = HONE_NEED_DEVIATION;
    measure(&high, VERIFY | TIME);
    const struct hone_workload_row *row = &result.rows[2];
    cr_expect(eq(u32, result.gathered & HONE_NEED_DEVIATION, HONE_NEED_DEVIATION));
    cr_expect(ge(u64, row->deviation.count, 2001));
    cr_expect(ge(u64, row->honest.count, 2001));
    cr_expect(lt(dbl, 2 * row->honest.rms, row->deviation.rms));
    cr_expect(epsilon_eq(dbl, row->deviation.mean, row->deviation.rms, row->deviation.rms / 5));
    cr_expect(ge(u64, row->precision.steps, 2000));
    cr_expect(lt(dbl, row->honest_precision.grain, row->precision.grain));
    cr_expect(eq(u64, result.rows[0].deviation.count, 0));
    cr_expect(isnan(result.rows[0].deviation.rms));
    cr_expect(isnan(result.rows[0].precision.grain));
}
