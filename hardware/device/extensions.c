/* What one device's compiler does and another's ignores, or does otherwise: pragmas, attributes,
 * builtins, and the texts of macros, which show what those stand for. */
#include "hardware/device/scanner.h"

#include <stdio.h>
#include <string.h>

#define ATTRIBUTE_TOKENS_MOST 64 /* of a list of attributes; none is longer */
#define QUESTION_TOKENS_MOST 128

#define WAYS "__align__, __forceinline__ and other words of CUDA"

static bool is_one_of(const char *word, const char *const *list) {
    while (*list && !hone_word_matches(*list, word, strlen(word)))
        list++;
    return *list != NULL;
}

/* --- pragmas --- */

static bool is_common_pragma(const char *first, const char *second) {
    static const char *const words[] = {"unroll", "nounroll",  "once",  "pack", "message", "omp",
                                        "region", "endregion", "ivdep", "nv_*", "diag_*",  NULL};
    static const char *const behind_name[] = {"diagnostic", "unroll", "ivdep", "loop", NULL};
    if (strcmp(first, "GCC") == 0 || strcmp(first, "clang") == 0)
        return is_one_of(second, behind_name);
    return is_one_of(first, words);
}

void hone_scanner_check_pragma(struct scanner *scanner, struct hone_tokens line) {
    struct hone_token first, second;
    hone_tokens_next(&line, &first);
    if (first.first || first.kind == HONE_TOKEN_END)
        return;
    hone_tokens_next(&line, &second);
    if (is_common_pragma(first.text, second.first ? "" : second.text))
        return;
    scanner->token.line = first.line;
    scanner->token.column = first.column;
    hone_scanner_refuse_difference(scanner, first.text,
                                   "is a pragma that not every device's compiler knows",
                                   "#pragma unroll, or none");
}

/* `_Pragma("...")` says the same; where the name is, the string is. */
static void check_pragma_text(struct scanner *scanner) {
    const struct hone_token at = scanner->token;
    struct hone_tokens line;
    hone_tokens_begin(&line, at.text, strlen(at.text));
    line.first = false;
    const uint32_t was = scanner->scan->refusal_count;
    hone_scanner_check_pragma(scanner, line);
    scanner->token = at;
    if (scanner->scan->refusal_count > was) {
        scanner->scan->refusals[was].line = at.line;
        scanner->scan->refusals[was].column = at.column;
    }
}

/* --- attributes --- */

static void check_attribute(struct scanner *scanner, const struct hone_token *name,
                            bool has_bytes) {
    static const char *const known[] = {"always_inline",
                                        "noinline",
                                        "unused",
                                        "used",
                                        "packed",
                                        "pure",
                                        "const",
                                        "noreturn",
                                        "fallthrough",
                                        "may_alias",
                                        "deprecated",
                                        "warn_unused_result",
                                        "nodiscard",
                                        "maybe_unused",
                                        "likely",
                                        "unlikely",
                                        NULL};
    char bare[HONE_TOKEN_SIZE];
    const char *text = name->text;
    const size_t length = strlen(text);
    const bool framed =
        length > 4 && strncmp(text, "__", 2) == 0 && strcmp(text + length - 2, "__") == 0;
    snprintf(bare, sizeof bare, "%.*s", (int)(framed ? length - 4 : length),
             framed ? text + 2 : text);
    if (is_one_of(bare, known) || (strcmp(bare, "aligned") == 0 && has_bytes))
        return;
    scanner->token = *name;
    hone_scanner_refuse_difference(scanner, text,
                                   "is an attribute that not every device's compiler knows", WAYS);
}

/* The names in `((a, b(16)))`; what is not such a list is refused as a whole. */
static void check_attribute_list(struct scanner *scanner) {
    const struct hone_token at = scanner->token;
    struct hone_tokens list = scanner->tokens;
    struct hone_token token;
    int depth = 0;
    bool begins = false;
    for (int i = 0; i < ATTRIBUTE_TOKENS_MOST; i++) {
        hone_tokens_next(&list, &token);
        const char sign = token.kind == HONE_TOKEN_SIGN ? token.text[0] : '\0';
        depth += sign == '(' ? 1 : sign == ')' ? -1 : 0;
        if (token.kind == HONE_TOKEN_END || depth == 0)
            break;
        if (begins && depth == 2 && token.kind == HONE_TOKEN_WORD)
            check_attribute(scanner, &token, hone_tokens_follow(&list, "("));
        scanner->token = at;
        begins = depth == 2 && (sign == '(' || sign == ',');
    }
    if (depth)
        hone_scanner_refuse_difference(scanner, at.text, "has no list of attributes that is read",
                                       WAYS);
}

