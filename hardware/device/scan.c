#include "hardware/device/scan.h"
#include "hardware/device/tokens.h"
#include "hardware/device/words.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 64

/* A conditional group of the preprocessor, as far as its condition is a plain 0 or 1. */
enum group { GROUP_UNKNOWN, GROUP_TAKEN, GROUP_LEFT_OUT };

struct scanner {
    struct hone_tokens tokens;
    struct hone_token token;
    struct hone_scan *scan;
    uint8_t groups[DEPTH_MAX];
    uint32_t group_depth, left_out, unknown; /* how many there are, and of these two kinds */
    bool defined[HONE_WORDS_REFUSED_MAX];    /* words that are macros of the source's own */

    /* What came before the token. */
    char before[4];                    /* a sign; empty when it was none */
    char word_before[HONE_TOKEN_SIZE]; /* a word; empty when it was none */
    char scope[HONE_TOKEN_SIZE];       /* the word before a sign `::`, `.` or `->` */
    char assigned[HONE_TOKEN_SIZE];    /* the word before `=`, until the statement ends */
    bool in_extern, in_extern_c;       /* since the last `;`, `{` or `}` */
    bool in_global;                    /* __global__ was read, the kernel's name was not */
    uint32_t braces, extern_c_braces;  /* open ones, and at `extern "C" {`: 0: not in one */
    uint32_t parentheses;              /* open since __global__ */
    char grid[HONE_TOKEN_SIZE];        /* the variable that holds this_grid() */
    uint32_t grid_call;                /* tokens since this_grid, which is the first */
};

static void copy_printable(char *to, size_t size, const char *from) {
    size_t i = 0;
    for (; i + 1 < size && from[i]; i++)
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
    to[i] = '\0';
}

static void add_refusal(struct scanner *scanner, const char *word, uint32_t devices,
                        const char *why, const char *instead) {
    struct hone_scan *scan = scanner->scan;
    if (scan->refusal_count == HONE_SCAN_REFUSALS_MAX)
        return;
    struct hone_scan_refusal *refusal = &scan->refusals[scan->refusal_count++];
    *refusal = (struct hone_scan_refusal){.line = scanner->token.line,
                                          .column = scanner->token.column,
                                          .devices = devices,
                                          .why = why,
                                          .instead = instead};
    copy_printable(refusal->word, sizeof refusal->word, word);
}

/* Of what may be left out, the compiler knows whether it is. */
static void refuse(struct scanner *scanner, const char *word, uint32_t devices, const char *why,
                   const char *instead) {
    if (!scanner->unknown)
        add_refusal(scanner, word, devices, why, instead);
}

/* --- the preprocessor's lines --- */

static void count_group(struct scanner *scanner, enum group group, uint32_t by) {
    scanner->left_out += group == GROUP_LEFT_OUT ? by : 0;
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

/* `#if 0` and `#if 1`, with nothing behind them on the line. */
static enum group read_condition(struct scanner *scanner) {
    struct hone_tokens ahead = scanner->tokens;
    struct hone_token value, next;
    hone_tokens_next(&ahead, &value);
    hone_tokens_next(&ahead, &next);
    if (value.first || value.kind != HONE_TOKEN_NUMBER ||
        !(next.first || next.kind == HONE_TOKEN_END) || value.length != 1)
        return GROUP_UNKNOWN;
    return value.text[0] == '0'   ? GROUP_LEFT_OUT
           : value.text[0] == '1' ? GROUP_TAKEN
                                  : GROUP_UNKNOWN;
}

static bool read_conditional(struct scanner *scanner, const char *name) {
    if (strcmp(name, "if") == 0) {
        open_group(scanner, read_condition(scanner));
    } else if (strcmp(name, "ifdef") == 0 || strcmp(name, "ifndef") == 0) {
        open_group(scanner, GROUP_UNKNOWN);
    } else if ((strcmp(name, "elif") == 0 || strcmp(name, "elifdef") == 0 ||
                strcmp(name, "elifndef") == 0) &&
               scanner->group_depth) {
        open_group(scanner, close_group(scanner) == GROUP_TAKEN ? GROUP_LEFT_OUT : GROUP_UNKNOWN);
    } else if (strcmp(name, "else") == 0 && scanner->group_depth) {
        enum group group = close_group(scanner);
        open_group(scanner, group == GROUP_TAKEN      ? GROUP_LEFT_OUT
                            : group == GROUP_LEFT_OUT ? GROUP_TAKEN
                                                      : GROUP_UNKNOWN);
    } else if (strcmp(name, "endif") == 0 && scanner->group_depth) {
        close_group(scanner);
    } else {
        return false;
    }
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
    refuse(scanner, header->text, other->devices, other->why, other->instead);
}

static void check_word(struct scanner *scanner);

/* A word that the source defines is its own from there on, unless it is reserved. */
static void read_define(struct scanner *scanner) {
    struct hone_token name;
    hone_tokens_next(&scanner->tokens, &name);
    scanner->token = name;
    for (size_t i = 0; hone_words_refused[i].word; i++) {
        const struct hone_word_refused *rule = &hone_words_refused[i];
        if (!hone_word_matches(rule->word, name.text, name.length))
            continue;
        scanner->defined[i] =
            rule->when != HONE_WORD_RESERVED && rule->when != HONE_WORD_HARNESS;
        if (!scanner->defined[i])
            refuse(scanner, name.text, rule->devices, rule->why, rule->instead);
    }
}

/* What is refused is perhaps a macro of ours, and a keyword behind it: it stays one. */
static void read_undef(struct scanner *scanner) {
    struct hone_tokens at_name = scanner->tokens;
    struct hone_token name;
    hone_tokens_next(&scanner->tokens, &name);
    if (name.first)
        scanner->tokens = at_name;
    else
        scanner->token = name;
    if (!name.first && name.kind == HONE_TOKEN_WORD)
        check_word(scanner);
}

static void forget_before(struct scanner *scanner) {
    scanner->before[0] = scanner->word_before[0] = scanner->scope[0] = '\0';
}

/* Behind the `#`. What a macro is defined as is read on like the rest of the text. */
static void read_directive(struct scanner *scanner) {
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
        if (strcmp(name.text, "include") == 0 || strcmp(name.text, "include_next") == 0 ||
            strcmp(name.text, "import") == 0)
            read_include(scanner);
    }
    hone_tokens_skip_line(&scanner->tokens);
}

