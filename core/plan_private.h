/* plan_private.h - a plan as written; for core/plan*.c alone. */
#ifndef HONE_CORE_PLAN_PRIVATE_H
#define HONE_CORE_PLAN_PRIVATE_H

#include "core/expression.h"
#include "core/plan.h"
#include "core/task_graph.h"

#define PLAN_LINES_MAX 1024u
#define PLAN_LINE_BYTES_MAX 2048u
#define PLAN_DEPTH_MAX 8u    /* of repeat and if */
#define PLAN_ENTRIES_MAX 64u /* functions and kernels */
#define PLAN_ARGUMENTS_MAX 64u
#define PLAN_NAME_BYTES_MAX 63u
#define PLAN_DEVICE_NAMES 4u
#define PLAN_SHARED_DEFAULT 49152 /* bytes a block may have where the device does not say */

/* What can be handed on by name: the task's arguments, then workspaces. */
#define PLAN_SLOTS_MAX (HONE_ARGS_MAX + HONE_PLAN_WORKSPACES_MAX)

/* One plan line of the source; every refusal names a place in it. */
struct hone_plan_line {
    const char *text; /* the first byte of the source's line: column 1 */
    const char *at, *end;
    uint32_t number; /* from 1 */
    const char *file;
};

/* A stretch of a line. */
struct hone_plan_piece {
    const char *begin, *end;
};

struct hone_plan_expression {
    const char *text; /* a copy */
    uint32_t line, column;
    bool is_real;
};

enum hone_plan_item_kind { ITEM_SLOT, ITEM_SCALAR, ITEM_EXPRESSION };

/* One argument of a step. */
struct hone_plan_item {
    uint32_t kind;  /* enum hone_plan_item_kind */
    uint32_t type;  /* enum hone_argument_kind */
    uint32_t index; /* of the slot, the task's argument, or the expression */
    uint32_t column;
};

enum hone_plan_statement_kind { PLAN_STEP, PLAN_REPEAT, PLAN_IF, PLAN_ELSE, PLAN_END, PLAN_SWAP };

struct hone_plan_statement {
    uint32_t kind; /* enum hone_plan_statement_kind */
    uint32_t line, column;
    uint32_t level;         /* repeat and its end: how many repeats are around it */
    uint32_t target;        /* if, else, repeat: where to go on past the block; end: its opener */
    uint32_t condition;     /* repeat, if: expression */
    uint32_t first, second; /* swap: slots */
    uint32_t step, entry;   /* enum hone_step_kind, and which: as in struct hone_plan_step */
    const char *name;       /* of what the step runs */
    uint32_t dimensions[9]; /* grid, block, cluster: expressions; 0: 1 */
    uint32_t shared;        /* expression; 0: none */
    uint32_t item, item_count;
};

struct hone_plan_scratch {
    const char *name;
    enum hone_dtype dtype;
    uint32_t count; /* expression */
    bool zero;
};

struct hone_plan {
    const struct hone_task *task;
    const char *file; /* what messages call the source */
    bool is_cuda;
    bool operators_within; /* the device runs them as steps like others */
    bool calls_library;    /* a baseline's: `call` names a function of its library */
    int64_t shared_most;
    struct hone_name names[HONE_AXES_MAX + PLAN_DEVICE_NAMES + HONE_PLAN_CONSTANTS_MAX];
    uint32_t name_count, constants; /* constants: index of the first */
    struct hone_plan_scratch workspaces[HONE_PLAN_WORKSPACES_MAX];
    uint32_t workspace_count;
    struct hone_plan_expression *expressions; /* [0] is none */
    uint32_t expression_count, expression_capacity;
    struct hone_plan_item *items;
    uint32_t item_count, item_capacity;
    struct hone_plan_statement *statements;
    uint32_t statement_count, statement_capacity;
    struct hone_plan_entry entries[PLAN_ENTRIES_MAX];
    uint32_t entry_count;
    char *store; /* copies of names and expressions */
    size_t store_used, store_bytes;
};

/* An operator of the task under one workload. */
struct hone_plan_operation {
    struct hone_task_operator op;
    struct hone_operation operation; /* without an operator: not resolved yet */
    double numbers[HONE_OPERANDS_MAX];
};

/* plan_text.c: lines and words. */

