#include "core/plan_private.h"

#include "core/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The blocks that are open. */
struct parsing {
    struct hone_plan *plan;
    struct hone_error *error;
    struct hone_plan_line line;
    uint32_t open[PLAN_DEPTH_MAX]; /* statements: repeat, if or else */
    struct hone_plan_line opened[PLAN_DEPTH_MAX];
    uint32_t depth, repeats;
    bool steps; /* there is one */
};

static int fail(const struct parsing *parsing, const char *at, const char *what) {
    return hone_plan_fail(&parsing->line, at, parsing->error, "%s", what);
}

static int expect_end(struct parsing *parsing) {
    return hone_plan_at_end(&parsing->line)
               ? 0
               : fail(parsing, parsing->line.at, "expected the end of the line");
}

static int add_statement(struct parsing *parsing, const struct hone_plan_statement *statement) {
    struct hone_plan *plan = parsing->plan;
    struct hone_plan_statement *rows =
        hone_plan_grow(plan->statements, plan->statement_count, &plan->statement_capacity,
                       sizeof *plan->statements);
    if (!rows)
        return hone_fail(parsing->error, -ENOMEM, "out of memory for a plan");
    plan->statements = rows;
    plan->statements[plan->statement_count++] = *statement;
    return 0;
}

/* The rest of the line. */
static struct hone_plan_piece rest_of(struct parsing *parsing) {
    hone_plan_skip_blanks(&parsing->line);
    const struct hone_plan_piece rest = {parsing->line.at, parsing->line.end};
    parsing->line.at = parsing->line.end;
    return rest;
}

static int read_const(struct parsing *parsing, struct hone_plan_statement *statement) {
    struct hone_plan_line *line = &parsing->line;
    struct hone_plan_piece word;
    const char *name;
    (void)statement;
    if (parsing->depth)
        return fail(parsing, line->at, "a constant cannot stand inside repeat or if");
    if (!hone_plan_take_word(line, &word))
        return fail(parsing, line->at, "expected a name: const NAME = expression");
    int code = hone_plan_new_name(parsing->plan, line, &word, &name, parsing->error);
    if (code)
        return code;
    if (!hone_plan_take(line, '='))
        return fail(parsing, line->at, "expected '=': const NAME = expression");
    const struct hone_plan_piece value = rest_of(parsing);
    return hone_plan_add_constant(parsing->plan, line, name, &value, parsing->error);
}

static int find_dtype(const struct hone_plan_piece *word, enum hone_dtype *dtype) {
    for (*dtype = HONE_F64; (uint32_t)*dtype < HONE_DTYPE_COUNT; ++*dtype)
        if (hone_plan_is(word, hone_dtype_name(*dtype)))
            return 0;
    return -EINVAL;
}

static int read_workspace(struct parsing *parsing, struct hone_plan_statement *statement) {
    static const char form[] = "expected workspace NAME dtype[elements], or the same with zero";
    struct hone_plan *plan = parsing->plan;
    struct hone_plan_line *line = &parsing->line;
    struct hone_plan_scratch workspace = {0};
    struct hone_plan_piece word;
    (void)statement;
    if (parsing->depth)
        return fail(parsing, line->at, "a workspace cannot stand inside repeat or if");
    if (plan->workspace_count == HONE_PLAN_WORKSPACES_MAX)
        return hone_plan_fail(line, line->at, parsing->error, "more than %d workspaces",
                              HONE_PLAN_WORKSPACES_MAX);
    if (!hone_plan_take_word(line, &word))
        return fail(parsing, line->at, form);
    int code = hone_plan_new_name(plan, line, &word, &workspace.name, parsing->error);
    if (code)
        return code;
    if (!hone_plan_take_word(line, &word))
        return fail(parsing, line->at, form);
    if (find_dtype(&word, &workspace.dtype))
        return fail(parsing, word.begin,
                    "unknown dtype; known: f64 f32 f16 bf16 i64 i32 u64 u32 "
                    "u8 bool");
    if (!hone_plan_take(line, '['))
        return fail(parsing, line->at, form);
    const char *close = memchr(line->at, ']', (size_t)(line->end - line->at));
    if (!close)
        return fail(parsing, line->end, "expected ']'");
    const struct hone_plan_piece count = {line->at, close};
    code = hone_plan_add_expression(plan, line, &count, false, parsing->error);
    if (code < 0)
        return code;
    workspace.count = (uint32_t)code;
    line->at = close + 1;
    const char *at = line->at;
    if (hone_plan_take_word(line, &word)) {
        if (!hone_plan_is(&word, "zero"))
            return fail(parsing, at, form);
        workspace.zero = true;
    }
    plan->workspaces[plan->workspace_count++] = workspace;
    return 0;
}