/* --- words --- */

static bool is_statement(const char *word) {
    return strcmp(word, "return") == 0 || strcmp(word, "else") == 0 || strcmp(word, "do") == 0;
}

static bool applies(const struct scanner *scanner, const struct hone_word_refused *rule) {
    bool scoped = strcmp(scanner->before, "::") == 0;
    bool standard = scoped && strcmp(scanner->scope, "std") == 0;
    bool member = strcmp(scanner->before, ".") == 0 || strcmp(scanner->before, "->") == 0;
    if (rule->when == HONE_WORD_STANDARD)
        return standard;
    if (rule->when == HONE_WORD_RESERVED || rule->when == HONE_WORD_HARNESS)
        return true;
    if (member || (scoped && !standard && scanner->scope[0]))
        return false;
    switch (rule->when) {
    case HONE_WORD_SCOPE:
        return hone_tokens_follow(&scanner->tokens, "::");
    case HONE_WORD_FUNCTION:
        return hone_tokens_follow(&scanner->tokens, "(");
    case HONE_WORD_CALLED:
        return hone_tokens_follow(&scanner->tokens, "(") &&
               (!scanner->word_before[0] || is_statement(scanner->word_before));
    default: /* `= delete` takes a function away */
        return strcmp(rule->word, "delete") != 0 || strcmp(scanner->before, "=") != 0;
    }
}

static void check_word(struct scanner *scanner) {
    const struct hone_token *token = &scanner->token;
    if (token->length >= sizeof token->text)
        return;
    for (size_t i = 0; hone_words_refused[i].word; i++) {
        const struct hone_word_refused *rule = &hone_words_refused[i];
        if (rule->word[0] == token->text[0] && !scanner->defined[i] &&
            hone_word_matches(rule->word, token->text, token->length) && applies(scanner, rule)) {
            if (!scanner->unknown || rule->when == HONE_WORD_HARNESS)
                add_refusal(scanner, token->text, rule->devices, rule->why, rule->instead);
            break;
        }
    }
    for (const struct hone_word_fact *fact = hone_words_facts; fact->word; fact++)
        if (fact->word[0] == token->text[0] &&
            hone_word_matches(fact->word, token->text, token->length))
            scanner->scan->facts |= fact->facts;
}

static void keep_kernel(struct scanner *scanner) {
    struct hone_scan *scan = scanner->scan;
    const char *name = scanner->token.text;
    scanner->in_global = false;
    if (scan->kernel_count == HONE_SCAN_KERNELS_MAX)
        return;
    struct hone_scan_kernel *kernel = &scan->kernels[scan->kernel_count++];
    kernel->line = scanner->token.line;
    kernel->extern_c = scanner->in_extern_c || scanner->extern_c_braces;
    copy_printable(kernel->name, sizeof kernel->name, name);
}

/* A grid is waited for by its sync(); its ranks and sizes are fine. */
static void check_grid(struct scanner *scanner) {
    const char *word = scanner->token.text;
    if (strcmp(word, "this_grid") == 0) {
        scanner->grid_call = 1;
        if (scanner->assigned[0])
            memcpy(scanner->grid, scanner->assigned, sizeof scanner->grid);
        return;
    }
    if (strcmp(scanner->word_before, "grid_group") == 0)
        memcpy(scanner->grid, word, sizeof scanner->grid);
    bool of_grid =
        scanner->grid_call == 5 || (scanner->grid[0] && strcmp(scanner->scope, scanner->grid) == 0);
    if (strcmp(scanner->before, ".") == 0 && strcmp(word, "sync") == 0 && of_grid)
        refuse(scanner, "sync", HONE_SCAN_CPU | HONE_SCAN_CUDA,
               "waits for the whole grid, whose blocks need not run at once",
               "another `//@hone launch` line");
}

