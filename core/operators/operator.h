/* operator.h - the operators of graphs: what each takes, the shape it gives, and its truth in
 * double precision.
 *
 * An operator is a row of a table: its operands, its attributes, a rule for the output's shape and
 * a function that fills it. Operands are whole arrays of doubles, row-major; numbers are arrays
 * without dimensions. shape() sees operands without data and must refuse whatever run() could not
 * compute, with a text that shows the shapes; the output is bounded by its caller. run() may still
 * refuse what values alone tell (an index outside its table): -EINVAL with a text, or -ENOMEM.
 * Pure functions; any thread. Operands and output belong to the caller and never overlap.
 *
 * Sums are kept in long double, products of matrices and convolutions in double.
 */
#ifndef HONE_CORE_OPERATORS_OPERATOR_H
#define HONE_CORE_OPERATORS_OPERATOR_H

#include "core/task.h"

#include <math.h>

#define HONE_OPERANDS_MAX 8
#define HONE_ATTRIBUTES_MAX 6

struct hone_array {
    uint32_t ndim;
    int64_t shape[HONE_DIMS_MAX];
    int64_t count; /* the product of the shape: 1 for a number */
    double *data;
};

enum hone_attribute_kind {
    HONE_ATTRIBUTE_FLAG = 1,
    HONE_ATTRIBUTE_INTEGER,
    HONE_ATTRIBUTE_REAL,
    HONE_ATTRIBUTE_INTEGERS, /* [1, 2], or one number for all */
};
#define HONE_ATTRIBUTE_REQUIRED ((double)NAN)
#define HONE_ATTRIBUTE_ABSENT ((double)INFINITY) /* may be left out; its count is 0 then */

struct hone_attribute {
    const char *name; /* NULL ends the list */
    enum hone_attribute_kind kind;
    double fallback; /* or one of the two above */
};

struct hone_attribute_value {
    uint32_t count;
    double values[HONE_DIMS_MAX]; /* whole numbers up to 2^53; flags are 0 and 1 */
};

struct hone_operator;

/* One operator with everything it needs: a line of a graph under one workload. */
struct hone_operation {
    const struct hone_operator *op;
    uint32_t operand_count;
    struct hone_array operands[HONE_OPERANDS_MAX];
    struct hone_attribute_value attributes[HONE_ATTRIBUTES_MAX]; /* as in the operator's list */
    struct hone_array output;
};

struct hone_operator {
    const char *name;
    const char *operands; /* "x weight bias?": those with ? may be left out; "x..." takes many */
    int (*shape)(struct hone_operation *operation, struct hone_error *error);
    int (*run)(struct hone_operation *operation, struct hone_error *error);
    struct hone_attribute attributes[HONE_ATTRIBUTES_MAX + 1];
    /* What rows that share functions differ in. */
    double (*map)(double x, double a, double b); /* of each element, with attributes or a pair */
    uint32_t variant;                            /* spatial dimensions, or a kind of sum */
};

const struct hone_operator *hone_operator_find(const char *name); /* NULL: there is none */
/* Row `index` of all, by family; NULL past the last. */
const struct hone_operator *hone_operator_row(uint32_t index);
/* Least and most operands. */
void hone_operator_operands(const struct hone_operator *op, uint32_t *least, uint32_t *most);

/* The families, each ended by a row without a name. */
extern const struct hone_operator hone_operators_elementwise[], hone_operators_reduce[],
    hone_operators_layout[], hone_operators_lookup[], hone_operators_matmul[],
    hone_operators_convolution[], hone_operators_pool[], hone_operators_norm[],
    hone_operators_attention[], hone_operators_sparse[], hone_operators_science[],
    hone_operators_loss[];

/* ---- what families share ---- */

/* Attributes by name, which the operator must have. */
const struct hone_attribute_value *hone_attribute(const struct hone_operation *operation,
                                                  const char *name);
double hone_attribute_real(const struct hone_operation *operation, const char *name);
int64_t hone_attribute_integer(const struct hone_operation *operation, const char *name);
/* Entry `index` of a list; one number stands for all. */
int64_t hone_attribute_entry(const struct hone_operation *operation, const char *name,
                             uint32_t index);
/* A list that must hold one number, or `count`, each within low..high. */
int hone_attribute_check(const struct hone_operation *operation, const char *name, uint32_t count,
                         int64_t low, int64_t high, struct hone_error *error);
/* The attribute "axis", counted from the end when negative, as a dimension of the first operand. */
int hone_attribute_axis(const struct hone_operation *operation, uint32_t *axis,
                        struct hone_error *error);

#define HONE_SHAPE_TEXT 160
/* "[3, 4]", into `text`, which is returned. */
const char *hone_shape_text(const struct hone_array *array, char text[HONE_SHAPE_TEXT]);
/* Refuse the operands: "x is [3, 4], y is [5]: expected ...". */
int hone_operands_fail(const struct hone_operation *operation, struct hone_error *error,
                       const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Refuse an operand that has not `ndim` dimensions. */
int hone_operand_rank(const struct hone_operation *operation, uint32_t operand, uint32_t ndim,
                      struct hone_error *error);

/* Give the output the first operand's shape. */
int hone_shape_same(struct hone_operation *operation, struct hone_error *error);
void hone_output_shape(struct hone_operation *operation, uint32_t ndim, const int64_t *shape);

/* An array seen along one axis: `outer` times `length` times `inner`. */
struct hone_axis_view {
    int64_t outer, length, inner;
};
struct hone_axis_view hone_axis_view(const struct hone_array *array, uint32_t axis);

/* A whole number within 0..below - 1, from an array of indices; or refuse it. */
int hone_index(const struct hone_array *array, int64_t at, int64_t below, const char *name,
               int64_t *index, struct hone_error *error);

#endif