/* ---- steps ---- */

static int read_arguments(struct parsing *parsing, const struct hone_plan_piece *value,
                          struct hone_plan_statement *step) {
    struct hone_plan_piece elements[PLAN_ARGUMENTS_MAX];
    if (*value->begin != '(')
        return fail(parsing, value->begin, "expected (argument, ...)");
    int count =
        hone_plan_split(&parsing->line, value, elements, PLAN_ARGUMENTS_MAX, parsing->error);
    for (int i = 0, code; i < count; i++) {
        code = hone_plan_add_item(parsing->plan, &parsing->line, &elements[i], parsing->error);
        if (code)
            return code;
    }
    step->item_count = count < 0 ? 0 : (uint32_t)count;
    return count < 0 ? count : 0;
}

static int read_dimensions(struct parsing *parsing, const struct hone_plan_piece *value,
                           uint32_t dimensions[3]) {
    struct hone_plan_piece elements[3];
    int count = hone_plan_split(&parsing->line, value, elements, 3, parsing->error);
    if (count == 0)
        return fail(parsing, value->begin, "expected one to three sizes");
    for (int i = 0; i < count; i++) {
        int code = hone_plan_add_expression(parsing->plan, &parsing->line, &elements[i], false,
                                            parsing->error);
        if (code < 0)
            return code;
        dimensions[i] = (uint32_t)code;
    }
    return count < 0 ? count : 0;
}

enum { GRID, BLOCK, SHARED, CLUSTER, ARGS, OPTION_COUNT };
static const char *const options[OPTION_COUNT] = {"grid", "block", "shared", "cluster", "args"};

static int read_option(struct parsing *parsing, uint32_t option,
                       const struct hone_plan_piece *value, struct hone_plan_statement *step) {
    int code;
    switch (option) {
    case GRID:
        return read_dimensions(parsing, value, step->dimensions);
    case BLOCK:
        return read_dimensions(parsing, value, step->dimensions + 3);
    case CLUSTER:
        return read_dimensions(parsing, value, step->dimensions + 6);
    case SHARED:
        code =
            hone_plan_add_expression(parsing->plan, &parsing->line, value, false, parsing->error);
        step->shared = code < 0 ? 0 : (uint32_t)code;
        return code < 0 ? code : 0;
    default:
        return read_arguments(parsing, value, step);
    }
}

static int read_options(struct parsing *parsing, struct hone_plan_statement *step) {
    const bool launch = step->step == HONE_STEP_LAUNCH;
    struct hone_plan_line *line = &parsing->line;
    struct hone_plan_piece key, value;
    bool given[OPTION_COUNT] = {false};
    int code;
    while ((code = hone_plan_take_option(line, &key, &value, parsing->error)) > 0) {
        uint32_t option = launch ? GRID : ARGS;
        while (option < OPTION_COUNT && !hone_plan_is(&key, options[option]))
            option++;
        if (option == OPTION_COUNT)
            return fail(parsing, key.begin,
                        launch ? "unknown; a launch has grid=, block=, shared=, cluster= and args="
                               : "unknown; this step has args=(..) only");
        if (given[option])
            return fail(parsing, key.begin, "given twice");
        given[option] = true;
        code = read_option(parsing, option, &value, step);
        if (code)
            return code;
    }
    if (code == 0 && launch && (!given[GRID] || !given[BLOCK]))
        return fail(parsing, line->end, "a launch needs grid=(..) and block=(..)");
    if (code == 0 && !given[ARGS])
        return fail(parsing, line->end, "expected args=(..)");
    return code;
}

static int read_step(struct parsing *parsing, struct hone_plan_statement *step) {
    struct hone_plan *plan = parsing->plan;
    struct hone_plan_line *line = &parsing->line;
    struct hone_plan_piece word;
    if (!hone_plan_take_word(line, &word))
        return fail(parsing, line->at, "expected a name");
    if (word.end - word.begin > (ptrdiff_t)PLAN_NAME_BYTES_MAX)
        return fail(parsing, word.begin, "the name is too long");
    step->kind = PLAN_STEP;
    step->name = hone_plan_keep(plan, &word);
    step->item = plan->item_count;
    for (uint32_t i = plan->constants; i < plan->name_count; i++)
        if (hone_plan_is(&word, plan->names[i].name))
            return fail(parsing, word.begin, "this is a constant, a macro in the source");
    int code = read_options(parsing, step);
    if (code)
        return code;
    parsing->steps = true;
    if (step->step == HONE_STEP_OP) {
        code = hone_plan_check_operator(plan, line, word.begin, step, parsing->error);
    } else if ((code = hone_plan_add_entry(plan, line, step, parsing->error)) >= 0) {
        step->entry = (uint32_t)code;
        code = 0;
    }
    return code ? code : add_statement(parsing, step);
}

