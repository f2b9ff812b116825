/* plan.h - launch plans: the `//@hone` lines of a source, which say how to run it.
 *
 *   const NAME = expression               a constant: usable below, and a macro in the source
 *   workspace NAME dtype[elements] [zero] scratch memory, poisoned or zeroed before every call
 *   call FUNCTION args=(..)               c: run a function
 *   launch KERNEL grid=(..) block=(..) [shared=..] [cluster=(..)] args=(..)       cuda: a kernel
 *   op NAME args=(..)                     run an operator of the task by the library
 *   repeat expression ... end             if expression ... [else ...] end
 *   swap a b                              exchange two outputs or workspaces for what follows
 *
 * An argument is the name of a tensor, scalar or workspace, or an integer expression, passed as
 * int64_t; with (int), (float) or (double) in front of the whole expression as that.
 *
 * An operator is a line of the task's graph (core/task_graph.h), run by the device's library in the
 * task's dtype: its arguments are memory, those that the line reads and then the one that it
 * writes, which is none of them; numbers and attributes are the line's. An index is followed only
 * where it comes from an input.
 *
 * A plan line is a line whose first characters after blanks are `//@hone`, wherever it stands: in a
 * comment or a string too. It is not continued by a backslash, and ends before a second `//`.
 *
 * Parsing depends on task, language and text alone; resolving computes a plan's expressions for one
 * workload and flattens repeat, if and swap into a list of steps. A source without a plan has the
 * implied one of its language: in c, `call solve args=(every argument)`, which a plan without steps
 * gets as well; in cuda there is none, and a source without a launch is refused.
 *
 * Names in expressions: the task's axes, the plan's constants, and SM_COUNT WARP_SIZE MAX_SHARED
 * L2_BYTES of the device (0 where it has none). Plans are untrusted text: everything is bounded
 * (HONE_PLAN_*), and every refusal is -EINVAL with "solve.c:LINE:COLUMN: error: ..." (or solve.cu)
 * that says what was expected, as a compiler would. Immutable after parsing; any thread.
 */
#ifndef HONE_CORE_PLAN_H
#define HONE_CORE_PLAN_H

#include "core/task.h"
#include "plugins/hardware.h"

#define HONE_PLAN_STEPS_MAX 4096 /* of one call, after repeat */
#define HONE_PLAN_CONSTANTS_MAX 64
#define HONE_PLAN_WORKSPACES_MAX 16
#define HONE_PLAN_WORDS_MAX 32768 /* of one call, in the form of plugins/hardware.h */

struct hone_plan; /* as written, checked against the task */

/* NULL plan and 0: there is no plan line, and the language has an implied one. */
int hone_plan_parse(const struct hone_task *task, const char *language, const char *source,
                    uint64_t source_bytes, const struct hone_device *device,
                    struct hone_plan **plan, struct hone_error *error);
void hone_plan_destroy(struct hone_plan *plan);

/* The functions and kernels that the plan names, each once, in the order of their first line: what
 * the image must offer (`entries` of a compile request). Lives as long as the plan. */
const struct hone_plan_entry *hone_plan_entries(const struct hone_plan *plan, uint32_t *count);

/* How many workspaces it has, whatever the workload; 0 for NULL. */
uint32_t hone_plan_workspace_count(const struct hone_plan *plan);
const char *hone_plan_workspace_name(const struct hone_plan *plan, uint32_t index);

/* `#define NAME value` for every constant, one a line: goes before the source. Constants must not
 * depend on the workload's axes: one image serves all workloads. And what goes behind it: in c
 * hone_call_0(), which runs the plan's words; nothing in cuda. The caller frees; NULL: out of
 * memory. */
char *hone_plan_macros(const struct hone_plan *plan);
char *hone_plan_epilogue(const struct hone_plan *plan);

/* Scratch memory of one call: poisoned, or zeroed, before every call. */
struct hone_plan_workspace {
    const char *name;
    enum hone_dtype dtype;
    int64_t count; /* elements */
    uint64_t bytes;
    bool zero;
};

enum hone_plan_value {
    HONE_PLAN_TENSOR = 1, /* `index`: argument of the task */
    HONE_PLAN_WORKSPACE,  /* `index`: workspace */
    HONE_PLAN_WORD,       /* `word`: an integer, or the bits of a float */
};

struct hone_plan_argument {
    uint32_t value; /* enum hone_plan_value */
    uint32_t index;
    uint64_t word;
};

struct hone_plan_step {
    uint32_t kind;  /* enum hone_step_kind */
    uint32_t entry; /* launch and call: of hone_plan_entries(); op: the task's operator */
    const char *name;
    uint32_t line; /* of the source, from 1 */
    uint32_t shared_bytes;
    uint32_t grid[3], block[3], cluster[3]; /* launch; cluster is 1, 1, 1 unless given */
    uint32_t argument_count;
    const struct hone_plan_argument *arguments;
};

/* Consecutive steps that one process runs in one go: launches and calls the candidate's, operators
 * the library's. The words of a call are those of its segments, one after the other. */
struct hone_plan_segment {
    bool operators;
    uint32_t step, step_count; /* the first, how many */
    uint32_t word, word_count;
};

struct hone_plan_operation;

/* One call on one workload: steps in order. */
struct hone_plan_program {
    uint32_t step_count, workspace_count;
    const struct hone_plan_step *steps;
    const struct hone_plan_workspace *workspaces;
    uint32_t launch_count, call_count, op_count;
    uint32_t segment_count;
    const struct hone_plan_segment *segments;
    uint32_t word_count;                        /* of a call */
    const struct hone_plan_argument *arguments; /* of all steps */
    struct hone_plan_operation *operations;     /* by the task's operator */
};

/* -EINVAL with a text when an expression cannot be computed for these axes, or a bound is passed.
 */
int hone_plan_resolve(const struct hone_plan *plan, const struct hone_workload *workload,
                      struct hone_plan_program **program, struct hone_error *error);
void hone_plan_program_destroy(struct hone_plan_program *program);

/* The `word_count` words of a call, in the forms of plugins/hardware.h and plugins/operators.h:
 * given the addresses of the task's arguments and of workspaces, by index. */
void hone_plan_program_words(const struct hone_plan_program *program, const uint64_t *tensors,
                             const uint64_t *workspaces, uint64_t *words);

/* The same but for the launches or calls of one line of the source, words behind those that are
 * left to a segment unwritten; 0: none of them. */
void hone_plan_program_words_without(const struct hone_plan_program *program, uint32_t line,
                                     const uint64_t *tensors, const uint64_t *workspaces,
                                     uint64_t *words);

#endif
