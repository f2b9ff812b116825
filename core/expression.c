#include "core/expression.h"

#include "core/error.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define WORD_MAX 63
#define TEXT_MAX 4096

/* A number of the expression's type: every node of one expression has the same. */
union number {
    int64_t integer;
    double real;
};

struct parser {
    const char *text;
    const char *at;
    const struct hone_names *names;
    struct hone_error *error;
    bool is_real;
    uint32_t depth;
    uint32_t skipping; /* > 0: inside a branch that is not taken */
    uint32_t *column;  /* of an error, where the caller puts it into words; else NULL */
};

static int fail_at(const struct parser *parser, const char *at, const char *what) {
    if (parser->column) {
        *parser->column = (uint32_t)(at - parser->text) + 1;
        return hone_fail(parser->error, -EINVAL, "%s", what);
    }
    return hone_fail(parser->error, -EINVAL, "%s at column %zu of \"%.80s\"", what,
                     (size_t)(at - parser->text) + 1, parser->text);
}

static void skip_blanks(struct parser *parser) {
    while (*parser->at == ' ' || *parser->at == '\t')
        parser->at++;
}

/* Take `token` if it comes next. A token that is the start of a longer operator is not taken. */
static bool take(struct parser *parser, const char *token) {
    skip_blanks(parser);
    size_t length = strlen(token);
    if (strncmp(parser->at, token, length) != 0)
        return false;
    if (length == 1 && strchr("<>!", token[0]) && parser->at[1] == '=')
        return false;
    parser->at += length;
    return true;
}

static bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

static bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

static bool is_true(const struct parser *parser, union number value) {
    return parser->is_real ? value.real != 0 : value.integer != 0;
}

static union number truth(const struct parser *parser, bool value) {
    return parser->is_real ? (union number){.real = value} : (union number){.integer = value};
}

/* Every computed real passes here, so that an infinity cannot hide inside a comparison. */
static int keep_finite(const struct parser *parser, const char *at, double value,
                       union number *out) {
    out->real = value;
    if (parser->skipping || isfinite(value))
        return 0;
    return fail_at(parser, at, "result is not finite");
}

static int divide(const struct parser *parser, const char *at, int64_t a, int64_t b, bool remainder,
                  int64_t *out) {
    if (b == 0)
        return fail_at(parser, at, "division by zero");
    if (a == INT64_MIN && b == -1)
        return fail_at(parser, at, "integer overflow");
    *out = remainder ? a % b : a / b;
    return 0;
}

static int compute_integer(const struct parser *parser, const char *at, char symbol, int64_t a,
                           int64_t b, int64_t *out) {
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
    return overflow ? fail_at(parser, at, "integer overflow") : 0;
}

static int compute(const struct parser *parser, const char *at, char symbol, union number a,
                   union number b, union number *out) {
    if (parser->skipping) {
        *out = truth(parser, false);
        return 0;
    }
    if (!parser->is_real)
        return compute_integer(parser, at, symbol, a.integer, b.integer, &out->integer);
    switch (symbol) {
    case '+':
        return keep_finite(parser, at, a.real + b.real, out);
    case '-':
        return keep_finite(parser, at, a.real - b.real, out);
    case '*':
        return keep_finite(parser, at, a.real * b.real, out);
    default:
        if (b.real == 0)
            return fail_at(parser, at, "division by zero");
        return keep_finite(parser, at, symbol == '/' ? a.real / b.real : fmod(a.real, b.real), out);
    }
}

/* ---- numbers, names and functions ---- */

static int parse_expression(struct parser *parser, union number *out);

static int parse_number(struct parser *parser, union number *out) {
    const char *start = parser->at;
    const char *end = start;
    while (is_digit(*end))
        end++;
    if (parser->is_real) {
        if (*end == '.')
            for (end++; is_digit(*end);)
                end++;
        const char *exponent = end;
        if (*exponent == 'e' || *exponent == 'E') {
            exponent++;
            if (*exponent == '+' || *exponent == '-')
                exponent++;
            if (!is_digit(*exponent))
                return fail_at(parser, end, "exponent without digits");
            while (is_digit(*exponent))
                exponent++;
            end = exponent;
        }
    }
    if (is_letter(*end) || is_digit(*end) || *end == '.')
        return fail_at(parser, end,
                       parser->is_real ? "malformed number"
                                       : "malformed number (integers only here)");
    parser->at = end;
    if (parser->is_real) { /* strtod reads no further than `end`: what follows is no part of a
                              number */
        return keep_finite(parser, start, strtod(start, NULL), out);
    }
    errno = 0;
    out->integer = strtoll(start, NULL, 10);
    return errno == ERANGE ? fail_at(parser, start, "number too large") : 0;
}

