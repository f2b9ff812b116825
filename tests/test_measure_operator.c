/* Measuring plans with operators, on a device that is a function of this test: its operators are
 * another. */
#include "core/plan.h"
#include "core/task_graph.h"
#include "plugins/operators.h"
#include "tests/measure_fixture.h"

static struct hone_plan *plan;
static uint32_t own_goes, operator_goes;

/* z = a x, then y = z + 1. */
static void set_up_graph(void) {
    static const char text[] = "z = mul(x, a)\ny = add(z, 1)\n";
    struct hone_task_graph_view view;
    hone_task_graph_view(&task, NULL, &view);
    cr_assert(eq(int,
                 hone_graph_parse(text, sizeof text - 1, "graph", view.arguments, view.count,
                                  &task.operators, &error),
                 0),
              "%s", error.text);
    own_goes = operator_goes = 0;
    set_up();
}

static void tear_down_graph(void) {
    hone_plan_destroy(plan);
    plan = NULL;
    tear_down();
    hone_graph_destroy(task.operators);
    task.operators = NULL;
}

TestSuite(measure_operator, .init = set_up_graph, .fini = tear_down_graph, .timeout = 60);

/* What an operator of a vector and a number takes: operands and attributes, its name, a vector, a
 * number and a vector. */
#define NAME_AT 1
#define OPERANDS_AT (NAME_AT + HONE_OPERATOR_NAME_WORDS)
#define OPERATOR_WORDS (OPERANDS_AT + 3 + 3 + 3)

static void run_operators(const uint64_t *words) {
    const uint64_t *at = words + 1;
    for (uint64_t left = words[0]; left > 0; left--, at += OPERATOR_WORDS) {
        const bool product = strcmp((const char *)(at + NAME_AT), "mul") == 0;
        const uint64_t *operand = at + OPERANDS_AT;
        const float *from = (const void *)(uintptr_t)operand[0];
        float *to = (void *)(uintptr_t)operand[6], number;
        memcpy(&number, &operand[5], sizeof number);
        for (uint64_t i = 0; i < operand[2]; i++)
            to[i] = product ? from[i] * number : from[i] + number;
    }
    operator_goes++;
}

/* A call of one step f(z, y, n): y = z + 1. */
static void run_own(const uint64_t *words) {
    const float *z = (const void *)(uintptr_t)words[3];
    float *y = (void *)(uintptr_t)words[4];
    for (uint64_t i = 0; i < words[5]; i++)
        y[i] = z[i] + 1;
    own_goes++;
}

static int measure_plan(const char *source, const struct program *own,
                        const struct program *operators, uint32_t stages) {
    hone_plan_destroy(plan);
    cr_assert(eq(int, hone_plan_parse(&task, "c", source, strlen(source), NULL, &plan, &error), 0),
              "%s", error.text);
    device.operators = operators;
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {.bytes = own, .size = sizeof *own, .plan = plan},
        .baselines = {{.bytes = &tuned, .size = sizeof tuned},
                      {.bytes = &naive, .size = sizeof naive}},
        .stages = stages,
    };
    free(result.rows);
    result.rows = NULL;
    return hone_measure(meter, &request, &result, &error);
}

static const char half[] = "//@hone workspace z f32[n]\n//@hone op z args=(x, z)\n"
                           "//@hone call f args=(z, y, n)\n";
static const char whole[] = "//@hone workspace z f32[n]\n//@hone op z args=(x, z)\n"
                            "//@hone op y args=(z, y)\n";

