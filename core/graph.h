/* graph.h - operator graphs: a task's truth as a short text, one operator a line.
 *
 *   # gelu of a linear layer
 *   h = matmul(x, weight, transpose_b=true)
 *   z = add(h, bias)
 *   y = gelu(z)
 *
 *   line     := NAME "=" OPERATOR "(" item { "," item } ")"      blank lines; "#" to the line's end
 *   item     := operand | ATTRIBUTE "=" value                    operands first
 *   operand  := NAME of an input or of a line above | a real expression: add(x, 1 / sqrt(d))
 *   value    := true | false | an integer or real expression | "[" expression { "," .. } "]"
 *
 * Expressions (core/expression.h) know the task's axes and scalars. Every name is assigned once,
 * outputs by their argument's name; an inout is its input until the line that assigns it. A line
 * whose value nobody reads is refused, and so is an output that nobody assigns. What there is to
 * call: core/operators.
 *
 * Parsing depends on the text and on the names of the arguments; shapes on a workload. Everything
 * is bounded, text of any kind is safe. Errors are -EINVAL, "FILE: line L, column C: what was
 * expected". A graph is immutable after parsing; any thread. One run holds at most what its widest
 * line needs, as values are freed after their last use.
 */
#ifndef HONE_CORE_GRAPH_H
#define HONE_CORE_GRAPH_H

#include "core/operators/operator.h"

#define HONE_GRAPH_STEPS_MAX 256
#define HONE_GRAPH_BYTES_MAX 65536
#define HONE_GRAPH_ELEMENTS_MAX ((int64_t)1 << 28) /* of one value */

enum hone_graph_role {
    HONE_GRAPH_INPUT = 1,
    HONE_GRAPH_OUTPUT,
    HONE_GRAPH_INOUT,
    HONE_GRAPH_INTEGER, /* known to every expression */
    HONE_GRAPH_REAL,    /* known to real ones */
};

/* One argument. Parsing looks at `name` and `role`; shapes need `array` without data, or `number`;
 * a run needs data: `array.data` of what is read, `out` of what is written. They may be one. */
struct hone_graph_argument {
    const char *name;
    enum hone_graph_role role;
    struct hone_array array;
    double number;
    double *out;
};

struct hone_graph;

int hone_graph_parse(const char *text, uint64_t bytes, const char *file,
                     const struct hone_graph_argument *arguments, uint32_t argument_count,
                     struct hone_graph **graph, struct hone_error *error);
void hone_graph_destroy(struct hone_graph *graph);

/* See that every line can be computed from arguments of these shapes, and gives outputs theirs. */
int hone_graph_check(const struct hone_graph *graph, const struct hone_graph_argument *arguments,
                     struct hone_error *error);
/* Check, then compute the outputs. -ENOMEM, or -EINVAL for values that an operator refuses. */
int hone_graph_run(const struct hone_graph *graph, const struct hone_graph_argument *arguments,
                   struct hone_error *error);

/* ---- lines, for whoever runs them one by one ---- */

/* What an operand comes from. */
enum hone_graph_source { HONE_GRAPH_STEP = 1, HONE_GRAPH_ARGUMENT, HONE_GRAPH_NUMBER };

struct hone_graph_operand {
    const char *text; /* as written */
    uint32_t column;
    enum hone_graph_source source;
    uint32_t index; /* of the step or argument */
};

struct hone_graph_step {
    const char *name; /* of its value */
    const struct hone_operator *op;
    uint32_t line;     /* from 1 */
    uint32_t argument; /* the output it assigns; UINT32_MAX: none */
    uint32_t last_use; /* the last step that reads it; itself: none */
    uint32_t operand_count;
    struct hone_graph_operand operands[HONE_OPERANDS_MAX];
    const char *attributes[HONE_ATTRIBUTES_MAX]; /* as written; NULL: left out */
    uint32_t attribute_columns[HONE_ATTRIBUTES_MAX];
    uint32_t columns[2]; /* of the name and of the operator */
};

const struct hone_graph_step *hone_graph_steps(const struct hone_graph *graph, uint32_t *count);

/* Shapes and attributes of every line; `operations` has room for them all. Numbers point into
 * `numbers`, which has room for HONE_OPERANDS_MAX of each line, or have no data when it is NULL. */
int hone_graph_resolve(const struct hone_graph *graph, const struct hone_graph_argument *arguments,
                       struct hone_operation *operations, double *numbers,
                       struct hone_error *error);

#endif