static void read_word(struct scanner *scanner) {
    const struct hone_token *token = &scanner->token;
    const char *word = token->text;
    check_word(scanner);
    check_grid(scanner);
    if (strcmp(word, "extern") == 0) {
        scanner->in_extern = true;
    } else if (strcmp(word, "__shared__") == 0 && scanner->in_extern) {
        scanner->scan->facts |= HONE_SCAN_DYNAMIC;
    } else if (strcmp(word, "__global__") == 0) {
        scanner->in_global = true;
        scanner->parentheses = 0;
    } else if (scanner->in_global && scanner->parentheses == 0 && strncmp(word, "__", 2) != 0 &&
               hone_tokens_follow(&scanner->tokens, "(")) {
        keep_kernel(scanner);
    }
}

/* --- the rest --- */

static void read_string(struct scanner *scanner) {
    const char *text = scanner->token.text;
    if (strcmp(text, "C") == 0 && strcmp(scanner->word_before, "extern") == 0)
        scanner->in_extern_c = true;
    const char *clock = strstr(text, "%clock"), *timer = strstr(text, "%globaltimer");
    if (clock || timer)
        refuse(scanner, clock ? "%clock" : "%globaltimer", HONE_SCAN_CPU | HONE_SCAN_CUDA,
               "reads a clock", "the observation: it has the times");
}

static void read_sign(struct scanner *scanner) {
    const char *sign = scanner->token.text;
    bool opens = sign[0] == '{', closes = sign[0] == '}';
    scanner->parentheses += sign[0] == '(';
    scanner->parentheses -= sign[0] == ')' && scanner->parentheses;
    if (strcmp(sign, "<<<") == 0)
        refuse(scanner, sign, HONE_SCAN_CPU | HONE_SCAN_CUDA, "is a launch from the source",
               "one `//@hone launch` line for each kernel");
    scanner->braces += opens;
    if (opens && scanner->in_extern_c && strcmp(scanner->before, "\"") == 0)
        scanner->extern_c_braces = scanner->braces;
    if (closes && scanner->extern_c_braces == scanner->braces)
        scanner->extern_c_braces = 0;
    scanner->braces -= closes && scanner->braces;
    if (opens || closes || sign[0] == ';')
        scanner->in_extern = scanner->in_extern_c = scanner->in_global = false;
}

/* `before` of a string is a quote, so that `extern "C" {` is known. */
static void remember(struct scanner *scanner) {
    const struct hone_token *token = &scanner->token;
    const char *sign = token->kind == HONE_TOKEN_SIGN ? token->text : "";
    bool names = strcmp(sign, "::") == 0 || strcmp(sign, ".") == 0 || strcmp(sign, "->") == 0;
    memcpy(scanner->scope, names ? scanner->word_before : "", names ? sizeof scanner->scope : 1);
    if (strcmp(sign, "=") == 0)
        memcpy(scanner->assigned, scanner->word_before, sizeof scanner->assigned);
    else if (strcmp(sign, ";") == 0)
        scanner->assigned[0] = '\0';
    scanner->word_before[0] = '\0';
    if (token->kind == HONE_TOKEN_WORD)
        memcpy(scanner->word_before, token->text, sizeof scanner->word_before);
    if (token->kind == HONE_TOKEN_STRING)
        sign = "\"";
    snprintf(scanner->before, sizeof scanner->before, "%.3s", sign);
    if (scanner->grid_call && scanner->grid_call++ == 5)
        scanner->grid_call = 0;
}

void hone_scan_text(const char *text, size_t size, struct hone_scan *scan) {
    struct scanner scanner = {.scan = scan};
    memset(scan, 0, sizeof *scan);
    hone_tokens_begin(&scanner.tokens, text, size);
    for (;;) {
        hone_tokens_next(&scanner.tokens, &scanner.token);
        if (scanner.token.kind == HONE_TOKEN_END)
            return;
        if (scanner.token.first && strcmp(scanner.token.text, "#") == 0 &&
            scanner.token.kind == HONE_TOKEN_SIGN) {
            read_directive(&scanner);
            continue;
        }
        if (scanner.left_out)
            continue;
        if (scanner.token.kind == HONE_TOKEN_WORD)
            read_word(&scanner);
        else if (scanner.token.kind == HONE_TOKEN_STRING)
            read_string(&scanner);
        else if (scanner.token.kind == HONE_TOKEN_SIGN)
            read_sign(&scanner);
        remember(&scanner);
    }
}

const struct hone_scan_refusal *hone_scan_refused(const struct hone_scan *scan,
                                                  enum hone_scan_device device) {
    for (uint32_t i = 0; i < scan->refusal_count; i++)
        if (scan->refusals[i].devices & (uint32_t)device)
            return &scan->refusals[i];
    return NULL;
}

void hone_scan_explain(const struct hone_scan_refusal *refusal, char *text, size_t size) {
    snprintf(text, size, "`%s` %s; use %s instead", refusal->word, refusal->why, refusal->instead);
}