static int function_log2(const struct parser *parser, const char *at, union number a,
                         union number *out) {
    if (parser->is_real)
        return keep_finite(parser, at, log2(a.real), out);
    if (a.integer < 1)
        return fail_at(parser, at, "log2 of a number below 1");
    out->integer = 63 - __builtin_clzll((unsigned long long)a.integer);
    return 0;
}

static int function_next_pow2(const struct parser *parser, const char *at, union number a,
                              union number *out) {
    if (parser->is_real)
        return keep_finite(parser, at, a.real <= 1 ? 1 : exp2(ceil(log2(a.real))), out);
    if (a.integer > (int64_t)1 << 62)
        return fail_at(parser, at, "integer overflow");
    out->integer = 1;
    while (out->integer < a.integer)
        out->integer *= 2;
    return 0;
}

static int function_min(const struct parser *parser, union number a, union number b, bool largest,
                        union number *out) {
    bool less = parser->is_real ? a.real < b.real : a.integer < b.integer;
    *out = less != largest ? a : b;
    return 0;
}

/* Smallest multiple of b, in units of b, that is at least a; both for a >= 0 and b > 0 only. */
static int function_ceil_div(const struct parser *parser, const char *at, union number a,
                             union number b, bool multiply, union number *out) {
    if (parser->is_real) {
        if (!(a.real >= 0 && b.real > 0))
            return fail_at(parser, at, "wants a number >= 0 and one > 0");
        return keep_finite(parser, at, ceil(a.real / b.real) * (multiply ? b.real : 1), out);
    }
    if (a.integer < 0 || b.integer <= 0)
        return fail_at(parser, at, "wants a number >= 0 and one > 0");
    int64_t quotient = a.integer / b.integer + (a.integer % b.integer != 0);
    if (__builtin_mul_overflow(quotient, multiply ? b.integer : 1, &out->integer))
        return fail_at(parser, at, "integer overflow");
    return 0;
}

static const struct function {
    const char *name;
    uint32_t arguments;
    bool real_only;
} functions[] = {
    {"min", 2, false},  {"max", 2, false},       {"ceil_div", 2, false}, {"round_up", 2, false},
    {"log2", 1, false}, {"next_pow2", 1, false}, {"sqrt", 1, true},      {"exp", 1, true},
    {"log", 1, true},   {"pow", 2, true},
};

static int apply(const struct parser *parser, const char *at, const char *name, union number a,
                 union number b, union number *out) {
    *out = truth(parser, false);
    if (parser->skipping)
        return 0;
    if (strcmp(name, "min") == 0)
        return function_min(parser, a, b, false, out);
    if (strcmp(name, "max") == 0)
        return function_min(parser, a, b, true, out);
    if (strcmp(name, "ceil_div") == 0)
        return function_ceil_div(parser, at, a, b, false, out);
    if (strcmp(name, "round_up") == 0)
        return function_ceil_div(parser, at, a, b, true, out);
    if (strcmp(name, "log2") == 0)
        return function_log2(parser, at, a, out);
    if (strcmp(name, "next_pow2") == 0)
        return function_next_pow2(parser, at, a, out);
    if (strcmp(name, "sqrt") == 0)
        return keep_finite(parser, at, sqrt(a.real), out);
    if (strcmp(name, "exp") == 0)
        return keep_finite(parser, at, exp(a.real), out);
    if (strcmp(name, "log") == 0)
        return keep_finite(parser, at, log(a.real), out);
    return keep_finite(parser, at, pow(a.real, b.real), out);
}

static int parse_call(struct parser *parser, const char *at, const struct function *function,
                      union number *out) {
    union number arguments[2] = {{0}, {0}};
    for (uint32_t i = 0; i < function->arguments; i++) {
        if (i > 0 && !take(parser, ","))
            return fail_at(parser, parser->at, "expected ',' and a second argument");
        int result = parse_expression(parser, &arguments[i]);
        if (result < 0)
            return result;
    }
    if (!take(parser, ")"))
        return fail_at(parser, parser->at, "expected ')' after the arguments");
    return apply(parser, at, function->name, arguments[0], arguments[1], out);
}

static void read_word(struct parser *parser, char word[WORD_MAX + 1]) {
    size_t length = 0;
    while (is_letter(*parser->at) || is_digit(*parser->at)) {
        if (length < WORD_MAX)
            word[length++] = *parser->at;
        parser->at++;
    }
    word[length] = '\0';
}

