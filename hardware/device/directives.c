/* The preprocessor's lines: which groups are left out, what is defined, included and asked. */
#include "hardware/device/scanner.h"

#include <string.h>

#define DEPTH_MAX HONE_SCANNER_DEPTH_MAX

/* A conditional group, as far as its condition is known. Over: another of its `#if` is taken. */
enum group { GROUP_UNKNOWN, GROUP_TAKEN, GROUP_LEFT_OUT, GROUP_OVER };

static void count_group(struct scanner *scanner, enum group group, uint32_t by) {
    scanner->left_out += group == GROUP_LEFT_OUT || group == GROUP_OVER ? by : 0;
    scanner->unknown += group == GROUP_UNKNOWN ? by : 0;
}

/* Groups too deep to remember are of the unknown kind. */
static void open_group(struct scanner *scanner, enum group group) {
    if (scanner->group_depth < DEPTH_MAX)
        scanner->groups[scanner->group_depth] = (uint8_t)group;
    else
        group = GROUP_UNKNOWN;
    scanner->group_depth++;
    count_group(scanner, group, 1);
}

static enum group close_group(struct scanner *scanner) {
    scanner->group_depth--;
    enum group group = scanner->group_depth < DEPTH_MAX
                           ? (enum group)scanner->groups[scanner->group_depth]
                           : GROUP_UNKNOWN;
    count_group(scanner, group, (uint32_t)-1);
    return group;
}

/* What devices answer differently makes other code of one source: wherever it is asked. */
static void check_condition(struct scanner *scanner, bool one_name) {
    struct hone_tokens ahead = scanner->tokens;
    struct hone_token token;
    for (;;) {
        hone_tokens_next(&ahead, &token);
        if (token.first || token.kind == HONE_TOKEN_END)
            return;
        const bool asks = token.kind == HONE_TOKEN_SIGN && strcmp(token.text, "#") == 0;
        if (asks ||
            (token.kind == HONE_TOKEN_WORD && hone_condition_differs(&scanner->own, &token))) {
            scanner->token = token;
            hone_scanner_refuse_difference(
                scanner, token.text, "in a condition is answered differently by each device",
                "__CUDACC__, __CUDA_ARCH__, __cplusplus, or a macro of your own that does not "
                "begin with _");
        }
        if (one_name)
            return;
    }
}

static enum group as_group(enum hone_condition condition, bool wanted) {
    if (condition == HONE_CONDITION_UNKNOWN)
        return GROUP_UNKNOWN;
    return (condition == HONE_CONDITION_HOLDS) == wanted ? GROUP_TAKEN : GROUP_LEFT_OUT;
}

/* In a group that is left out nobody looks at conditions. */
static enum group read_condition(struct scanner *scanner, const char *name) {
    const bool one_name = strstr(name, "def") != NULL; /* ifdef, elifndef ... */
    if (scanner->left_out)
        return GROUP_UNKNOWN;
    check_condition(scanner, one_name);
    if (!one_name)
        return as_group(hone_condition_holds(scanner->tokens, &scanner->own), true);
    return as_group(hone_condition_defined(scanner->tokens, &scanner->own),
                    strstr(name, "ndef") == NULL);
}

static enum group read_else(struct scanner *scanner, const char *name) {
    const enum group before = close_group(scanner);
    if (before == GROUP_TAKEN || before == GROUP_OVER)
        return GROUP_OVER;
    if (strcmp(name, "else") == 0)
        return before == GROUP_LEFT_OUT ? GROUP_TAKEN : GROUP_UNKNOWN;
    const enum group group = read_condition(scanner, name);
    if (strcmp(name, "elif") != 0 && !scanner->left_out)
        hone_scanner_refuse_difference(scanner, name, "is C++23, which not every compiler knows",
                                       "#elif");
    return before == GROUP_LEFT_OUT && strcmp(name, "elif") == 0 ? group : GROUP_UNKNOWN;
}

