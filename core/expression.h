/* expression.h - the one expression language of tasks and launch plans.
 *
 * C's operators ?: || && == != < <= > >= + - * / % and unary - + !, parentheses, decimal numbers,
 * names, and the functions min max ceil_div round_up log2 next_pow2. Two types, chosen by the
 * caller:
 *
 * - integer: int64; overflow and division by zero are errors; / and % truncate as in C; log2 rounds
 *   down;
 * - real: double; also sqrt exp log pow sizeof(dtype) and numbers such as 1e-5; a result that is
 *   not finite is an error.
 *
 * A branch that is not taken is checked for syntax and names, but not computed. Nothing is
 * allocated, nesting is bounded, text of any kind is safe. Pure functions; any thread. Errors are
 * -EINVAL, and name the column, from 1.
 */
#ifndef HONE_CORE_EXPRESSION_H
#define HONE_CORE_EXPRESSION_H

#include "plugins/plugin.h"

#include <stdbool.h>
#include <stdint.h>

/* One name. A real one is unknown to integer expressions; an integer one is known to both. */
struct hone_name {
    const char *name;
    bool is_real;
    int64_t integer; /* when not is_real */
    double real;     /* when is_real */
};

struct hone_names {
    const struct hone_name *rows;
    uint32_t count;
};

int hone_expression_integer(const char *text, const struct hone_names *names, int64_t *value,
                            struct hone_error *error);
int hone_expression_real(const char *text, const struct hone_names *names, double *value,
                         struct hone_error *error);

/* The same for a part of a longer text: on error the message says only what is wrong, and *column
 * where in the part. A NULL `value`: checked for syntax and names, and not computed. */
int hone_expression_integer_part(const char *text, const struct hone_names *names, int64_t *value,
                                 uint32_t *column, struct hone_error *error);
int hone_expression_real_part(const char *text, const struct hone_names *names, double *value,
                              uint32_t *column, struct hone_error *error);

/* Is this word a function or otherwise taken, so that nothing else may be called so? */
bool hone_expression_reserved(const char *word);

#endif