/* 30 us of the candidate's own and 70 us of operators, against a baseline of 200 us. */
Test(measure_operator, sums_the_goes_of_both_processes) {
    static const struct program own = {.solve = run_own, .ns = 30e3};
    static const struct program operators = {.solve = run_operators, .ns = 70e3};
    cr_assert(eq(int, measure_plan(half, &own, &operators, VERIFY | TIME), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(u32, own_goes, operator_goes));
    cr_expect(lt(u32, 2, device.with_operators));
    cr_expect(epsilon_eq(dbl, result.kernel_ns, 100e3, 1));
    cr_expect(epsilon_eq(dbl, result.coverage, 0.3, 1e-6));
    cr_expect(epsilon_eq(dbl, result.speedup, 2, 0.1));
    cr_expect(ne(u32, result.valid & HONE_HAS_COVERAGE, 0));
}

Test(measure_operator, runs_operators_that_follow_each_other_in_one_go) {
    static const struct program own = {.solve = run_own, .ns = 50e3};
    static const struct program operators = {.solve = run_operators, .ns = 50e3};
    cr_assert(eq(int,
                 measure_plan("//@hone workspace z f32[n]\n//@hone op z args=(x, z)\n"
                              "//@hone op y args=(z, y)\n//@hone call f args=(z, y, n)\n"
                              "//@hone op z args=(x, z)\n",
                              &own, &operators, TIME),
                 0),
              "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(u32, operator_goes, 2 * own_goes));
    cr_expect(epsilon_eq(dbl, result.coverage, 1. / 3, 1e-6));
}

Test(measure_operator, covers_nothing_without_a_step_of_ones_own) {
    static const struct program own = {.solve = run_own, .ns = 1e6};
    static const struct program operators = {.solve = run_operators, .ns = 50e3};
    cr_assert(eq(int, measure_plan(whole, &own, &operators, TIME), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(u32, own_goes, 0));
    cr_expect(eq(dbl, result.coverage, 0));
    cr_expect(epsilon_eq(dbl, result.speedup, 4, 0.2));
}

Test(measure_operator, covers_all_without_operators) {
    static const struct program own = {.solve = solve_right, .ns = 100e3};
    measure(&own, VERIFY | TIME);
    cr_expect(eq(dbl, result.coverage, 1));
    cr_expect(eq(u32, device.with_operators, 0));
}

Test(measure_operator, knows_no_coverage_of_what_was_not_timed) {
    static const struct program own = {.solve = run_own, .ns = 30e3};
    static const struct program operators = {.solve = run_operators, .ns = 70e3};
    cr_assert(eq(int, measure_plan(half, &own, &operators, VERIFY), 0), "%s", error.text);
    cr_expect(eq(u32, result.valid & HONE_HAS_COVERAGE, 0));
    cr_expect(eq(int, isnan(result.coverage), 1));
}

Test(measure_operator, calls_an_operator_that_fails_a_fault_of_ours) {
    static const struct program own = {.solve = run_own, .ns = 30e3};
    static const struct program crash = {
        .solve = run_operators, .ns = 70e3, .status = HONE_GO_CRASHED, .signal = SIGSEGV};
    static const struct program quits = {
        .solve = run_operators, .ns = 70e3, .status = HONE_GO_EXITED, .code = ERANGE};
    cr_expect(eq(int, measure_plan(half, &own, &crash, VERIFY), -EIO));
    cr_expect(eq(str, error.text,
                 "the operators of task test/line on device fake failed: Segmentation fault"));
    cr_expect(eq(int, measure_plan(half, &own, &quits, VERIFY), -EIO));
    cr_expect(eq(str, error.text,
                 "the operators of task test/line on device fake failed: Numerical result out of "
                 "range"));
}

Test(measure_operator, calls_a_step_that_fails_the_candidates) {
    static const struct program own = {
        .solve = run_own, .ns = 30e3, .status = HONE_GO_CRASHED, .signal = SIGFPE};
    static const struct program operators = {.solve = run_operators, .ns = 70e3};
    cr_assert(eq(int, measure_plan(half, &own, &operators, VERIFY), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_CRASHED));
}

/* 60 ms and 60 ms are too much of a limit of 100 ms. */
Test(measure_operator, has_one_limit_for_all_goes_of_a_call) {
    static const struct program slow = {.solve = run_own, .ns = 60e6};
    static const struct program operators = {.solve = run_operators, .ns = 60e6};
    static const struct program quick = {.solve = run_operators, .ns = 30e6};
    cr_assert(eq(int, measure_plan(half, &slow, &operators, VERIFY), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT), "%s", result.message);
    cr_assert(eq(int, measure_plan(half, &slow, &quick, VERIFY), 0), "%s", error.text);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
}
