/* `op` lines of launch plans: what they may name, with which memory, and the words they become. */
#include "core/plan.h"
#include "plugins/operators.h"
#include "plugins/tensor.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char json[] =
    "{\"schema\": 1, \"id\": \"test/graph\", \"version\": \"1.0.0\", \"title\": \"A graph\",\n"
    " \"axes\": {\"m\": {\"var\": [1, 64]}, \"n\": {\"var\": [1, 64]}},\n"
    " \"args\": [\n"
    "  {\"name\": \"x\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [\"m\", \"n\"]},\n"
    "  {\"name\": \"weight\", \"role\": \"param\", \"dtype\": \"f32\", \"shape\": [\"n\", 3]},\n"
    "  {\"name\": \"index\", \"role\": \"in\", \"dtype\": \"i32\", \"shape\": [\"m\"],\n"
    "   \"gen\": {\"dist\": \"ints\", \"low\": 0, \"high\": 0}},\n"
    "  {\"name\": \"wide\", \"role\": \"in\", \"dtype\": \"f64\", \"shape\": [3]},\n"
    "  {\"name\": \"eps\", \"role\": \"scalar\", \"dtype\": \"f32\", \"value\": 0.5},\n"
    "  {\"name\": \"y\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [\"m\", 3]}],\n"
    " \"workloads\": [{\"id\": \"shown\", \"set\": \"debug\", \"axes\": {\"m\": 2, \"n\": 5}},\n"
    "  {\"id\": \"v\", \"set\": \"verify\", \"axes\": {\"m\": 4, \"n\": 4}},\n"
    "  {\"id\": \"b\", \"set\": \"bench\", \"axes\": {\"m\": 4, \"n\": 4}}],\n"
    " \"hidden\": [{\"axes\": {\"m\": {\"uniform\": [6, 9]}, \"n\": 7}}],\n"
    " \"tolerance\": {\"atol\": \"1e-5\"},\n"
    " \"cost\": {\"flops\": \"m\", \"bytes\": \"m\"},\n"
    " \"baselines\": [{\"name\": \"naive\", \"lang\": \"c\", \"file\": \"naive.c\", \"role\": "
    "\"floor\"},\n"
    "  {\"name\": \"tuned\", \"lang\": \"c\", \"file\": \"naive.c\", \"role\": \"score\"}],\n"
    " \"oracle\": ";
static const char graph[] = "h = matmul(x, weight)\n"
                            "e = embedding(h, index)\n"
                            "s = mul(e, eps)\n"
                            "best = argmax(s, axis=0)\n"
                            "p = embedding(s, best)\n"
                            "r = mul(s, wide)\n"
                            "q = sum(p)\n"
                            "t = add(r, q)\n"
                            "y = leaky_relu(t, slope=0.25)\n";

static struct hone_task *task;
static struct hone_plan *plan;
static struct hone_plan_program *program;

/* With the graph as the oracle, or beside one in C. */
static int parse_task(const char *graph_file, const char *oracle, struct hone_error *error) {
    char whole[sizeof json + 128];
    snprintf(whole, sizeof whole, "%.*s%s}", (int)(strstr(json, "\"oracle\"") - json), json,
             oracle);
    struct hone_task_file files[] = {{"naive.c", "naive", 5},
                                     {"oracle.c", "oracle", 6},
                                     {graph_file, graph, sizeof graph - 1},
                                     {"prompt.md", "Do it.", 6},
                                     {"task.json", whole, strlen(whole)}};
    const struct hone_task_description description = {
        .size = sizeof description, .file_count = 5, .files = files, .origin = "tasks/test/graph"};
    return hone_task_parse(&description, &task, error);
}

static void set_up(void) {
    struct hone_error error = {""};
    cr_assert(
        eq(int, parse_task("oracle.graph", "\"oracle\": {\"graph\": \"oracle.graph\"}", &error), 0),
        "%s", error.text);
}

static void forget(void) {
    hone_plan_program_destroy(program);
    hone_plan_destroy(plan);
    program = NULL;
    plan = NULL;
}

static void tear_down(void) {
    forget();
    hone_task_destroy(task);
}

TestSuite(plan_operator, .init = set_up, .fini = tear_down, .timeout = 20);

/* m = 2, n = 5 on the first workload. */
static int try_on(const struct hone_workload *workload, const char *source,
                  struct hone_error *error) {
    forget();
    error->text[0] = '\0';
    int code = hone_plan_parse(task, "c", source, strlen(source), NULL, &plan, error);
    return code ? code : hone_plan_resolve(plan, workload, &program, error);
}

static void resolve(const char *source) {
    struct hone_error error;
    cr_assert(eq(int, try_on(&task->workloads[0], source, &error), 0), "%s", error.text);
}

#define SPACES                                                                                     \
    "//@hone workspace h f32[m * 3]\n//@hone workspace e f32[m * 3 + 1]\n"                         \
    "//@hone workspace few f32[m]\n//@hone workspace some i32[m]\n"