/* "solve.c:4:18: error: ..."; -EINVAL. */
int hone_plan_fail(const struct hone_plan_line *line, const char *at, struct hone_error *error,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The next plan line from `*at` on, with `at` behind `//@hone` and `end` before what follows. 1:
 * there is one; 0: no more; -EINVAL. `*number` counts the source's lines. */
int hone_plan_next_line(const char *file, const char **at, const char *source_end, uint32_t *number,
                        struct hone_plan_line *line, struct hone_error *error);
void hone_plan_skip_blanks(struct hone_plan_line *line);
bool hone_plan_at_end(struct hone_plan_line *line);
/* A C identifier; false: none is next, and nothing is taken. */
bool hone_plan_take_word(struct hone_plan_line *line, struct hone_plan_piece *word);
bool hone_plan_take(struct hone_plan_line *line, char symbol);
bool hone_plan_is(const struct hone_plan_piece *piece, const char *word);
/* `NAME=value` up to the next such, or the end. 1, 0 at the end, -EINVAL. */
int hone_plan_take_option(struct hone_plan_line *line, struct hone_plan_piece *key,
                          struct hone_plan_piece *value, struct hone_error *error);
/* The elements of "(a, b)", or one element where there are no parentheses around the whole. Their
 * number, or -EINVAL. */
int hone_plan_split(const struct hone_plan_line *line, const struct hone_plan_piece *value,
                    struct hone_plan_piece *elements, uint32_t most, struct hone_error *error);

/* hone_plan_parse.c */
int hone_plan_read(struct hone_plan *plan, const char *source, const char *source_end,
                   struct hone_error *error);

/* plan_names.c: what words stand for. All fail with a text, at `at`. */
const char *hone_plan_keep(struct hone_plan *plan, const struct hone_plan_piece *piece);
int hone_plan_new_name(struct hone_plan *plan, const struct hone_plan_line *line,
                       const struct hone_plan_piece *word, const char **name,
                       struct hone_error *error);
int hone_plan_add_constant(struct hone_plan *plan, const struct hone_plan_line *line,
                           const char *name, const struct hone_plan_piece *value,
                           struct hone_error *error);
/* Its index, or a negative errno; checked for syntax and names. */
int hone_plan_add_expression(struct hone_plan *plan, const struct hone_plan_line *line,
                             const struct hone_plan_piece *text, bool is_real,
                             struct hone_error *error);
int hone_plan_add_item(struct hone_plan *plan, const struct hone_plan_line *line,
                       const struct hone_plan_piece *text, struct hone_error *error);
/* -1: the word names none. */
int hone_plan_find_slot(const struct hone_plan *plan, const struct hone_plan_piece *word);
/* The entry of a step whose items are the last of the plan's; a later line must agree with the
 * first. Its index, or a negative errno. */
int hone_plan_add_entry(struct hone_plan *plan, const struct hone_plan_line *line,
                        const struct hone_plan_statement *step, struct hone_error *error);
enum hone_dtype hone_plan_slot_dtype(const struct hone_plan *plan, uint32_t slot);

/* plan_operator.c. An op step whose name stands at `at`, against what the task has: sets `entry`.
 */
int hone_plan_check_operator(const struct hone_plan *plan, const struct hone_plan_line *line,
                             const char *at, struct hone_plan_statement *step,
                             struct hone_error *error);
/* Operator `index` under a workload, into its row of `rows`, which are made when there are none. */
int hone_plan_resolve_operation(const struct hone_plan *plan, const struct hone_workload *workload,
                                uint32_t index, struct hone_plan_operation **rows,
                                struct hone_error *error);
/* That its arguments, of so many elements each, are large enough and no argument is read and
 * written. -EINVAL: `culprit` is not, and why. */
#define HONE_PLAN_OPERANDS_TEXT 224
int hone_plan_check_operands(const struct hone_plan_operation *row, const char *name,
                             const struct hone_plan_argument *arguments, const int64_t *elements,
                             bool hidden, uint32_t *culprit, char text[HONE_PLAN_OPERANDS_TEXT]);

/* plan_words.c: what a resolved step takes. */
uint32_t hone_plan_count_words(const struct hone_plan_program *program,
                               const struct hone_plan_step *step);

/* The rows with room for one more, which may have moved; NULL: out of memory, and they are as they
 * were. */
void *hone_plan_grow(void *rows, uint32_t count, uint32_t *capacity, size_t row_bytes);

#endif