static int parse_sizeof(struct parser *parser, union number *out) {
    static const struct {
        const char *name;
        double bytes;
    } types[] = {{"f64", 8}, {"f32", 4}, {"f16", 2}, {"bf16", 2},
                 {"i64", 8}, {"i32", 4}, {"u8", 1},  {"bool", 1}};
    skip_blanks(parser);
    const char *at = parser->at;
    char word[WORD_MAX + 1];
    read_word(parser, word);
    if (!take(parser, ")"))
        return fail_at(parser, parser->at, "expected ')' after a dtype");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(word, types[i].name) == 0) {
            out->real = types[i].bytes;
            return 0;
        }
    return fail_at(parser, at, "unknown dtype");
}

static int parse_name(struct parser *parser, union number *out) {
    const char *at = parser->at;
    char word[WORD_MAX + 1];
    read_word(parser, word);
    if (parser->at - at > WORD_MAX)
        return fail_at(parser, at, "name too long");
    if (take(parser, "(")) {
        if (parser->is_real && strcmp(word, "sizeof") == 0)
            return parse_sizeof(parser, out);
        for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
            if (strcmp(word, functions[i].name) == 0) {
                if (functions[i].real_only && !parser->is_real)
                    return fail_at(parser, at, "this function is for real expressions only, used");
                return parse_call(parser, at, &functions[i], out);
            }
        return fail_at(parser, at, "unknown function");
    }
    for (uint32_t i = 0; i < parser->names->count; i++) {
        const struct hone_name *name = &parser->names->rows[i];
        if (strcmp(word, name->name) != 0)
            continue;
        if (!parser->is_real) {
            if (name->is_real)
                return fail_at(parser, at, "a real name in an integer expression");
            out->integer = name->integer;
            return 0;
        }
        return keep_finite(parser, at, name->is_real ? name->real : (double)name->integer, out);
    }
    return fail_at(parser, at, "unknown name");
}

/* ---- the grammar, tightest binding first ---- */

static int parse_unary(struct parser *parser, union number *out) {
    skip_blanks(parser);
    const char *at = parser->at;
    if (parser->depth >= DEPTH_MAX)
        return fail_at(parser, at, "nested too deeply");
    parser->depth++;
    int result;
    if (take(parser, "-")) {
        result = parse_unary(parser, out);
        if (result == 0)
            result = compute(parser, at, '-', truth(parser, false), *out, out);
    } else if (take(parser, "+")) {
        result = parse_unary(parser, out);
    } else if (take(parser, "!")) {
        result = parse_unary(parser, out);
        if (result == 0)
            *out = truth(parser, !is_true(parser, *out));
    } else if (take(parser, "(")) {
        result = parse_expression(parser, out);
        if (result == 0 && !take(parser, ")"))
            result = fail_at(parser, parser->at, "expected ')'");
    } else if (is_digit(*at) || (parser->is_real && *at == '.' && is_digit(at[1]))) {
        result = parse_number(parser, out);
    } else if (is_letter(*at)) {
        result = parse_name(parser, out);
    } else {
        result = fail_at(parser, at, "expected a number, a name or '('");
    }
    parser->depth--;
    return result;
}

static int parse_product(struct parser *parser, union number *out) {
    int result = parse_unary(parser, out);
    while (result == 0) {
        skip_blanks(parser);
        const char *at = parser->at;
        if (*at != '*' && *at != '/' && *at != '%')
            return 0;
        parser->at++;
        union number right;
        result = parse_unary(parser, &right);
        if (result == 0)
            result = compute(parser, at, *at, *out, right, out);
    }
    return result;
}

static int parse_sum(struct parser *parser, union number *out) {
    int result = parse_product(parser, out);
    while (result == 0) {
        skip_blanks(parser);
        const char *at = parser->at;
        if (*at != '+' && *at != '-')
            return 0;
        parser->at++;
        union number right;
        result = parse_product(parser, &right);
        if (result == 0)
            result = compute(parser, at, *at, *out, right, out);
    }
    return result;
}

static int order(const struct parser *parser, union number a, union number b) {
    if (parser->is_real)
        return (a.real > b.real) - (a.real < b.real);
    return (a.integer > b.integer) - (a.integer < b.integer);
}

static int parse_comparison(struct parser *parser, union number *out) {
    int result = parse_sum(parser, out);
    while (result == 0) {
        static const char *const tokens[] = {"<=", ">=", "<", ">"};
        uint32_t which = 0;
        while (which < 4 && !take(parser, tokens[which]))
            which++;
        if (which == 4)
            return 0;
        union number right;
        result = parse_sum(parser, &right);
        if (result < 0)
            return result;
        int sign = order(parser, *out, right);
        const bool answers[] = {sign <= 0, sign >= 0, sign<0, sign> 0};
        *out = truth(parser, answers[which]);
    }
    return result;
}