static void refuse(const char *line, const char *expected) {
    char source[512], whole[512];
    struct hone_error error;
    snprintf(source, sizeof source, SPACES "//@hone op %s\n", line);
    snprintf(whole, sizeof whole, "solve.c:5:%s", expected);
    cr_expect(eq(int, try_on(&task->workloads[0], source, &error), -EINVAL), "%s", source);
    cr_expect(eq(str, error.text, whole), "of %s", line);
}

Test(plan_operator, is_one_of_the_tasks_by_the_name_of_its_value_or_its_own) {
    resolve(SPACES "//@hone op h args=(x, weight, h)\n//@hone op matmul args=(x, weight, h)\n"
                   "//@hone op s args=(h, e)\n");
    cr_expect(eq(u32, program->op_count, 3));
    cr_expect(eq(u32, program->steps[1].entry, 0));
    cr_expect(eq(u32, program->steps[2].entry, 2));
    refuse("conv2d args=(x, y)",
           "12: error: there is no operator \"conv2d\", expected one of h (matmul), e (embedding), "
           "s (mul), best (argmax), p (embedding), r (mul), q (sum), t (add), y (leaky_relu)");
    refuse("embedding args=(h, index, e)",
           "12: error: \"embedding\" is 2 operators, name the value: h (matmul), e (embedding), s "
           "(mul), best (argmax), p (embedding), r (mul), q (sum), t (add), y (leaky_relu)");
}

Test(plan_operator, takes_the_tensors_of_its_line_and_then_its_output) {
    refuse("h args=(x, weight)", "12: error: `op h` takes 3 arguments, not 2: args=(x, weight, h)");
    refuse("s args=(e, eps, h)", "12: error: `op s` takes 2 arguments, not 3: args=(e, s)");
    refuse("h args=(x, m * n, h)", "23: error: argument 2 of `op h` is memory: expected weight, or "
                                   "a tensor or workspace in its place");
    refuse("h args=(x, index, h)",
           "23: error: argument 2 of `op h` is memory of i32: expected f32, as weight");
    refuse("h args=(h, weight, x)",
           "31: error: `op h` writes its last argument: expected an output or a workspace");
}

Test(plan_operator, follows_indices_of_inputs_alone) {
    resolve(SPACES "//@hone op e args=(h, index, e)\n");
    refuse("e args=(h, some, e)",
           "23: error: argument 2 of `op e` holds indices: expected an input of the task");
    refuse("p args=(h, some, e)",
           "12: error: `op p` takes indices from best, which must be an input of i32, i64 or u8: "
           "write this step yourself");
}

Test(plan_operator, is_refused_where_the_library_has_not_its_dtype) {
    refuse("r args=(h, wide, e)", "12: error: the library computes in f32, and wide is f64: write "
                                  "this step yourself");
}

Test(plan_operator, needs_memory_as_large_as_its_line_says) {
    resolve(SPACES "//@hone op s args=(h, e)\n"); /* a workspace may be larger */
    refuse("h args=(x, weight, few)",
           "31: error: argument 3 of `op h` is not as large as h: it has 2 elements, expected 6, "
           "on workload shown");
    refuse("s args=(x, h)", "20: error: argument 1 of `op s` is not as large as e: it has 10 "
                            "elements, expected 6, on workload shown");
}

Test(plan_operator, tells_no_size_of_a_hidden_workload) {
    struct hone_workload hidden;
    struct hone_error error;
    cr_assert(eq(int, hone_task_draw(task, 0, 7, &hidden), 0));
    hidden.set = HONE_HIDDEN;
    cr_assert(eq(
        int,
        try_on(&hidden, "//@hone workspace h f32[17]\n//@hone op h args=(x, weight, h)\n", &error),
        -EINVAL));
    cr_expect(eq(str, error.text,
                 "solve.c:2:31: error: argument 3 of `op h` is not as large as h, "
                 "on a hidden workload"));
}

/* As they lie, after what `swap` made of them. */
Test(plan_operator, cannot_write_what_it_reads) {
    refuse("s args=(h, h)",
           "20: error: `op s` cannot write what it reads: give it a workspace, on workload shown");
    struct hone_error error;
    static const char swapped[] = "//@hone workspace h f32[m * 3]\n//@hone swap y h\n"
                                  "//@hone op s args=(y, h)\n//@hone swap y h\n//@hone op y "
                                  "args=(y, h)\n";
    cr_expect(eq(int, try_on(&task->workloads[0], swapped, &error), 0), "%s", error.text);
}

Test(plan_operator, makes_goes_of_steps_that_follow_each_other) {
    resolve(SPACES "//@hone op h args=(x, weight, h)\n//@hone op s args=(h, e)\n"
                   "//@hone call f args=(e, m)\n//@hone call f args=(h, m)\n"
                   "//@hone op y args=(e, y)\n");
    cr_assert(eq(u32, program->segment_count, 3));
    const struct hone_plan_segment *segments = program->segments;
    uint32_t word = 0;
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect(eq(int, segments[i].operators, i != 1));
        cr_expect(eq(u32, segments[i].step_count, i == 2 ? 1 : 2));
        cr_expect(eq(u32, segments[i].word, word));
        word += segments[i].word_count;
    }
    cr_expect(eq(u32, segments[1].word_count, 1 + 2 * 4));
    cr_expect(eq(u32, program->word_count, word));
}