/* ---- control ---- */

static int open_block(struct parsing *parsing, struct hone_plan_statement *statement,
                      uint32_t kind) {
    const struct hone_plan_line line = parsing->line;
    const struct hone_plan_piece condition = rest_of(parsing);
    if (parsing->depth == PLAN_DEPTH_MAX)
        return fail(parsing, line.at, "repeat and if are nested too deeply");
    int code =
        hone_plan_add_expression(parsing->plan, &parsing->line, &condition, false, parsing->error);
    if (code < 0)
        return code;
    statement->kind = kind;
    statement->condition = (uint32_t)code;
    statement->level = parsing->repeats;
    parsing->opened[parsing->depth] = line;
    parsing->open[parsing->depth++] = parsing->plan->statement_count;
    return add_statement(parsing, statement);
}

static int read_repeat(struct parsing *parsing, struct hone_plan_statement *statement) {
    int code = open_block(parsing, statement, PLAN_REPEAT);
    parsing->repeats += code == 0;
    return code;
}

static int read_if(struct parsing *parsing, struct hone_plan_statement *statement) {
    return open_block(parsing, statement, PLAN_IF);
}

static struct hone_plan_statement *innermost(const struct parsing *parsing) {
    return parsing->depth ? &parsing->plan->statements[parsing->open[parsing->depth - 1]] : NULL;
}

static int read_else(struct parsing *parsing, struct hone_plan_statement *statement) {
    struct hone_plan_statement *opener = innermost(parsing);
    if (!opener || opener->kind != PLAN_IF)
        return fail(parsing, parsing->line.at, "`else` without an `if` of its own");
    opener->target = parsing->plan->statement_count + 1;
    parsing->open[parsing->depth - 1] = parsing->plan->statement_count;
    statement->kind = PLAN_ELSE;
    return expect_end(parsing) ? -EINVAL : add_statement(parsing, statement);
}

static int read_end(struct parsing *parsing, struct hone_plan_statement *statement) {
    struct hone_plan_statement *opener = innermost(parsing);
    if (!opener)
        return fail(parsing, parsing->line.at, "`end` without a `repeat` or `if`");
    opener->target = parsing->plan->statement_count + 1;
    statement->kind = PLAN_END;
    statement->target = parsing->open[--parsing->depth];
    statement->level = opener->level;
    parsing->repeats -= opener->kind == PLAN_REPEAT;
    return expect_end(parsing) ? -EINVAL : add_statement(parsing, statement);
}

static int read_swapped(struct parsing *parsing, uint32_t *slot) {
    struct hone_plan *plan = parsing->plan;
    struct hone_plan_piece word;
    hone_plan_skip_blanks(&parsing->line);
    const char *at = parsing->line.at;
    const int found =
        hone_plan_take_word(&parsing->line, &word) ? hone_plan_find_slot(plan, &word) : -1;
    if (found < 0)
        return fail(parsing, at, "expected two outputs or workspaces: swap a b");
    if (found < (int)HONE_ARGS_MAX && !hone_arg_is_output(&plan->task->args[found]))
        return fail(parsing, at, "an input cannot be swapped: copy it to a workspace first");
    *slot = (uint32_t)found;
    return 0;
}

static int read_swap(struct parsing *parsing, struct hone_plan_statement *statement) {
    statement->kind = PLAN_SWAP;
    int code = read_swapped(parsing, &statement->first);
    if (!code)
        code = read_swapped(parsing, &statement->second);
    if (!code && hone_plan_slot_dtype(parsing->plan, statement->first) !=
                     hone_plan_slot_dtype(parsing->plan, statement->second))
        code = fail(parsing, parsing->line.end, "only memory of the same dtype can be swapped");
    if (!code)
        code = expect_end(parsing);
    return code ? code : add_statement(parsing, statement);
}

/* ---- lines ---- */