static int parse_equality(struct parser *parser, union number *out) {
    int result = parse_comparison(parser, out);
    while (result == 0) {
        bool equal = take(parser, "==");
        if (!equal && !take(parser, "!="))
            return 0;
        union number right;
        result = parse_comparison(parser, &right);
        if (result == 0)
            *out = truth(parser, (order(parser, *out, right) == 0) == equal);
    }
    return result;
}

static int parse_and(struct parser *parser, union number *out) {
    int result = parse_equality(parser, out);
    while (result == 0 && take(parser, "&&")) {
        bool left = is_true(parser, *out);
        union number right;
        parser->skipping += !left;
        result = parse_equality(parser, &right);
        parser->skipping -= !left;
        if (result == 0)
            *out = truth(parser, left && is_true(parser, right));
    }
    return result;
}

static int parse_or(struct parser *parser, union number *out) {
    int result = parse_and(parser, out);
    while (result == 0 && take(parser, "||")) {
        bool left = is_true(parser, *out);
        union number right;
        parser->skipping += left;
        result = parse_and(parser, &right);
        parser->skipping -= left;
        if (result == 0)
            *out = truth(parser, left || is_true(parser, right));
    }
    return result;
}

static int parse_choice(struct parser *parser, union number *out) {
    int result = parse_or(parser, out);
    if (result < 0 || !take(parser, "?"))
        return result;
    bool condition = is_true(parser, *out);
    union number yes, no;
    parser->skipping += !condition;
    result = parse_expression(parser, &yes);
    parser->skipping -= !condition;
    if (result < 0)
        return result;
    if (!take(parser, ":"))
        return fail_at(parser, parser->at, "expected ':'");
    parser->skipping += condition;
    result = parse_expression(parser, &no);
    parser->skipping -= condition;
    if (result == 0)
        *out = condition ? yes : no;
    return result;
}

static int parse_expression(struct parser *parser, union number *out) {
    if (parser->depth >= DEPTH_MAX)
        return fail_at(parser, parser->at, "nested too deeply");
    parser->depth++;
    int result = parse_choice(parser, out);
    parser->depth--;
    return result;
}

static int evaluate(const char *text, struct parser parser, union number *out) {
    static const struct hone_names none = {NULL, 0};
    parser.text = parser.at = text;
    if (!parser.names)
        parser.names = &none;
    if (strnlen(text, TEXT_MAX) == TEXT_MAX) {
        if (parser.column)
            *parser.column = TEXT_MAX;
        return hone_fail(parser.error, -EINVAL, "expression longer than %d characters",
                         TEXT_MAX - 1);
    }
    int result = parse_expression(&parser, out);
    if (result < 0)
        return result;
    skip_blanks(&parser);
    return *parser.at ? fail_at(&parser, parser.at, "expected an operator or the end") : 0;
}

static int evaluate_integer(const char *text, struct parser parser, int64_t *value) {
    union number out;
    parser.skipping = !value;
    int result = evaluate(text, parser, &out);
    if (result == 0 && value)
        *value = out.integer;
    return result;
}

static int evaluate_real(const char *text, struct parser parser, double *value) {
    union number out;
    parser.is_real = true;
    parser.skipping = !value;
    int result = evaluate(text, parser, &out);
    if (result == 0 && value)
        *value = out.real;
    return result;
}

int hone_expression_integer(const char *text, const struct hone_names *names, int64_t *value,
                            struct hone_error *error) {
    return evaluate_integer(text, (struct parser){.names = names, .error = error}, value);
}

int hone_expression_real(const char *text, const struct hone_names *names, double *value,
                         struct hone_error *error) {
    return evaluate_real(text, (struct parser){.names = names, .error = error}, value);
}

int hone_expression_integer_part(const char *text, const struct hone_names *names, int64_t *value,
                                 uint32_t *column, struct hone_error *error) {
    return evaluate_integer(text, (struct parser){.names = names, .error = error, .column = column},
                            value);
}

int hone_expression_real_part(const char *text, const struct hone_names *names, double *value,
                              uint32_t *column, struct hone_error *error) {
    return evaluate_real(text, (struct parser){.names = names, .error = error, .column = column},
                         value);
}

bool hone_expression_reserved(const char *word) {
    if (strcmp(word, "sizeof") == 0)
        return true;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(word, functions[i].name) == 0)
            return true;
    return false;
}
