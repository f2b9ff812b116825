#include "core/graph.h"
#include "core/task_graph.h"
#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

TestSuite(graph, .timeout = 60);

static struct hone_error error;

/* x [2, 3], w [4, 3], y [2, 4], state [2, 3] in and out; n = 3; eps = 0.25. */
struct bench {
    double x[6], w[12], y[8], state[6], state_out[6];
    struct hone_graph_argument arguments[6];
};

static void make_bench(struct bench *bench) {
    *bench = (struct bench){.x = {1, 2, 3, 4, 5, 6}, .state = {1, 1, 1, 2, 2, 2}};
    for (int i = 0; i < 12; i++)
        bench->w[i] = i;
    const struct hone_graph_argument arguments[] = {
        {.name = "x", .role = HONE_GRAPH_INPUT, .array = {2, {2, 3}, 6, bench->x}},
        {.name = "w", .role = HONE_GRAPH_INPUT, .array = {2, {4, 3}, 12, bench->w}},
        {.name = "y", .role = HONE_GRAPH_OUTPUT, .array = {2, {2, 4}, 8, NULL}, .out = bench->y},
        {.name = "n", .role = HONE_GRAPH_INTEGER, .number = 3},
        {.name = "eps", .role = HONE_GRAPH_REAL, .number = 0.25},
        {.name = "state",
         .role = HONE_GRAPH_INOUT,
         .array = {2, {2, 3}, 6, bench->state},
         .out = bench->state_out},
    };
    memcpy(bench->arguments, arguments, sizeof arguments);
}

/* Without `state` unless the text assigns it. */
static int run_text(struct bench *bench, const char *text) {
    struct hone_graph *graph = NULL;
    const uint32_t count = strstr(text, "state =") ? 6 : 5;
    error = (struct hone_error){""};
    int result = hone_graph_parse(text, strlen(text), "oracle.graph", bench->arguments, count,
                                  &graph, &error);
    if (result == 0)
        result = hone_graph_run(graph, bench->arguments, &error);
    hone_graph_destroy(graph);
    return result;
}

static void expect_text(const char *text, const char *expected) {
    struct bench bench;
    make_bench(&bench);
    cr_expect(lt(int, run_text(&bench, text), 0), "%s was taken", text);
    cr_expect(eq(str, error.text, (char *)expected));
}

Test(graph, computes_what_its_lines_say) {
    struct bench bench;
    make_bench(&bench);
    cr_assert(eq(int,
                 run_text(&bench, "# y = 2 (x w^T) - 1/4\n\n"
                                  "  h=matmul( x , w, transpose_b = true ) # [2, 4]\n"
                                  "twice = mul(h, (n - 1) / 2 * 2)\r\ny = sub(twice, eps)"),
                 0),
              "%s", error.text);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 4; j++) {
            double sum = 0;
            for (int p = 0; p < 3; p++)
                sum += bench.x[3 * i + p] * bench.w[3 * j + p];
            cr_expect(eq(dbl, bench.y[4 * i + j], 2 * sum - 0.25));
        }
}

Test(graph, reads_an_inout_until_a_line_assigns_it) {
    struct bench bench;
    make_bench(&bench);
    cr_assert(eq(int,
                 run_text(&bench, "before = mul(state, 10)\nstate = add(state, x)\n"
                                  "both = add(before, state)\ny = linear(both, w)\n"),
                 0),
              "%s", error.text);
    for (int i = 0; i < 6; i++)
        cr_expect(eq(dbl, bench.state_out[i], bench.state[i] + bench.x[i]));
    double sum = 0; /* of row 1 with the last row of w */
    for (int p = 0; p < 3; p++)
        sum += (20 + 2 + bench.x[3 + p]) * bench.w[9 + p];
    cr_expect(eq(dbl, bench.y[7], sum));
}

Test(graph, takes_an_axis_in_attributes) {
    struct bench bench;
    make_bench(&bench);
    cr_assert(eq(int,
                 run_text(&bench, "a = slice(w, axis=n - 3, end=min(n, 2))\n"
                                  "b = reshape(a, shape=[2, max(n, 1)])\n"
                                  "c = pad(b, axis=-1, after=1, value=eps*4)\ny = identity(c)"),
                 0),
              "%s", error.text);
    const double wanted[] = {0, 1, 2, 1, 3, 4, 5, 1};
    for (int i = 0; i < 8; i++)
        cr_expect(eq(dbl, bench.y[i], wanted[i]));
}

Test(graph, says_where_a_line_is_malformed) {
    expect_text("y matmul(x, w)", "oracle.graph: line 1, column 3: expected '='");
    expect_text("\n = relu(x)", "oracle.graph: line 2, column 2: expected a name");
    expect_text("y = ", "oracle.graph: line 1, column 4: expected an operator");
    expect_text("y = relu", "oracle.graph: line 1, column 9: expected '('");
    expect_text("y = relu(x", "oracle.graph: line 1, column 11: expected ',' or ')'");
    expect_text("y = relu(x]", "oracle.graph: line 1, column 11: expected ',' or ')'");
    expect_text("y = relu(x) z", "oracle.graph: line 1, column 13: expected the end of the line");
    expect_text("y = relu(x,)", "oracle.graph: line 1, column 12: expected an operand");
    expect_text("y = clamp(low=1, x)",
                "oracle.graph: line 1, column 18: expected operands before attributes");
}

