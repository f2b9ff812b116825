#include "core/expression.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct hone_name rows[] = {
    {.name = "m", .integer = 7},
    {.name = "n", .integer = 1000},
    {.name = "zero", .integer = 0},
    {.name = "most", .integer = INT64_MAX},
    {.name = "least", .integer = INT64_MIN},
    {.name = "scale", .is_real = true, .real = 0.5},
};
static const struct hone_names names = {rows, 6};

static int64_t whole(const char *text) {
    int64_t value = -99;
    struct hone_error error = {""};
    int result = hone_expression_integer(text, &names, &value, &error);
    cr_assert(eq(int, result, 0), "%s: %s", text, error.text);
    return value;
}

static double real(const char *text) {
    double value = -99;
    struct hone_error error = {""};
    int result = hone_expression_real(text, &names, &value, &error);
    cr_assert(eq(int, result, 0), "%s: %s", text, error.text);
    return value;
}

/* The text must be refused with a message that holds `expected`. */
static void refuse(bool as_real, const char *text, const char *expected) {
    int64_t integer = 42;
    double value = 42;
    struct hone_error error = {""};
    int result = as_real ? hone_expression_real(text, &names, &value, &error)
                         : hone_expression_integer(text, &names, &integer, &error);
    cr_expect(eq(int, result, -EINVAL), "%s was taken", text);
    cr_expect(ne(ptr, strstr(error.text, expected), NULL), "%s: \"%s\" lacks \"%s\"", text,
              error.text, expected);
    cr_expect(eq(i64, integer, 42));
    cr_expect(eq(dbl, value, 42));
}

Test(expression, binds_operators_as_c_does) {
    cr_expect(eq(i64, whole("1 + 2 * 3"), 7));
    cr_expect(eq(i64, whole("2 - 3 - 4"), -5));
    cr_expect(eq(i64, whole("100 / 7 % 5 * 2"), 8));
    cr_expect(eq(i64, whole("-7 / 2"), -3));
    cr_expect(eq(i64, whole("-7 % 2"), -1));
    cr_expect(eq(i64, whole("1 + 1 == 2"), 1));
    cr_expect(eq(i64, whole("1 < 2 == 2 > 1"), 1));
    cr_expect(eq(i64, whole("1 || 0 && 0"), 1));
    cr_expect(eq(i64, whole("!0 + !5"), 1));
    cr_expect(eq(i64, whole("-m*n + +1"), -6999));
    cr_expect(eq(i64, whole("0 ? 1 : 0 ? 2 : 3"), 3));
    cr_expect(eq(i64, whole("(m <= 7) + (m >= 8) + (m != 7)"), 1));
}

Test(expression, knows_the_functions_of_launch_plans) {
    cr_expect(eq(i64, whole("ceil_div(n, 256)"), 4));
    cr_expect(eq(i64, whole("ceil_div(1024, 256)"), 4));
    cr_expect(eq(i64, whole("ceil_div(most, 2)"), INT64_MAX / 2 + 1));
    cr_expect(eq(i64, whole("round_up(n, 64)"), 1024));
    cr_expect(eq(i64, whole("round_up(0, 64)"), 0));
    cr_expect(eq(i64, whole("min(m, n) + max(m, n)"), 1007));
    cr_expect(eq(i64, whole("log2(1) + log2(1023) + log2(1024)"), 19));
    cr_expect(eq(i64, whole("next_pow2(1) + next_pow2(5) + next_pow2(64)"), 73));
}

Test(expression, computes_reals_in_real_expressions_only) {
    cr_expect(eq(dbl, real("1e-5 * scale"), 0.5e-5));
    cr_expect(eq(dbl, real("1 / 4"), 0.25));
    cr_expect(eq(dbl, real(".5 + 2."), 2.5));
    cr_expect(eq(dbl, real("max(1, sqrt(n * n) / 100)"), 10));
    cr_expect(eq(dbl, real("pow(2, 10) + exp(0) + log(1)"), 1025));
    cr_expect(eq(dbl, real("n * sizeof(f32) + sizeof( bf16 )"), 4002));
    refuse(false, "sqrt(4)", "real expressions only");
    refuse(false, "1.5", "integers only");
    refuse(false, "scale", "real name");
    refuse(false, "sizeof(f32)", "unknown function");
}