enum { ANY, ONLY_C, ONLY_CUDA };
static const struct word {
    const char *name;
    int (*read)(struct parsing *parsing, struct hone_plan_statement *statement);
    uint32_t language, step;
} words[] = {
    {"const", read_const, ANY, 0},
    {"workspace", read_workspace, ANY, 0},
    {"launch", read_step, ONLY_CUDA, HONE_STEP_LAUNCH},
    {"call", read_step, ONLY_C, HONE_STEP_CALL},
    {"op", read_step, ANY, HONE_STEP_OP},
    {"repeat", read_repeat, ANY, 0},
    {"if", read_if, ANY, 0},
    {"else", read_else, ANY, 0},
    {"end", read_end, ANY, 0},
    {"swap", read_swap, ANY, 0},
};

static int read_line(struct parsing *parsing) {
    const bool cuda = parsing->plan->is_cuda;
    struct hone_plan_line *line = &parsing->line;
    struct hone_plan_piece name;
    struct hone_plan_statement statement = {.line = line->number};
    if (!hone_plan_take_word(line, &name))
        return fail(parsing, line->at, "expected a word, such as const, workspace or repeat");
    statement.column = (uint32_t)(name.begin - line->text) + 1;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct word *word = &words[i];
        if (!hone_plan_is(&name, word->name))
            continue;
        const bool of_library = parsing->plan->calls_library && word->step == HONE_STEP_CALL;
        if (word->language == (cuda ? ONLY_C : ONLY_CUDA) && !of_library)
            return fail(parsing, name.begin,
                        cuda
                            ? "`call` is for c; a kernel is run by launch KERNEL grid=(..) "
                              "block=(..) args=(..)"
                            : "`launch` is for cuda; a function is run by call FUNCTION args=(..)");
        statement.step = word->step;
        int code = word->read(parsing, &statement);
        return code ? code : expect_end(parsing);
    }
    if (hone_plan_is(&name, "param"))
        return fail(parsing, name.begin, "`param` (templates) is not supported");
    return fail(parsing, name.begin,
                cuda ? "unknown word; a plan line begins with const, workspace, launch, op, "
                       "repeat, if, else, end or swap"
                     : "unknown word; a plan line begins with const, workspace, call, op, repeat, "
                       "if, else, end or swap");
}

/* What a plan in c without a step runs: solve, on every argument. */
static int add_implied(struct parsing *parsing) {
    const struct hone_task *task = parsing->plan->task;
    char text[HONE_ARGS_MAX * (PLAN_NAME_BYTES_MAX + 2) + 32];
    size_t used = (size_t)snprintf(text, sizeof text, "call solve args=(");
    for (uint32_t i = 0; i < task->arg_count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "",
                                 task->args[i].name);
    if (used + 1 >= sizeof text)
        return fail(parsing, parsing->line.end, "expected a step: call FUNCTION args=(..)");
    text[used++] = ')';
    parsing->line.text = parsing->line.at = text;
    parsing->line.end = text + used;
    return read_line(parsing);
}

int hone_plan_read(struct hone_plan *plan, const char *source, const char *source_end,
                   struct hone_error *error) {
    struct parsing parsing = {.plan = plan, .error = error};
    uint32_t number = 0, lines = 0;
    int code;
    while ((code = hone_plan_next_line(plan->file, &source, source_end, &number, &parsing.line,
                                       error)) > 0) {
        if (lines++ == PLAN_LINES_MAX)
            return hone_plan_fail(&parsing.line, parsing.line.text, error,
                                  "more than %u plan lines", PLAN_LINES_MAX);
        code = read_line(&parsing);
        if (code)
            return code;
    }
    if (code)
        return code;
    if (parsing.depth) {
        const struct hone_plan_line *opened = &parsing.opened[parsing.depth - 1];
        return hone_plan_fail(opened, opened->at, error, "`end` is missing");
    }
    /* A source in cuda is there for its kernels, where it is not all operators. */
    const bool needs_kernels = plan->is_cuda && !plan->operators_within;
    if ((needs_kernels ? plan->entry_count > 0 : parsing.steps) || (!lines && !plan->is_cuda))
        return 0;
    if (!lines)
        parsing.line = (struct hone_plan_line){source, source, source, 1, plan->file};
    return plan->is_cuda ? fail(&parsing, parsing.line.end,
                                "nothing is launched; expected //@hone launch KERNEL grid=(..) "
                                "block=(..) args=(..)")
                         : add_implied(&parsing);
}
