/* Reading an expression: one pass, which computes while it goes. */
#include "core/expression_private.h"

#include "core/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define WORD_MAX 63
#define TEXT_MAX 4096

int hone_expression_fail(const struct hone_expression_parser *parser, const char *at,
                         const char *what) {
    if (parser->column) {
        *parser->column = (uint32_t)(at - parser->text) + 1;
        return hone_fail(parser->error, -EINVAL, "%s", what);
    }
    return hone_fail(parser->error, -EINVAL, "%s at column %zu of \"%.80s\"", what,
                     (size_t)(at - parser->text) + 1, parser->text);
}

static void skip_blanks(struct hone_expression_parser *parser) {
    while (*parser->at == ' ' || *parser->at == '\t')
        parser->at++;
}

/* Take `token` if it comes next. A token that is the start of a longer operator is not taken. */
static bool take(struct hone_expression_parser *parser, const char *token) {
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

static bool is_true(const struct hone_expression_parser *parser,
                    union hone_expression_number value) {
    return parser->is_real ? value.real != 0 : value.integer != 0;
}

/* ---- numbers, names and functions ---- */

static int parse_expression(struct hone_expression_parser *parser,
                            union hone_expression_number *out);

static int parse_number(struct hone_expression_parser *parser, union hone_expression_number *out) {
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
                return hone_expression_fail(parser, end, "exponent without digits");
            while (is_digit(*exponent))
                exponent++;
            end = exponent;
        }
    }
    if (is_letter(*end) || is_digit(*end) || *end == '.')
        return hone_expression_fail(parser, end,
                                    parser->is_real ? "malformed number"
                                                    : "malformed number (integers only here)");
    parser->at = end;
    if (parser->is_real) /* strtod() goes no further than `end`: there a number has ended */
        return hone_expression_keep(parser, start, strtod(start, NULL), out);
    errno = 0;
    out->integer = strtoll(start, NULL, 10);
    return errno == ERANGE ? hone_expression_fail(parser, start, "number too large") : 0;
}

static int parse_call(struct hone_expression_parser *parser, const char *at,
                      const struct hone_expression_function *function,
                      union hone_expression_number *out) {
    union hone_expression_number arguments[2] = {{0}, {0}};
    for (uint32_t i = 0; i < function->arguments; i++) {
        if (i > 0 && !take(parser, ","))
            return hone_expression_fail(parser, parser->at, "expected ',' and a second argument");
        int result = parse_expression(parser, &arguments[i]);
        if (result < 0)
            return result;
    }
    if (!take(parser, ")"))
        return hone_expression_fail(parser, parser->at, "expected ')' after the arguments");
    *out = hone_expression_truth(parser, false);
    return parser->skipping ? 0 : function->compute(parser, at, arguments[0], arguments[1], out);
}

static void read_word(struct hone_expression_parser *parser, char word[WORD_MAX + 1]) {
    size_t length = 0;
    while (is_letter(*parser->at) || is_digit(*parser->at)) {
        if (length < WORD_MAX)
            word[length++] = *parser->at;
        parser->at++;
    }
    word[length] = '\0';
}

static int parse_sizeof(struct hone_expression_parser *parser, union hone_expression_number *out) {
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
        return hone_expression_fail(parser, parser->at, "expected ')' after a dtype");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(word, types[i].name) == 0) {
            out->real = types[i].bytes;
            return 0;
        }
    return hone_expression_fail(parser, at, "unknown dtype");
}

static int parse_name(struct hone_expression_parser *parser, union hone_expression_number *out) {
    const char *at = parser->at;
    char word[WORD_MAX + 1];
    read_word(parser, word);
    if (parser->at - at > WORD_MAX)
        return hone_expression_fail(parser, at, "name too long");
    if (take(parser, "(")) {
        if (parser->is_real && strcmp(word, "sizeof") == 0)
            return parse_sizeof(parser, out);
        const struct hone_expression_function *function = hone_expression_function(word);
        if (!function)
            return hone_expression_fail(parser, at, "unknown function");
        if (function->real_only && !parser->is_real)
            return hone_expression_fail(parser, at,
                                        "this function is for real expressions only, used");
        return parse_call(parser, at, function, out);
    }
    for (uint32_t i = 0; i < parser->names->count; i++) {
        const struct hone_name *name = &parser->names->rows[i];
        if (strcmp(word, name->name) != 0)
            continue;
        if (!parser->is_real) {
            if (name->is_real)
                return hone_expression_fail(parser, at, "a real name in an integer expression");
            out->integer = name->integer;
            return 0;
        }
        return hone_expression_keep(parser, at, name->is_real ? name->real : (double)name->integer,
                                    out);
    }
    return hone_expression_fail(parser, at, "unknown name");
}