Test(graph, says_which_name_is_wrong) {
    expect_text("y = rellu(x)", "oracle.graph: line 1, column 5: there is no operator \"rellu\"");
    expect_text("y = relu(z)", "oracle.graph: line 1, column 10: unknown name \"z\", expected an "
                               "argument or a line above");
    expect_text("a = relu(y)",
                "oracle.graph: line 1, column 10: y is an output that no line above assigns");
    expect_text("x = relu(w)", "oracle.graph: line 1, column 1: x is an argument that is read; "
                               "expected another name");
    expect_text("max = relu(w)", "oracle.graph: line 1, column 1: max means something in "
                                 "expressions; expected another name");
    expect_text("a = relu(x)\na = relu(a)",
                "oracle.graph: line 2, column 1: a is assigned a second time, first in line 1");
    expect_text("a = relu(x)", "oracle.graph: line 1, column 1: a is no output, and no line below "
                               "reads it");
    expect_text("", "oracle.graph: expected a line that assigns the output y");
}

Test(graph, says_what_an_operator_takes) {
    expect_text("y = matmul(x)",
                "oracle.graph: line 1, column 5: matmul takes a b, found 1 operand");
    expect_text("y = cumsum(x, along=1)", "oracle.graph: line 1, column 15: cumsum has no "
                                          "\"along\", expected axis, reverse, exclusive");
    expect_text("y = relu(x, slope=1)",
                "oracle.graph: line 1, column 13: relu has no \"slope\", expected operands only");
    expect_text("y = argmax(x)", "oracle.graph: line 1, column 5: argmax needs axis=");
    expect_text("y = cumsum(x, axis=1, axis=1)",
                "oracle.graph: line 1, column 23: a second \"axis\"");
    expect_text("y = cumsum(x, reverse=yes)",
                "oracle.graph: line 1, column 23: reverse: expected true or false");
    expect_text("y = cumsum(x, axis=eps)", "oracle.graph: line 1, column 20: axis: a real name in "
                                           "an integer expression at column 1 of \"eps\"");
    expect_text("y = sum(x, axes=[0, k])",
                "oracle.graph: line 1, column 20: axes: unknown name at column 2 of \" k\"");
    expect_text("y = add(x, 1 / (n - 3))", "oracle.graph: line 1, column 12: expected an operand "
                                           "or a number: division by zero at column 3 of \"1 / "
                                           "(n - 3)\"");
}

Test(graph, shows_the_shapes_that_do_not_fit) {
    expect_text("y = matmul(x, w)",
                "oracle.graph: line 1, column 5: matmul: a is [2, 3], b is [4, 3]: expected the "
                "same inner extent, found 3 and 4");
    expect_text("y = relu(x)",
                "oracle.graph: line 1, column 1: y is [2, 4], but the line gives [2, 3]");
    expect_text("y = add(x, w)", "oracle.graph: line 1, column 5: add: x is [2, 3], y is [4, 3]: "
                                 "expected extents that agree from the last on, or are 1");
    expect_text("y = softmax(x, axis=2)", "oracle.graph: line 1, column 5: softmax: x is [2, 3]: "
                                          "axis 2 does not exist, expected -2..1");
    expect_text("y = conv2d(x, w)", "oracle.graph: line 1, column 5: conv2d: x is [2, 3], weight "
                                    "is [4, 3]: expected 4 dimensions of x");
    expect_text("y = broadcast(x, shape=[1000000, 1000000, 2, 3])",
                "oracle.graph: line 1, column 5: broadcast: the result [1000000, 1000000, 2, 3] is "
                "too large, expected at most 2^28 elements");
}

Test(graph, is_bounded) {
    struct bench bench;
    make_bench(&bench);
    char *text = calloc(1, HONE_GRAPH_BYTES_MAX + 2);
    memset(text, '\n', HONE_GRAPH_BYTES_MAX + 1);
    cr_expect(lt(int, run_text(&bench, text), 0));
    cr_expect(eq(str, error.text, "oracle.graph: expected at most 65536 bytes"));
    char *at = text + sprintf(text, "a0 = relu(x)\n");
    for (int i = 1; i <= HONE_GRAPH_STEPS_MAX; i++)
        at += sprintf(at, "a%d = relu(a%d)\n", i, i - 1);
    cr_expect(lt(int, run_text(&bench, text), 0));
    cr_expect(
        ne(ptr, strstr(error.text, "line 257, column 1: expected at most 256 operators"), NULL),
        "%s", error.text);
    free(text);
}

/* ---- graphs of tasks ---- */

