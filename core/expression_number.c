/* What the operators and functions of an expression compute, in either type. */
#include "core/expression_private.h"

#include <math.h>
#include <string.h>

union hone_expression_number hone_expression_truth(const struct hone_expression_parser *parser,
                                                   bool value) {
    return parser->is_real ? (union hone_expression_number){.real = value}
                           : (union hone_expression_number){.integer = value};
}

int hone_expression_keep(const struct hone_expression_parser *parser, const char *at, double value,
                         union hone_expression_number *out) {
    out->real = value;
    if (parser->skipping || isfinite(value))
        return 0;
    return hone_expression_fail(parser, at, "result is not finite");
}

static int divide(const struct hone_expression_parser *parser, const char *at, int64_t a, int64_t b,
                  bool remainder, int64_t *out) {
    if (b == 0)
        return hone_expression_fail(parser, at, "division by zero");
    if (a == INT64_MIN && b == -1)
        return hone_expression_fail(parser, at, "integer overflow");
    *out = remainder ? a % b : a / b;
    return 0;
}

static int compute_integer(const struct hone_expression_parser *parser, const char *at, char symbol,
                           int64_t a, int64_t b, int64_t *out) {
    bool overflow = false;
    switch (symbol) {
    case '+':
        overflow = __builtin_add_overflow(a, b, out);
        break;
    case '-':
        overflow = __builtin_sub_overflow(a, b, out);
        break;
    case '*':
        overflow = __builtin_mul_overflow(a, b, out);
        break;
    default:
        return divide(parser, at, a, b, symbol == '%', out);
    }
    return overflow ? hone_expression_fail(parser, at, "integer overflow") : 0;
}

int hone_expression_compute(const struct hone_expression_parser *parser, const char *at,
                            char symbol, union hone_expression_number a,
                            union hone_expression_number b, union hone_expression_number *out) {
    if (parser->skipping) {
        *out = hone_expression_truth(parser, false);
        return 0;
    }
    if (!parser->is_real)
        return compute_integer(parser, at, symbol, a.integer, b.integer, &out->integer);
    switch (symbol) {
    case '+':
        return hone_expression_keep(parser, at, a.real + b.real, out);
    case '-':
        return hone_expression_keep(parser, at, a.real - b.real, out);
    case '*':
        return hone_expression_keep(parser, at, a.real * b.real, out);
    default:
        if (b.real == 0)
            return hone_expression_fail(parser, at, "division by zero");
        return hone_expression_keep(parser, at,
                                    symbol == '/' ? a.real / b.real : fmod(a.real, b.real), out);
    }
}

/* ---- functions ---- */

static int compute_log2(const struct hone_expression_parser *parser, const char *at,
                        union hone_expression_number a, union hone_expression_number b,
                        union hone_expression_number *out) {
    (void)b;
    if (parser->is_real)
        return hone_expression_keep(parser, at, log2(a.real), out);
    if (a.integer < 1)
        return hone_expression_fail(parser, at, "log2 of a number below 1");
    out->integer = 63 - __builtin_clzll((unsigned long long)a.integer);
    return 0;
}

static int compute_next_pow2(const struct hone_expression_parser *parser, const char *at,
                             union hone_expression_number a, union hone_expression_number b,
                             union hone_expression_number *out) {
    (void)b;
    if (parser->is_real)
        return hone_expression_keep(parser, at, a.real <= 1 ? 1 : exp2(ceil(log2(a.real))), out);
    if (a.integer > (int64_t)1 << 62)
        return hone_expression_fail(parser, at, "integer overflow");
    out->integer = 1;
    while (out->integer < a.integer)
        out->integer *= 2;
    return 0;
}

static bool is_less(const struct hone_expression_parser *parser, union hone_expression_number a,
                    union hone_expression_number b) {
    return parser->is_real ? a.real < b.real : a.integer < b.integer;
}

static int compute_min(const struct hone_expression_parser *parser, const char *at,
                       union hone_expression_number a, union hone_expression_number b,
                       union hone_expression_number *out) {
    (void)at;
    *out = is_less(parser, a, b) ? a : b;
    return 0;
}

static int compute_max(const struct hone_expression_parser *parser, const char *at,
                       union hone_expression_number a, union hone_expression_number b,
                       union hone_expression_number *out) {
    (void)at;
    *out = is_less(parser, a, b) ? b : a;
    return 0;
}

/* How many times b fits into a, the last time perhaps not whole; for a >= 0 and b > 0 only. */
static int compute_ceil_div(const struct hone_expression_parser *parser, const char *at,
                            union hone_expression_number a, union hone_expression_number b,
                            union hone_expression_number *out) {
    const bool good = parser->is_real ? a.real >= 0 && b.real > 0 : a.integer >= 0 && b.integer > 0;
    if (!good)
        return hone_expression_fail(parser, at, "wants a number >= 0 and one > 0");
    if (parser->is_real)
        return hone_expression_keep(parser, at, ceil(a.real / b.real), out);
    out->integer = a.integer / b.integer + (a.integer % b.integer != 0);
    return 0;
}

/* The smallest multiple of b that is at least a. */
static int compute_round_up(const struct hone_expression_parser *parser, const char *at,
                            union hone_expression_number a, union hone_expression_number b,
                            union hone_expression_number *out) {
    int result = compute_ceil_div(parser, at, a, b, out);
    return result < 0 ? result : hone_expression_compute(parser, at, '*', *out, b, out);
}

static int compute_sqrt(const struct hone_expression_parser *parser, const char *at,
                        union hone_expression_number a, union hone_expression_number b,
                        union hone_expression_number *out) {
    (void)b;
    return hone_expression_keep(parser, at, sqrt(a.real), out);
}

static int compute_exp(const struct hone_expression_parser *parser, const char *at,
                       union hone_expression_number a, union hone_expression_number b,
                       union hone_expression_number *out) {
    (void)b;
    return hone_expression_keep(parser, at, exp(a.real), out);
}

static int compute_log(const struct hone_expression_parser *parser, const char *at,
                       union hone_expression_number a, union hone_expression_number b,
                       union hone_expression_number *out) {
    (void)b;
    return hone_expression_keep(parser, at, log(a.real), out);
}

static int compute_pow(const struct hone_expression_parser *parser, const char *at,
                       union hone_expression_number a, union hone_expression_number b,
                       union hone_expression_number *out) {
    return hone_expression_keep(parser, at, pow(a.real, b.real), out);
}

const struct hone_expression_function *hone_expression_function(const char *name) {
    static const struct hone_expression_function functions[] = {
        {"min", 2, false, compute_min},
        {"max", 2, false, compute_max},
        {"ceil_div", 2, false, compute_ceil_div},
        {"round_up", 2, false, compute_round_up},
        {"log2", 1, false, compute_log2},
        {"next_pow2", 1, false, compute_next_pow2},
        {"sqrt", 1, true, compute_sqrt},
        {"exp", 1, true, compute_exp},
        {"log", 1, true, compute_log},
        {"pow", 2, true, compute_pow},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(name, functions[i].name) == 0)
            return &functions[i];
    return NULL;
}