/* `[[gnu::name]]` and `[[using gnu: name]]`. */
static void check_scoped_attribute(struct scanner *scanner) {
    const struct hone_token at = scanner->token;
    struct hone_tokens ahead = scanner->tokens;
    struct hone_token sign, name;
    hone_tokens_next(&ahead, &sign);
    hone_tokens_next(&ahead, &name);
    if (strcmp(sign.text, "::") == 0 && name.kind == HONE_TOKEN_WORD)
        check_attribute(scanner, &name, hone_tokens_follow(&ahead, "("));
    else if (strcmp(scanner->word_before, "using") == 0 && strcmp(sign.text, ":") == 0)
        hone_scanner_refuse_difference(scanner, at.text, "is a compiler's own kind of attribute",
                                       WAYS);
    scanner->token = at;
}

/* --- words --- */

/* The shape of compilers' macros, in which CUDA has few words. */
static bool is_of_compiler(const struct scanner *scanner, const struct hone_token *word) {
    static const char *const known[] = {"__VA_ARGS__", "__VA_OPT__", "__FUNCTION__", NULL};
    const char *text = word->text;
    return strncmp(text, "__", 2) == 0 && text[2] >= 'A' && text[2] <= 'Z' &&
           !hone_word_macro(text, word->length) && !is_one_of(text, known) &&
           !hone_own_macros_have(&scanner->own, text);
}

/* These are variables on a GPU, with a type and more that can be asked for. */
static bool is_index(const char *word) {
    static const char *const names[] = {"threadIdx", "blockIdx", "blockDim", "gridDim", NULL};
    return is_one_of(word, names);
}

/* Functions that emulation has with one parameter more than a GPU: the line that calls. */
static bool is_of_harness(const char *word) {
    static const char *const names[] = {
        "__ldg",      "__syncthreads*", "__syncwarp", "__shfl_*",     "__ballot_sync", "__any_sync",
        "__all_sync", "__match_*",      "__reduce_*", "__activemask", "__nanosleep",   "atomicAdd*",
        "atomicSub*", "atomicExch*",    "atomicMin*", "atomicMax*",   "atomicInc*",    "atomicDec*",
        "atomicCAS*", "atomicAnd*",     "atomicOr*",  "atomicXor*",   "__pipeline_*",  NULL};
    return is_one_of(word, names);
}

/* What is called has no address or type that could be asked for; a macro may be another name. */
static void check_call(struct scanner *scanner) {
    struct hone_tokens ahead = scanner->tokens;
    struct hone_token next;
    hone_tokens_next(&ahead, &next);
    if (!next.first && next.kind != HONE_TOKEN_END && strcmp(next.text, "(") != 0)
        hone_scanner_refuse_difference(scanner, scanner->token.text,
                                       "is called, but no value: its type differs by device",
                                       "a function of your own around it");
}

static bool differs_in(const char *question, const struct hone_token *token, int depth,
                       const struct hone_tokens *behind) {
    const bool of_size = strcmp(question, "sizeof") == 0 || strcmp(question, "alignof") == 0;
    if (token->kind != HONE_TOKEN_WORD)
        return strcmp(question, "noexcept") == 0 && depth > 1; /* calls something */
    return is_of_harness(token->text) ||
           (!of_size && is_index(token->text) && !hone_tokens_follow(behind, "."));
}

/* In `decltype(...)` and the like: what may be asked of an index is its size and what a member of
 * it is, and of a function of the harness, nothing. Whether one may throw, headers say or do not.
 */
static void check_question(struct scanner *scanner) {
    const char *question = scanner->token.text;
    struct hone_tokens ahead = scanner->tokens;
    struct hone_token token;
    int depth = 0;
    for (int i = 0; i < QUESTION_TOKENS_MOST; i++) {
        hone_tokens_next(&ahead, &token);
        const char sign = token.kind == HONE_TOKEN_SIGN ? token.text[0] : '\0';
        depth += sign == '(' ? 1 : sign == ')' ? -1 : 0;
        if (token.kind != HONE_TOKEN_END && differs_in(question, &token, depth, &ahead))
            break;
        if (depth == 0 || token.kind == HONE_TOKEN_END)
            return;
    }
    hone_scanner_refuse_difference(scanner, question, "asks for what differs by device",
                                   "a type of your own");
}