/* ---- the grammar, tightest binding first ---- */

static int parse_unary(struct hone_expression_parser *parser, union hone_expression_number *out) {
    skip_blanks(parser);
    const char *at = parser->at;
    if (parser->depth >= DEPTH_MAX)
        return hone_expression_fail(parser, at, "nested too deeply");
    parser->depth++;
    int result;
    if (take(parser, "-")) {
        result = parse_unary(parser, out);
        if (result == 0)
            result = hone_expression_compute(parser, at, '-', hone_expression_truth(parser, false),
                                             *out, out);
    } else if (take(parser, "+")) {
        result = parse_unary(parser, out);
    } else if (take(parser, "!")) {
        result = parse_unary(parser, out);
        if (result == 0)
            *out = hone_expression_truth(parser, !is_true(parser, *out));
    } else if (take(parser, "(")) {
        result = parse_expression(parser, out);
        if (result == 0 && !take(parser, ")"))
            result = hone_expression_fail(parser, parser->at, "expected ')'");
    } else if (is_digit(*at) || (parser->is_real && *at == '.' && is_digit(at[1]))) {
        result = parse_number(parser, out);
    } else if (is_letter(*at)) {
        result = parse_name(parser, out);
    } else {
        result = hone_expression_fail(parser, at, "expected a number, a name or '('");
    }
    parser->depth--;
    return result;
}

static int parse_product(struct hone_expression_parser *parser, union hone_expression_number *out) {
    int result = parse_unary(parser, out);
    while (result == 0) {
        skip_blanks(parser);
        const char *at = parser->at;
        if (*at != '*' && *at != '/' && *at != '%')
            return 0;
        parser->at++;
        union hone_expression_number right;
        result = parse_unary(parser, &right);
        if (result == 0)
            result = hone_expression_compute(parser, at, *at, *out, right, out);
    }
    return result;
}

static int parse_sum(struct hone_expression_parser *parser, union hone_expression_number *out) {
    int result = parse_product(parser, out);
    while (result == 0) {
        skip_blanks(parser);
        const char *at = parser->at;
        if (*at != '+' && *at != '-')
            return 0;
        parser->at++;
        union hone_expression_number right;
        result = parse_product(parser, &right);
        if (result == 0)
            result = hone_expression_compute(parser, at, *at, *out, right, out);
    }
    return result;
}

static int order(const struct hone_expression_parser *parser, union hone_expression_number a,
                 union hone_expression_number b) {
    if (parser->is_real)
        return (a.real > b.real) - (a.real < b.real);
    return (a.integer > b.integer) - (a.integer < b.integer);
}

static int parse_comparison(struct hone_expression_parser *parser,
                            union hone_expression_number *out) {
    int result = parse_sum(parser, out);
    while (result == 0) {
        static const char *const tokens[] = {"<=", ">=", "<", ">"};
        uint32_t which = 0;
        while (which < 4 && !take(parser, tokens[which]))
            which++;
        if (which == 4)
            return 0;
        union hone_expression_number right;
        result = parse_sum(parser, &right);
        if (result < 0)
            return result;
        int sign = order(parser, *out, right);
        const bool answers[] = {sign <= 0, sign >= 0, sign<0, sign> 0};
        *out = hone_expression_truth(parser, answers[which]);
    }
    return result;
}

