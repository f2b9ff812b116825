/* Launch plans: what the lines mean, and what is said of those that mean nothing. */
#include "core/error.h"
#include "plugins/tensor.h"
#include "tests/plan_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(plan, .init = plan_begin, .fini = plan_end, .timeout = 20);

static void refuse(const char *line, const char *expected) {
    char source[512], whole[512];
    snprintf(source, sizeof source, "// a kernel\n//@hone %s\n", line);
    snprintf(whole, sizeof whole, "solve.c:2:%s", expected);
    refuse_as("c", source, whole);
}

/* ---- what there is ---- */

Test(plan, is_none_where_no_line_begins_with_its_mark) {
    parse("c", "void solve(void) {} // @hone call f\n/* //@hone */ int x; //@hone call f\n");
    cr_expect(eq(ptr, plan, NULL));
    parse("c", "");
    cr_expect(eq(ptr, plan, NULL));
}

Test(plan, is_wherever_a_line_begins_with_its_mark) {
    resolve("c",
            "const char *text = \"\\\n \t//@hone call one args=() // \";\n/*\r\n//@hone call two "
            "args=()\r\n*/");
    cr_assert(eq(u32, program->step_count, 2));
    cr_expect(eq(str, (char *)program->steps[0].name, "one"));
    cr_expect(eq(u32, program->steps[0].line, 2));
    cr_expect(eq(str, (char *)program->steps[1].name, "two"));
    cr_expect(eq(u32, program->steps[1].line, 4));
}

Test(plan, of_constants_alone_calls_solve_with_every_argument) {
    resolve("c", "//@hone const TILE = 32\n");
    cr_assert(eq(u32, program->step_count, 1));
    cr_expect(eq(str, (char *)program->steps[0].name, "solve"));
    cr_assert(eq(u32, program->steps[0].argument_count, task->arg_count));
    uint32_t count;
    const struct hone_plan_entry *entries = hone_plan_entries(plan, &count);
    cr_assert(eq(u32, count, 1));
    static const uint32_t kinds[] = {
        HONE_ARGUMENT_POINTER, HONE_ARGUMENT_POINTER, HONE_ARGUMENT_POINTER, HONE_ARGUMENT_POINTER,
        HONE_ARGUMENT_POINTER, HONE_ARGUMENT_F32,     HONE_ARGUMENT_F64,     HONE_ARGUMENT_INT32,
        HONE_ARGUMENT_POINTER, HONE_ARGUMENT_INT64,   HONE_ARGUMENT_INT64};
    for (uint32_t i = 0; i < task->arg_count; i++)
        cr_expect(eq(u32, entries[0].arguments[i].kind, kinds[i]), "argument %u", i);
    cr_expect(eq(u8, entries[0].arguments[0].writes, 0));
    cr_expect(eq(u8, entries[0].arguments[3].writes, 1));
    cr_expect(eq(u8, entries[0].arguments[1].type_code, HONE_TYPE_BFLOAT));
    cr_expect(eq(u8, entries[0].arguments[1].type_bits, 16));
}

Test(plan, of_cuda_must_launch_something) {
    refuse_as("cuda", "__global__ void k() {}",
              "solve.cu:1:1: error: nothing is launched; expected //@hone launch KERNEL grid=(..) "
              "block=(..) args=(..)");
}

/* ---- constants and expressions ---- */

Test(plan, makes_macros_of_constants) {
    parse("c", "//@hone const TILE = 32\n//@hone const LESS=TILE-40 // of it\n"
               "//@hone const ALL = SM_COUNT * WARP_SIZE + L2_BYTES\n//@hone call f args=()");
    char *macros = hone_plan_macros(plan);
    cr_expect(eq(str, macros, "#define TILE 32\n#define LESS (-8)\n#define ALL 4224\n"));
    free(macros);
    parse("c", "//@hone const LEAST = -9223372036854775807 - 1\n//@hone call f args=()");
    macros = hone_plan_macros(plan);
    cr_expect(eq(str, macros, "#define LEAST (-9223372036854775807 - 1)\n"));
    free(macros);
}

Test(plan, passes_values_as_their_author_wrote_them) {
    resolve("c", "//@hone const K = 3\n"
                 "//@hone call f args=(x, state, n * K, (int) n - 8, (float)1 / 4, (double)m*0.5, "
                 "step, eps)");
    const struct hone_plan_step *step = &program->steps[0];
    cr_assert(eq(u32, step->argument_count, 8));
    cr_expect(eq(u32, step->arguments[0].value, HONE_PLAN_TENSOR));
    cr_expect(eq(u32, step->arguments[0].index, 0));
    cr_expect(eq(u32, step->arguments[1].index, 3));
    cr_expect(eq(u64, step->arguments[2].word, 15));
    cr_expect(eq(u64, step->arguments[3].word, (uint64_t)-3));
    float single = 0.25f;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    cr_expect(eq(u64, step->arguments[4].word, bits));
    double real;
    memcpy(&real, &step->arguments[5].word, sizeof real);
    cr_expect(eq(dbl, real, 1.0));
    cr_expect(eq(u64, step->arguments[6].word, (uint64_t)-7));
    single = 0.5f;
    memcpy(&bits, &single, sizeof bits);
    cr_expect(eq(u64, step->arguments[7].word, bits));
}