/* `_Pragma` says in a string what it is, or in the text of a macro's argument. */
static void check_pragma_word(struct scanner *scanner) {
    struct hone_tokens ahead = scanner->tokens;
    struct hone_token open, text;
    hone_tokens_next(&ahead, &open);
    hone_tokens_next(&ahead, &text);
    if (strcmp(open.text, "(") != 0 ||
        (text.kind != HONE_TOKEN_STRING && strcmp(text.text, "#") != 0))
        hone_scanner_refuse_difference(scanner, scanner->token.text,
                                       "is a pragma that is hidden from who reads it",
                                       "#pragma unroll itself");
}

/* A compiler's name begins a pragma of its own in the argument of such a macro. */
static void check_compiler(struct scanner *scanner) {
    struct hone_tokens ahead = scanner->tokens;
    struct hone_token next;
    hone_tokens_next(&ahead, &next);
    if (!is_common_pragma(scanner->token.text, next.first ? "" : next.text))
        hone_scanner_refuse_difference(scanner, scanner->token.text,
                                       "begins a pragma that not every device's compiler knows",
                                       "#pragma unroll, or none");
}

static void check_word(struct scanner *scanner) {
    static const char *const scopes[] = {"gnu", "__gnu__", "clang", "_Clang", NULL};
    static const char *const builtins[] = {
        "__builtin_align__",        "__builtin_expect",    "__builtin_assume",
        "__builtin_assume_aligned", "__builtin_bit_cast",  "__builtin_unreachable",
        "__builtin_isnan",          "__builtin_isinf",     "__builtin_isfinite",
        "__builtin_copysign*",      "__builtin_addressof", NULL};
    static const char *const questions[] = {"decltype", "noexcept", "typeof",  "__typeof__",
                                            "__typeof", "sizeof",   "alignof", NULL};
    const char *word = scanner->token.text;
    if (is_index(word) && !hone_tokens_follow(&scanner->tokens, "."))
        scanner->scan->facts |= HONE_SCAN_INDEX;
    if (is_one_of(word, questions))
        check_question(scanner);
    if (is_of_harness(word))
        check_call(scanner);
    if (strcmp(word, "_Pragma") == 0)
        check_pragma_word(scanner);
    if (strcmp(word, "GCC") == 0 ||
        (strcmp(word, "clang") == 0 && !hone_tokens_follow(&scanner->tokens, ":")))
        check_compiler(scanner);
    if (strcmp(word, "__attribute__") == 0 || strcmp(word, "__attribute") == 0)
        check_attribute_list(scanner);
    else if (is_one_of(word, scopes))
        check_scoped_attribute(scanner);
    else if (strcmp(word, "no_unique_address") == 0)
        hone_scanner_refuse_difference(
            scanner, word, "is an attribute that not every device's compiler knows", WAYS);
    else if (strcmp(word, "defined") == 0)
        hone_scanner_refuse_difference(scanner, word,
                                       "asks outside of a condition, where devices "
                                       "differ",
                                       "#if defined(...) itself");
    else if (strncmp(word, "__builtin_", 10) == 0 && !is_one_of(word, builtins))
        hone_scanner_refuse_difference(scanner, word, "is of the host's compiler, not of CUDA",
                                       "CUDA's function for it");
    else if (strncmp(word, "__has_", 6) == 0 || strncmp(word, "__is_", 5) == 0 ||
             is_of_compiler(scanner, &scanner->token))
        hone_scanner_refuse_difference(scanner, word, "is a compiler's own, and differs by device",
                                       "CUDA C++, and names that do not begin with _");
}

/* --- texts of macros --- */

/* The text of an argument shows what the macros in it stand for: it may be a pragma's, or what an
 * assertion says. Where there is no emulation, inline PTX is put together so. */
static void check_text(struct scanner *scanner) {
    if (scanner->hashes % 2 && !scanner->in_pragma && !scanner->in_assertion)
        hone_scanner_refuse_anyway(scanner, "#", HONE_SCAN_CPU,
                                   "makes text of a macro's argument, which nobody reads",
                                   "the argument itself");
}

void hone_scanner_check_extension(struct scanner *scanner) {
    const struct hone_token *token = &scanner->token;
    const char *text = token->text;
    if (token->kind == HONE_TOKEN_SIGN && strcmp(text, "#") == 0) {
        scanner->hashes++;
        return;
    }
    check_text(scanner);
    scanner->hashes = 0;
    if (token->kind == HONE_TOKEN_WORD)
        check_word(scanner);
    if (token->kind == HONE_TOKEN_STRING && scanner->in_pragma)
        check_pragma_text(scanner);
    scanner->in_assertion |= token->kind == HONE_TOKEN_WORD && strcmp(text, "static_assert") == 0;
    scanner->in_pragma = strcmp(scanner->word_before, "_Pragma") == 0 && strcmp(text, "(") == 0;
}