static int parse_equality(struct hone_expression_parser *parser,
                          union hone_expression_number *out) {
    int result = parse_comparison(parser, out);
    while (result == 0) {
        bool equal = take(parser, "==");
        if (!equal && !take(parser, "!="))
            return 0;
        union hone_expression_number right;
        result = parse_comparison(parser, &right);
        if (result == 0)
            *out = hone_expression_truth(parser, (order(parser, *out, right) == 0) == equal);
    }
    return result;
}

static int parse_and(struct hone_expression_parser *parser, union hone_expression_number *out) {
    int result = parse_equality(parser, out);
    while (result == 0 && take(parser, "&&")) {
        bool left = is_true(parser, *out);
        union hone_expression_number right;
        parser->skipping += !left;
        result = parse_equality(parser, &right);
        parser->skipping -= !left;
        if (result == 0)
            *out = hone_expression_truth(parser, left && is_true(parser, right));
    }
    return result;
}

static int parse_or(struct hone_expression_parser *parser, union hone_expression_number *out) {
    int result = parse_and(parser, out);
    while (result == 0 && take(parser, "||")) {
        bool left = is_true(parser, *out);
        union hone_expression_number right;
        parser->skipping += left;
        result = parse_and(parser, &right);
        parser->skipping -= left;
        if (result == 0)
            *out = hone_expression_truth(parser, left || is_true(parser, right));
    }
    return result;
}

static int parse_choice(struct hone_expression_parser *parser, union hone_expression_number *out) {
    int result = parse_or(parser, out);
    if (result < 0 || !take(parser, "?"))
        return result;
    bool condition = is_true(parser, *out);
    union hone_expression_number yes, no;
    parser->skipping += !condition;
    result = parse_expression(parser, &yes);
    parser->skipping -= !condition;
    if (result < 0)
        return result;
    if (!take(parser, ":"))
        return hone_expression_fail(parser, parser->at, "expected ':'");
    parser->skipping += condition;
    result = parse_expression(parser, &no);
    parser->skipping -= condition;
    if (result == 0)
        *out = condition ? yes : no;
    return result;
}

static int parse_expression(struct hone_expression_parser *parser,
                            union hone_expression_number *out) {
    if (parser->depth >= DEPTH_MAX)
        return hone_expression_fail(parser, parser->at, "nested too deeply");
    parser->depth++;
    int result = parse_choice(parser, out);
    parser->depth--;
    return result;
}

static int evaluate(const char *text, struct hone_expression_parser parser,
                    union hone_expression_number *out) {
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
    return *parser.at ? hone_expression_fail(&parser, parser.at, "expected an operator or the end")
                      : 0;
}

static int evaluate_integer(const char *text, struct hone_expression_parser parser,
                            int64_t *value) {
    union hone_expression_number out;
    parser.skipping = !value;
    int result = evaluate(text, parser, &out);
    if (result == 0 && value)
        *value = out.integer;
    return result;
}

static int evaluate_real(const char *text, struct hone_expression_parser parser, double *value) {
    union hone_expression_number out;
    parser.is_real = true;
    parser.skipping = !value;
    int result = evaluate(text, parser, &out);
    if (result == 0 && value)
        *value = out.real;
    return result;
}

int hone_expression_integer(const char *text, const struct hone_names *names, int64_t *value,
                            struct hone_error *error) {
    return evaluate_integer(text, (struct hone_expression_parser){.names = names, .error = error},
                            value);
}

int hone_expression_real(const char *text, const struct hone_names *names, double *value,
                         struct hone_error *error) {
    return evaluate_real(text, (struct hone_expression_parser){.names = names, .error = error},
                         value);
}

int hone_expression_integer_part(const char *text, const struct hone_names *names, int64_t *value,
                                 uint32_t *column, struct hone_error *error) {
    return evaluate_integer(
        text, (struct hone_expression_parser){.names = names, .error = error, .column = column},
        value);
}

int hone_expression_real_part(const char *text, const struct hone_names *names, double *value,
                              uint32_t *column, struct hone_error *error) {
    return evaluate_real(
        text, (struct hone_expression_parser){.names = names, .error = error, .column = column},
        value);
}

bool hone_expression_reserved(const char *word) {
    return strcmp(word, "sizeof") == 0 || hone_expression_function(word);
}