Test(plan, takes_scratch_memory_within_the_task_bound) {
    resolve("c",
            "//@hone workspace part f64[ceil_div(n, 2) * m]\n//@hone workspace seen u8[n] zero\n"
            "//@hone call f args=(part, seen)");
    cr_assert(eq(u32, program->workspace_count, 2));
    cr_expect(eq(i64, program->workspaces[0].count, 6));
    cr_expect(eq(u64, program->workspaces[0].bytes, 48));
    cr_expect(not(program->workspaces[0].zero));
    cr_expect(program->workspaces[1].zero);
    cr_expect(eq(u32, program->steps[0].arguments[1].value, HONE_PLAN_WORKSPACE));
    cr_expect(eq(u32, program->steps[0].arguments[1].index, 1));
    refuse("workspace big u8[67108865]",
           "26: error: the workspaces of a call have 67108864 bytes in "
           "all, on workload shown");
    refuse_as("c",
              "//@hone workspace a u8[40000000]\n//@hone workspace b u8[40000000]\n"
              "//@hone call f args=()",
              "solve.c:2:24: error: the workspaces of a call have 67108864 bytes in all, on "
              "workload shown");
    refuse("workspace big f64[9223372036854775807 - n]",
           "27: error: the workspaces of a call have 67108864 bytes in all, on workload shown");
    refuse("workspace big f64[m - n]",
           "27: error: the number of elements is -3: must not be below 0, on workload shown");
}

/* ---- control ---- */

static const char *names_of_steps(void) {
    static char names[512];
    size_t used = 0;
    names[0] = '\0';
    for (uint32_t i = 0; i < program->step_count; i++) {
        const struct hone_plan_step *step = &program->steps[i];
        used +=
            (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? " " : "", step->name);
        for (uint32_t k = 0; k < step->argument_count; k++)
            used +=
                (size_t)snprintf(names + used, sizeof names - used, "%u", step->arguments[k].index);
    }
    return names;
}

static void expect_steps(const char *source, const char *names) {
    resolve("c", source);
    cr_expect(eq(str, (char *)names_of_steps(), (char *)names), "of %s", source);
}

Test(plan, repeats_and_nests) {
    expect_steps("//@hone call a args=()\n//@hone repeat m\n//@hone call b args=()\n"
                 "//@hone repeat 3\n//@hone call c args=()\n//@hone end\n//@hone end\n"
                 "//@hone call d args=()",
                 "a b c c c b c c c d");
    expect_steps("//@hone repeat m - 2\n//@hone repeat 1/0\n//@hone call a args=()\n//@hone end\n"
                 "//@hone end\n//@hone call b args=()",
                 "b");
}

Test(plan, may_repeat_more_often_than_it_may_nest) {
    char source[2048] = "";
    for (int i = 0; i < 30; i++)
        strcat(source, "//@hone repeat 2\n//@hone call f args=()\n//@hone end\n");
    resolve("c", source);
    cr_expect(eq(u32, program->step_count, 60));
}

Test(plan, chooses) {
    expect_steps("//@hone if n > 4\n//@hone call a args=()\n//@hone else\n//@hone call b args=()\n"
                 "//@hone end\n//@hone if n > 5\n//@hone call a args=()\n//@hone else\n"
                 "//@hone call b args=()\n//@hone end\n//@hone if 0\n//@hone call c args=()\n"
                 "//@hone end\n//@hone if 1\n//@hone call d args=()\n//@hone end",
                 "a b d");
    expect_steps("//@hone repeat 3\n//@hone if m == 2\n//@hone if 0\n//@hone call a args=()\n"
                 "//@hone else\n//@hone call b args=()\n//@hone end\n//@hone else\n"
                 "//@hone call c args=()\n//@hone end\n//@hone end",
                 "b b b");
}