Test(expression, refuses_what_overflows) {
    refuse(false, "most + 1", "overflow at column 6");
    refuse(false, "least - 1", "overflow at column 7");
    refuse(false, "most * 2", "overflow");
    refuse(false, "-least", "overflow at column 1");
    refuse(false, "least / -1", "overflow");
    refuse(false, "least % -1", "overflow");
    refuse(false, "round_up(most, 2)", "overflow");
    refuse(false, "next_pow2(most)", "overflow");
    refuse(false, "9223372036854775808", "too large");
    refuse(true, "1e308 * 10", "not finite");
    refuse(true, "1e999", "not finite");
    refuse(true, "exp(1000)", "not finite");
    refuse(true, "sqrt(-1)", "not finite");
    refuse(true, "log(0)", "not finite");
}

Test(expression, refuses_division_by_zero) {
    refuse(false, "m / zero", "division by zero at column 3");
    refuse(false, "m % zero", "division by zero");
    refuse(true, "m / zero", "division by zero");
    refuse(true, "m % 0.0", "division by zero");
    refuse(false, "ceil_div(m, zero)", "one > 0");
    refuse(false, "ceil_div(-1, 2)", ">= 0");
    refuse(false, "log2(0)", "below 1");
}

Test(expression, does_not_compute_a_branch_that_is_not_taken) {
    cr_expect(eq(i64, whole("zero ? m / zero : 5"), 5));
    cr_expect(eq(i64, whole("1 ? 5 : log2(zero) + most * most"), 5));
    cr_expect(eq(i64, whole("zero != 0 && m / zero > 1"), 0));
    cr_expect(eq(i64, whole("1 || m / zero"), 1));
    cr_expect(eq(dbl, real("zero ? sqrt(-1) / zero : 2"), 2));
    refuse(false, "1 ? 5 : unknown", "unknown name");
    refuse(false, "1 || (", "expected a number");
}

Test(expression, says_at_which_column_it_went_wrong) {
    refuse(false, "", "column 1");
    refuse(false, "m +", "column 4");
    refuse(false, "m + k", "unknown name at column 5");
    refuse(false, "(m", "expected ')' at column 3");
    refuse(false, "m n", "expected an operator or the end at column 3");
    refuse(false, "min(1)", "expected ',' and a second argument at column 6");
    refuse(false, "min(1, 2", "expected ')' after the arguments at column 9");
    refuse(false, "cube(3)", "unknown function at column 1");
    refuse(false, "1 ? 2", "expected ':' at column 6");
    refuse(false, "12ab", "malformed number");
    refuse(false, "0x10", "malformed number");
    refuse(true, "1e", "exponent without digits");
    refuse(true, "1.2.3", "malformed number");
    refuse(true, "sizeof(int)", "unknown dtype at column 8");
    refuse(false, "m = 7", "column 3");
    refuse(false, "m\n+ 1", "column 2");
}

Test(expression, bounds_nesting_and_length) {
    char deep[4096];
    memset(deep, '(', 400);
    strcpy(deep + 400, "1");
    refuse(false, deep, "nested too deeply");
    memset(deep, '-', 400);
    refuse(false, deep, "nested too deeply");
    char word[200];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    refuse(false, word, "name too long");
    static char endless[8192];
    memset(endless, '1', sizeof endless - 1);
    refuse(false, endless, "longer than");
    for (int i = 0; i < 20; i++)
        deep[i] = '(';
    strcpy(deep + 20, "m))))))))))))))))))))");
    cr_expect(eq(i64, whole(deep), 7));
}

Test(expression, needs_neither_names_nor_a_place_for_errors) {
    int64_t value;
    cr_expect(eq(int, hone_expression_integer("6 * 7", NULL, &value, NULL), 0));
    cr_expect(eq(i64, value, 42));
    cr_expect(eq(int, hone_expression_integer("x", NULL, &value, NULL), -EINVAL));
}

Test(expression, reserves_its_own_words) {
    cr_expect(hone_expression_reserved("min"));
    cr_expect(hone_expression_reserved("sizeof"));
    cr_expect(not(hone_expression_reserved("m")));
}