static uint64_t name_word(const char *name, uint32_t index) {
    char bytes[8 * HONE_OPERATOR_NAME_WORDS] = "";
    uint64_t word;
    snprintf(bytes, sizeof bytes, "%s", name);
    memcpy(&word, bytes + (size_t)8 * index, 8);
    return word;
}

Test(plan_operator, puts_words_in_the_form_of_the_contract) {
    resolve(SPACES "//@hone op s args=(h, e)\n//@hone op y args=(h, y)\n");
    const uint64_t tensors[] = {1000, 1001, 1002, 1003, 0, 1005};
    const uint64_t scratch[] = {5000, 5001, 5002, 5003};
    const uint64_t real = HONE_TYPE_FLOAT | 32 << 8, matrix = real | 2 << 16;
    const float half = 0.5f;
    const double slope = 0.25;
    uint64_t half_bits = 0, slope_bits;
    memcpy(&half_bits, &half, sizeof half);
    memcpy(&slope_bits, &slope, sizeof slope);
    const uint64_t wanted[] = {2,
                               2, /* two operands, no attribute */
                               name_word("mul", 0),
                               0,
                               0,
                               0,
                               5000,
                               matrix,
                               2,
                               3,
                               0,
                               real,
                               half_bits,
                               5001,
                               matrix,
                               2,
                               3,
                               1 | 1ull << 32,
                               name_word("leaky_relu", 0),
                               name_word("leaky_relu", 1),
                               0,
                               0,
                               5000,
                               matrix,
                               2,
                               3,
                               1005,
                               matrix,
                               2,
                               3,
                               name_word("slope", 0),
                               0,
                               0,
                               0,
                               1,
                               slope_bits};
    uint64_t words[sizeof wanted / sizeof *wanted];
    cr_assert(eq(u32, program->word_count, sizeof wanted / sizeof *wanted));
    hone_plan_program_words(program, tensors, scratch, words);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(eq(u64, words[i], wanted[i]), "word %zu", i);
}

Test(plan_operator, is_of_no_use_to_a_task_without_a_graph) {
    struct hone_error error;
    struct hone_graph *kept = task->operators;
    task->operators = NULL;
    cr_expect(eq(int, try_on(&task->workloads[0], "//@hone op h args=(x)\n", &error), -EINVAL));
    cr_expect(eq(str, error.text, "solve.c:1:12: error: task test/graph has no operators"));
    task->operators = kept;
}

Test(plan_operator, may_come_from_a_graph_beside_an_oracle_in_c) {
    struct hone_error error = {""};
    hone_task_destroy(task);
    task = NULL;
    cr_assert(eq(int,
                 parse_task("part.graph",
                            "\"oracle\": {\"c\": \"oracle.c\"}, \"operators\": {\"graph\": "
                            "\"part.graph\"}",
                            &error),
                 0),
              "%s", error.text);
    cr_expect(eq(ptr, task->graph, NULL));
    resolve(SPACES "//@hone op h args=(x, weight, h)\n");
    cr_expect(eq(u32, program->op_count, 1));
    forget();
    hone_task_destroy(task);
    task = NULL;
    cr_expect(eq(int,
                 parse_task("part.graph",
                            "\"oracle\": {\"c\": \"oracle.c\"}, \"operators\": {\"graph\": "
                            "\"naive.c\"}",
                            &error),
                 -EINVAL));
    cr_expect(ne(ptr, strstr(error.text, "task.json: operators.graph: naive.c: line 1"), NULL),
              "%s", error.text);
}

Test(plan_operator, is_not_all_of_a_plan_in_cuda) {
    static const char source[] = "//@hone workspace h f32[m * 3]\n//@hone op h args=(x, weight, h)";
    struct hone_error error = {""};
    cr_expect(eq(int, hone_plan_parse(task, "cuda", source, sizeof source - 1, NULL, &plan, &error),
                 -EINVAL));
    cr_expect(eq(str, error.text,
                 "solve.cu:2:33: error: nothing is launched; expected //@hone launch KERNEL "
                 "grid=(..) block=(..) args=(..)"));
}

/* r takes `wide`, which is f64, and p indices that are computed. */
Test(plan_operator, is_listed_in_the_prompt_where_the_library_can_run_it) {
    char *text = hone_task_prompt(task, "c");
    cr_assert(ne(ptr, text, NULL));
    cr_expect(
        ne(ptr,
           strstr(text, "`//@hone op e args=(h, index, e)`: embedding, f32[4, 3] on workload b"),
           NULL),
        "%s", text);
    cr_expect(eq(ptr, strstr(text, "op r args"), NULL));
    cr_expect(eq(ptr, strstr(text, "op p args"), NULL));
    free(text);
}
