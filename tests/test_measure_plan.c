/* Measuring kernels that have a plan, on a device that is a function of this test. */
#include "core/plan.h"
#include "tests/measure_fixture.h"

TestSuite(measure_plan, .init = set_up, .fini = tear_down, .timeout = 60);

static struct hone_plan *plan;

/* What the kernels saw, told to the tests. */
static struct {
    uint32_t calls, wrong_words, poisoned, zeroed, wild, remembered, looked, reached;
    uint64_t baseline_scratch; /* where a baseline's workspace lies ... */
    uint32_t told_by;          /* ... in processes as old as this many started ones */
} seen;

static const char two_steps[] = "//@hone workspace t f32[n + 3]\n"
                                "//@hone workspace z i32[n] zero\n"
                                "//@hone call first args=(x, t, a, n)\n"
                                "//@hone call second args=(t, z, y, (int)n)\n";

static void make_plan(const char *source) {
    struct hone_error reason = {""};
    hone_plan_destroy(plan);
    cr_assert(eq(int, hone_plan_parse(&task, "c", source, strlen(source), NULL, &plan, &reason), 0),
              "%s", reason.text);
}

static void measure_plan(const struct program *candidate, uint32_t stages) {
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {candidate, sizeof *candidate, plan},
        .baselines = {{&tuned, sizeof tuned, NULL}, {&naive, sizeof naive, NULL}},
        .stages = stages,
        .episode_seed = 11,
        .debug_seed = 12,
    };
    free(result.rows);
    int status = hone_measure(meter, &request, &result, &error);
    cr_assert(eq(int, status, 0), "%s", error.text);
    hone_plan_destroy(plan);
    plan = NULL;
}

#define MARK 12345.f

/* Look at the workspaces, then leave something in them that another call must not find. */
static void look(float *scratch, int32_t *zeros, uint64_t n) {
    bool wild = true, finite = true, marked = false, zero = true;
    for (uint64_t i = 0; i < n; i++) {
        wild &= !isfinite(scratch[i]);
        finite &= isfinite(scratch[i]) && scratch[i] != 0;
        marked |= scratch[i] == MARK;
        zero &= zeros[i] == 0;
        scratch[i] = MARK;
        zeros[i] = 7;
    }
    seen.wild += wild;
    seen.poisoned += wild || finite;
    seen.remembered += marked;
    seen.zeroed += zero;
}

static void solve_two_steps(const uint64_t *words) {
    const uint64_t *first = words + 1, *second = first + 6;
    const uint64_t heads[] = {words[0], first[0], first[1], second[0], second[1]};
    static const uint64_t wanted[] = {2, HONE_STEP_CALL, 4, HONE_STEP_CALL | 1ull << 32, 4};
    seen.calls++;
    seen.wrong_words += memcmp(heads, wanted, sizeof wanted) != 0;
    seen.wrong_words += first[3] != second[2] || first[5] != second[5];
    const float *x = (const void *)(uintptr_t)first[2];
    float *scratch = (void *)(uintptr_t)first[3], *y = (void *)(uintptr_t)second[4], a;
    memcpy(&a, &first[4], sizeof a);
    look(scratch, (void *)(uintptr_t)second[3], first[5]);
    for (uint64_t i = 0; i < first[5]; i++)
        scratch[i] = a * x[i];
    for (uint64_t i = 0; i < first[5]; i++)
        y[i] = scratch[i] + 1;
}

static const struct program steps = {.solve = solve_two_steps, .ns = 100e3};