/* Workspaces 0 and 1, of equal sizes. */
Test(plan, swaps_names_for_the_lines_that_follow) {
    expect_steps("//@hone workspace a f32[n]\n//@hone workspace b f32[5]\n"
                 "//@hone call f args=(a, b)\n//@hone swap a b\n//@hone call g args=(a, b)\n"
                 "//@hone repeat 3\n//@hone call h args=(a, b)\n//@hone swap b a\n//@hone end\n"
                 "//@hone call i args=(a, b)",
                 "f01 g10 h10 h01 h10 i01");
    expect_steps("//@hone workspace a f32[m]\n//@hone swap a y\n//@hone call f args=(a, y)", "f80");
    refuse("swap x y", "14: error: an input cannot be swapped: copy it to a workspace first");
    refuse("swap y state", "21: error: only memory of the same dtype can be swapped");
    refuse("swap y", "15: error: expected two outputs or workspaces: swap a b");
    refuse_as("c", "//@hone workspace a f32[m + 1]\n//@hone swap a y\n//@hone call f args=(y)",
              "solve.c:2:9: error: only memory of the same size can be swapped, on workload shown");
}

Test(plan, is_bounded) {
    static const char repeats[] = "//@hone repeat 1024\n//@hone repeat 1024\n%s//@hone end\n"
                                  "//@hone end\n//@hone call f args=()";
    char source[8192];
    snprintf(source, sizeof source, repeats, "");
    refuse_as(
        "c", source,
        "solve.c:3:9: error: the plan repeats too much: more than 65536 lines in one call, on "
        "workload shown");
    snprintf(source, sizeof source, repeats, "//@hone call g args=()\n");
    refuse_as("c", source,
              "solve.c:3:9: error: more than 4096 steps in one call, on workload shown");
    char nested[512] = "";
    for (int i = 0; i < 9; i++)
        strcat(nested, "//@hone if 1\n");
    refuse_as("c", nested, "solve.c:9:11: error: repeat and if are nested too deeply");
    snprintf(source, sizeof source, "//@hone call f args=(0%2048s)", "");
    refuse_as("c", source, "solve.c:1:2056: error: a plan line has at most 2048 bytes");
    size_t used = 0;
    for (int i = 0; i < 17; i++)
        used += (size_t)snprintf(source + used, sizeof source - used,
                                 "//@hone workspace w%d u8[1]\n", i);
    refuse_as("c", source, "solve.c:17:18: error: more than 16 workspaces");
    used = (size_t)snprintf(source, sizeof source, "//@hone call f args=(0");
    for (int i = 0; i < 64; i++)
        used += (size_t)snprintf(source + used, sizeof source - used, ",%d", i % 10);
    snprintf(source + used, sizeof source - used, ")");
    refuse_as("c", source, "solve.c:1:150: error: more than 64 values");
}

Test(plan, has_no_more_words_than_a_call_may_have) {
    char source[1024];
    size_t used =
        (size_t)snprintf(source, sizeof source, "//@hone repeat 496\n//@hone call f args=(0");
    for (int i = 1; i < 64; i++)
        used += (size_t)snprintf(source + used, sizeof source - used, ",1");
    snprintf(source + used, sizeof source - used, ")\n//@hone end\n");
    resolve("c", source);
    cr_expect(eq(u32, program->word_count, 1 + 496 * 66));
    source[17] = '7'; /* 497 repeats */
    refuse_as("c", source,
              "solve.c:2:9: error: the steps of one call have too many arguments: fewer steps, or "
              "fewer arguments, on workload shown");
}

/* ---- entries ---- */

Test(plan, names_each_function_once_and_knows_what_it_must_not_write) {
    resolve("c", "//@hone workspace t f32[n]\n//@hone call f args=(t, y)\n//@hone call g args=()\n"
                 "//@hone call f args=(x, t)");
    uint32_t count;
    const struct hone_plan_entry *entries = hone_plan_entries(plan, &count);
    cr_assert(eq(u32, count, 2));
    cr_expect(eq(str, (char *)entries[0].name, "f"));
    cr_expect(eq(u32, entries[0].line, 2));
    cr_expect(eq(u8, entries[0].arguments[0].writes, 0));
    cr_expect(eq(u8, entries[0].arguments[1].writes, 1));
    cr_expect(eq(u32, program->steps[2].entry, 0));
    refuse_as("c", "//@hone call f args=(x, y)\n//@hone call f args=(x)",
              "solve.c:2:24: error: `f` gets 1 arguments here, but 2 on line 1");
    refuse_as(
        "c", "//@hone call f args=(x, 1)\n//@hone call f args=(x, (int)1)",
        "solve.c:2:32: error: argument 2 of `f` is an (int) here, but an integer (int64_t) on "
        "line 1");
    refuse_as("c", "//@hone call f args=(x)\n//@hone call f args=(state)",
              "solve.c:2:28: error: argument 1 of `f` is memory of f64 here, but memory of f32 on "
              "line 1");
}

/* ---- refusals ---- */