static const char graph_text[] = "rows = mean(x, axes=1)   # [m]\n"
                                 "shifted = sub(rows, eps)\n"
                                 "y = abs(shifted)\n"
                                 "state = mul(state, base)\n";

/* The small task with a graph. */
static int parse_task(const char *graph, struct hone_task **task) {
    char json[sizeof task_text + 64];
    const char *at = strstr(task_text, "{\"c\": \"oracle.c\"}");
    snprintf(json, sizeof json, "%.*s{\"graph\": \"oracle.graph\"}%s", (int)(at - task_text),
             task_text, at + strlen("{\"c\": \"oracle.c\"}"));
    struct hone_task_file files[] = {
        {"naive.c", "naive", 5}, {"oracle.graph", graph, strlen(graph)},
        {"prompt.md", "Do.", 3}, {"task.json", json, strlen(json)},
        {"tuned.c", "tuned", 5},
    };
    struct hone_task_description description = {.size = sizeof description,
                                                .file_count = sizeof files / sizeof *files,
                                                .files = files,
                                                .origin = "tasks/test/small"};
    error = (struct hone_error){""};
    return hone_task_parse(&description, task, &error);
}

static struct hone_task *graph_task(void) {
    struct hone_task *task = NULL;
    cr_assert(eq(int, parse_task(graph_text, &task), 0), "%s", error.text);
    return task;
}

Test(graph, of_a_task_is_checked_when_the_task_is_read) {
    struct hone_task *task = graph_task();
    cr_expect(ne(ptr, task->graph, NULL));
    cr_expect(eq(ptr, (void *)task->oracle, NULL));
    hone_task_destroy(task);
    task = NULL;
    cr_expect(lt(int, parse_task("y = mean(x, axes=0)\nstate = abs(state)", &task), 0));
    cr_expect(eq(str, error.text,
                 "tasks/test/small/task.json: oracle.graph: workload \"shown\": oracle.graph: line "
                 "1, column 1: y is [2], but the line gives [5]"));
    cr_expect(lt(int, parse_task("y = mean(x, axes=1)\nstate = abs(state, state)", &task), 0));
    cr_expect(eq(str, error.text,
                 "tasks/test/small/task.json: oracle.graph: oracle.graph: line 2, column 9: abs "
                 "takes x, found 2 operands"));
}

/* Right for every listed workload, wrong for what may be drawn. */
Test(graph, of_a_task_is_checked_for_hidden_draws) {
    struct hone_task *task = NULL;
    const char text[] = "a = slice(x, axis=0, start=0, end=min(m, 16))\ny = mean(a, axes=1)\n"
                        "state = abs(state)";
    cr_expect(lt(int, parse_task(text, &task), 0));
    cr_expect(ne(ptr, strstr(error.text, "workload \"hidden\": oracle.graph: line 2"), NULL), "%s",
              error.text);
}

Test(graph, names_operators_for_plans) {
    struct hone_task *task = graph_task();
    struct hone_task_operator op;
    cr_assert(eq(u32, hone_task_operator_count(task), 4));
    cr_assert(eq(int, hone_task_operator(task, "rows", &op, &error), 0), "%s", error.text);
    cr_expect(eq(str, (char *)op.operation, "mean"));
    cr_assert(eq(u32, op.argument_count, 2));
    cr_expect(eq(str, (char *)op.arguments[0].name, "x"));
    cr_expect(eq(str, (char *)op.arguments[1].name, "rows"));
    cr_expect(eq(u32, op.arguments[1].operand, UINT32_MAX));
    cr_assert(eq(int, hone_task_operator(task, "mul", &op, &error), 0), "%s", error.text);
    cr_expect(eq(str, (char *)op.name, "state"));
    cr_expect(eq(u32, op.argument_count, 2)); /* the factor is the line's own */
    cr_expect(eq(int, (int)op.arguments[0].dtype, HONE_F64));
    cr_expect(lt(int, hone_task_operator(task, "softmax", &op, &error), 0));
    cr_expect(eq(str, error.text,
                 "there is no operator \"softmax\", expected one of rows (mean), shifted (sub), y "
                 "(abs), state (mul)"));
    hone_task_destroy(task);
}

Test(graph, gives_operators_the_shapes_of_a_workload) {
    struct hone_task *task = graph_task();
    struct hone_task_operator op;
    struct hone_operation operation;
    double numbers[HONE_OPERANDS_MAX];
    cr_assert(eq(int, hone_task_operator(task, "sub", &op, &error), 0), "%s", error.text);
    cr_assert(eq(int,
                 hone_task_operation(task, &task->workloads[1], &op, &operation, numbers, &error),
                 0),
              "%s", error.text);
    cr_expect(eq(u32, operation.operands[0].ndim, 1));
    cr_expect(eq(i64, operation.operands[0].shape[0], 3));
    cr_expect(eq(u32, operation.operands[1].ndim, 0));
    cr_expect(eq(dbl, *operation.operands[1].data, 2)); /* eps, as this workload says */
    cr_expect(eq(i64, operation.output.shape[0], 3));
    hone_task_destroy(task);
}