Test(measure_plan, hands_over_the_words_of_every_step) {
    make_plan(two_steps);
    measure_plan(&steps, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(lt(u32, 50, seen.calls));
    cr_expect(eq(u32, seen.wrong_words, 0));
    cr_expect(lt(dbl, 1.9, result.speedup));
}

Test(measure_plan, poisons_or_clears_scratch_memory_before_every_call) {
    make_plan(two_steps);
    measure_plan(&steps, VERIFY | TIME);
    cr_expect(eq(u32, seen.poisoned, seen.calls));
    cr_expect(eq(u32, seen.zeroed, seen.calls));
    cr_expect(eq(u32, seen.remembered, 0));
    cr_expect(lt(u32, seen.calls / 5, seen.wild));
    cr_expect(lt(u32, seen.wild, seen.calls / 2));
}

static void solve_beyond_scratch(const uint64_t *words) {
    float *scratch = (void *)(uintptr_t)words[4];
    solve_two_steps(words);
    scratch[words[6] + 3] = 0;
}

static void solve_beyond_zeros(const uint64_t *words) {
    solve_two_steps(words);
    ((int32_t *)(uintptr_t)words[10])[-1] = 0;
}

Test(measure_plan, sees_writes_beside_scratch_memory) {
    static const struct program past = {.solve = solve_beyond_scratch, .ns = 100e3};
    static const struct program before = {.solve = solve_beyond_zeros, .ns = 100e3};
    make_plan(two_steps);
    measure_plan(&past, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, result.reason, HONE_REASON_OUT_OF_BOUNDS));
    cr_expect(ne(ptr, strstr(result.message, "past the end of t on workload tiny"), NULL), "%s",
              result.message);
    make_plan(two_steps);
    measure_plan(&before, VERIFY);
    cr_expect(eq(u32, result.reason, HONE_REASON_OUT_OF_BOUNDS));
    /* A byte of four may be what was there. */
    cr_expect(ne(ptr, strstr(result.message, "before the start of z on workload tiny"), NULL), "%s",
              result.message);
}

static void solve_and_tell(const uint64_t *words) {
    solve_two_steps(words);
    seen.baseline_scratch = words[4];
    seen.told_by = device.started;
}

/* A page that is mapped can be synchronised. What calibration told is of another stand, whose
 * addresses mean something else here. */
static void solve_and_spy(const uint64_t *words) {
    const uint64_t page = seen.baseline_scratch / 4096 * 4096;
    seen.calls++;
    if (seen.told_by == device.started) {
        seen.looked++;
        seen.reached += msync((void *)(uintptr_t)page, 4096, MS_ASYNC) == 0;
    }
    solve_right(words);
}

Test(measure_plan, keeps_the_scratch_memory_of_a_baseline_from_the_candidate) {
    static const struct program told = {.solve = solve_and_tell, .ns = 200e3};
    static const struct program spy = {.solve = solve_and_spy, .ns = 100e3};
    make_plan(two_steps);
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {&spy, sizeof spy, NULL},
        .baselines = {{&told, sizeof told, plan}, {&naive, sizeof naive, NULL}},
        .stages = TIME,
    };
    cr_assert(eq(int, hone_measure(meter, &request, &result, &error), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(lt(u32, 20, seen.calls));
    cr_expect(lt(u32, 10, seen.looked));
    cr_expect(ne(u64, seen.baseline_scratch, 0));
    cr_expect(eq(u32, seen.reached, 0));
    hone_plan_destroy(plan);
    plan = NULL;
}

/* Hidden sizes are 100 to 200, shown ones are not. */
Test(measure_plan, rejects_a_plan_that_fails_on_hidden_workloads_and_tells_no_size) {
    make_plan("//@hone repeat n >= 100 && n <= 200 ? 50 - n : 1\n//@hone call f args=(x, y, a, n)\n"
              "//@hone end\n");
    measure_plan(&steps, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_REJECTED));
    cr_expect(eq(u32, result.reason, HONE_REASON_PLAN));
    cr_expect(eq(str, result.message,
                 "solve.c:1:16: error: the number of repeats must not be below 0, on a hidden "
                 "workload"));
    cr_expect(eq(u32, device.calls, 0));
}

static void solve_by_first_step(const uint64_t *words) {
    solve_right(words + 3);
}

Test(measure_plan, lays_out_fewer_calls_at_once_when_their_words_are_many) {
    static const struct program quick = {.solve = solve_by_first_step, .ns = 10e3};
    make_plan("//@hone repeat 2000\n//@hone call f args=(x, y, a, n)\n//@hone end\n");
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {&quick, sizeof quick, plan},
        .baselines = {{&quick, sizeof quick, plan}, {&naive, sizeof naive, NULL}},
        .stages = TIME,
    };
    cr_assert(eq(int, hone_measure(meter, &request, &result, &error), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(lt(u64, 12001, device.words_most)); /* batches as large as they may be */
    cr_expect(le(u64, device.words_most, HONE_PLAN_WORDS_MAX));
    hone_plan_destroy(plan);
    plan = NULL;
}
