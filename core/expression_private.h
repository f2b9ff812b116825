/* expression_private.h - what reading an expression and computing with its numbers share; for
 * core/expression*.c alone. */
#ifndef HONE_CORE_EXPRESSION_PRIVATE_H
#define HONE_CORE_EXPRESSION_PRIVATE_H

#include "core/expression.h"

/* A number of the expression's type: every node of one expression has the same. */
union hone_expression_number {
    int64_t integer;
    double real;
};

struct hone_expression_parser {
    const char *text;
    const char *at;
    const struct hone_names *names;
    struct hone_error *error;
    bool is_real;
    uint32_t depth;
    uint32_t skipping; /* > 0: inside a branch that is not taken */
    uint32_t *column;  /* of an error, where the caller puts it into words; else NULL */
};

/* Refuse what stands at `at`: -EINVAL. */
int hone_expression_fail(const struct hone_expression_parser *parser, const char *at,
                         const char *what);

/* ---- expression_number.c: all refuse at `at`, and compute nothing while skipping ---- */

union hone_expression_number hone_expression_truth(const struct hone_expression_parser *parser,
                                                   bool value);
/* Every computed real passes here, so that an infinity cannot hide inside a comparison. */
int hone_expression_keep(const struct hone_expression_parser *parser, const char *at, double value,
                         union hone_expression_number *out);
/* `symbol` is one of + - * / %. */
int hone_expression_compute(const struct hone_expression_parser *parser, const char *at,
                            char symbol, union hone_expression_number a,
                            union hone_expression_number b, union hone_expression_number *out);

/* A function of one or two arguments; the second of one is 0. */
struct hone_expression_function {
    const char *name;
    uint32_t arguments;
    bool real_only;
    int (*compute)(const struct hone_expression_parser *parser, const char *at,
                   union hone_expression_number a, union hone_expression_number b,
                   union hone_expression_number *out);
};
const struct hone_expression_function *hone_expression_function(const char *name); /* or NULL */

#endif