Test(plan, says_where_it_is_wrong_and_what_was_expected) {
    static const struct {
        const char *line, *expected;
    } cases[] = {
        {"", "8: error: expected a word, such as const, workspace or repeat"},
        {"fetch", "9: error: unknown word; a plan line begins with const, workspace, call, op, "
                  "repeat, if, else, end or swap"},
        {"param P = 1", "9: error: `param` (templates) is not supported"},
        {"launch k grid=(1) block=(1) args=()",
         "9: error: `launch` is for cuda; a function is run by call FUNCTION args=(..)"},
        {"const", "14: error: expected a name: const NAME = expression"},
        {"const A 3", "17: error: expected '=': const NAME = expression"},
        {"const A =", "18: error: expected a number, a name or '('"},
        {"const A = 3 +", "22: error: expected a number, a name or '('"},
        {"const A = 1 / 0", "21: error: division by zero"},
        {"const A = n",
         "19: error: a constant cannot depend on the axis `n`: the source is compiled "
         "once for all workloads"},
        {"const n = 3", "15: error: `n` is taken: choose another name"},
        {"const x = 3", "15: error: `x` is taken: choose another name"},
        {"const min = 3", "15: error: `min` is reserved: choose another name"},
        {"const float = 3", "15: error: `float` is reserved: choose another name"},
        {"const hone_at = 3", "15: error: `hone_at` is reserved: choose another name"},
        {"workspace t f31[n]",
         "21: error: unknown dtype; known: f64 f32 f16 bf16 i64 i32 u64 u32 u8 bool"},
        {"workspace t f32[n", "26: error: expected ']'"},
        {"workspace t f32[x]",
         "25: error: `x` is memory: it can be an argument, but not part of an "
         "expression"},
        {"workspace t f32[n] one",
         "27: error: expected workspace NAME dtype[elements], or the same with zero"},
        {"call", "13: error: expected a name"},
        {"call f", "15: error: expected args=(..)"},
        {"call f args=x", "21: error: expected (argument, ...)"},
        {"call f args=(x", "23: error: expected ')'"},
        {"call f args=(x,, y)", "24: error: expected a value"},
        {"call f args=(x + 1)",
         "22: error: `x` is memory: it can be an argument, but not part of an "
         "expression"},
        {"call f args=(q)", "22: error: unknown name `q`; names here: m n mn SM_COUNT WARP_SIZE "
                            "MAX_SHARED L2_BYTES"},
        {"call f args=((int))", "27: error: expected an expression after the cast"},
        {"call f args=((long)n)", "23: error: unknown name `long`; names here: m n mn SM_COUNT "
                                  "WARP_SIZE MAX_SHARED L2_BYTES"},
        {"call f args=(n) args=(m)", "25: error: given twice"},
        {"call f grid=(1) args=(m)", "16: error: unknown; this step has args=(..) only"},
        {"call f args=(n) extra", "25: error: expected an operator or the end"},
        {"call f args=(n) \\", "25: error: a plan line ends with its line: write it without a "
                               "backslash"},
        {"repeat", "15: error: expected a number, a name or '('"},
        {"repeat 3", "15: error: `end` is missing"},
        {"repeat n - 6\n//@hone end\n//@hone call f args=()",
         "16: error: the number of repeats is -1: must not be below 0, on workload shown"},
        {"if 0\n//@hone call f args=()\n//@hone end", "9: error: the plan has no step, on workload "
                                                      "shown"},
        {"else", "13: error: `else` without an `if` of its own"},
        {"end", "12: error: `end` without a `repeat` or `if`"},
        {"call f args=(n / (m - 2))", "24: error: division by zero, on workload shown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(cases[i].line, cases[i].expected);
    refuse_as("c", "//@honest", "solve.c:1:8: error: expected a blank after //@hone");
    refuse_as("c", "//@hone call\1f", "solve.c:1:13: error: a control character in a plan line");
    refuse_as("c", "//@hone if 1\n//@hone else\n//@hone else",
              "solve.c:3:13: error: `else` without an `if` of its own");
    refuse_as("c", "//@hone if 1\n//@hone const A = 3",
              "solve.c:2:14: error: a constant cannot stand inside repeat or if");
    refuse_as("cuda", "//@hone call f args=()",
              "solve.cu:1:9: error: `call` is for c; a kernel is run by launch KERNEL grid=(..) "
              "block=(..) args=(..)");
    refuse_as("cuda", "//@hone launch f grid=(1) args=()",
              "solve.cu:1:34: error: a launch needs grid=(..) and block=(..)");
}

Test(plan, keeps_a_nul_from_hiding_the_rest_of_a_line) {
    static const char source[] = "int x;\0\n//@hone call f args=(1\0 + q)\n";
    struct hone_error error = {""};
    int code = hone_plan_parse(task, "c", source, sizeof source - 1, &device, &plan, &error);
    cr_expect(eq(int, code, -EINVAL));
    cr_expect(eq(str, error.text, "solve.c:2:23: error: a control character in a plan line"));
}