static bool read_conditional(struct scanner *scanner, const char *name) {
    const bool opens =
        strcmp(name, "if") == 0 || strcmp(name, "ifdef") == 0 || strcmp(name, "ifndef") == 0;
    const bool goes_on = strcmp(name, "elif") == 0 || strcmp(name, "elifdef") == 0 ||
                         strcmp(name, "elifndef") == 0 || strcmp(name, "else") == 0;
    if (opens)
        open_group(scanner, read_condition(scanner, name));
    else if (goes_on && scanner->group_depth)
        open_group(scanner, read_else(scanner, name));
    else if (strcmp(name, "endif") == 0 && scanner->group_depth)
        close_group(scanner);
    else
        return false;
    return true;
}

static void read_include(struct scanner *scanner) {
    struct hone_token *header = &scanner->token;
    hone_tokens_header(&scanner->tokens, header);
    if (!header->length)
        return;
    for (const struct hone_word_fact *known = hone_words_headers; known->word; known++)
        if (hone_word_matches(known->word, header->text, header->length)) {
            scanner->scan->facts |= known->facts;
            return;
        }
    const struct hone_word_refused *other = hone_words_headers_refused;
    size_t length = header->length < sizeof header->text ? header->length : strlen(header->text);
    while (!hone_word_matches(other->word, header->text, length))
        other++;
    hone_scanner_refuse(scanner, header->text, other->devices, other->why, other->instead);
}

/* What may be asked must go on being the answer. */
static void check_kept(struct scanner *scanner) {
    const struct hone_token *name = &scanner->token;
    if (hone_word_macro(name->text, name->length))
        hone_scanner_refuse_difference(scanner, name->text, "is the compiler's to define",
                                       "a name of your own");
}

/* A word that the source defines is its own from there on, unless it is reserved. */
static void read_define(struct scanner *scanner) {
    struct hone_token name;
    hone_tokens_next(&scanner->tokens, &name);
    scanner->token = name;
    check_kept(scanner);
    hone_own_macros_add(&scanner->own, &name);
    for (size_t i = 0; hone_words_refused[i].word; i++) {
        const struct hone_word_refused *rule = &hone_words_refused[i];
        if (!hone_word_matches(rule->word, name.text, name.length))
            continue;
        scanner->defined[i] = rule->when != HONE_WORD_RESERVED && rule->when != HONE_WORD_HARNESS;
        if (!scanner->defined[i])
            hone_scanner_refuse(scanner, name.text, rule->devices, rule->why, rule->instead);
    }
}

/* What is refused is perhaps a macro of ours, and a keyword behind it: it stays one. */
static void read_undef(struct scanner *scanner) {
    struct hone_tokens at_name = scanner->tokens;
    struct hone_token name;
    hone_tokens_next(&scanner->tokens, &name);
    if (name.first) {
        scanner->tokens = at_name;
        return;
    }
    scanner->token = name;
    check_kept(scanner);
    if (name.kind == HONE_TOKEN_WORD)
        hone_scanner_check_word(scanner);
}

static void forget_before(struct scanner *scanner) {
    scanner->before[0] = scanner->word_before[0] = scanner->scope[0] = '\0';
    scanner->in_pragma = scanner->in_assertion = false;
    scanner->hashes = 0;
}

/* Behind the `#`. What a macro is defined as is read on like the rest of the text. */
void hone_scanner_read_directive(struct scanner *scanner) {
    struct hone_tokens at_name = scanner->tokens;
    struct hone_token name;
    hone_tokens_next(&scanner->tokens, &name);
    forget_before(scanner);
    if (name.first) { /* a `#` alone */
        scanner->tokens = at_name;
        return;
    }
    if (!read_conditional(scanner, name.text) && !scanner->left_out) {
        if (strcmp(name.text, "define") == 0) {
            read_define(scanner);
            return;
        }
        if (strcmp(name.text, "undef") == 0)
            read_undef(scanner);
        if (strcmp(name.text, "pragma") == 0)
            hone_scanner_check_pragma(scanner, scanner->tokens);
        if (strcmp(name.text, "include") == 0 || strcmp(name.text, "include_next") == 0 ||
            strcmp(name.text, "import") == 0)
            read_include(scanner);
    }
    hone_tokens_skip_line(&scanner->tokens);
}
