#include "hardware/device/scanner.h"
#include "hardware/device/words.h"

#include <stdio.h>
#include <string.h>

static void copy_printable(char *to, size_t size, const char *from) {
    size_t i = 0;
    for (; i + 1 < size && from[i]; i++)
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
    to[i] = '\0';
}

void hone_scanner_refuse_anyway(struct scanner *scanner, const char *word, uint32_t devices,
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

void hone_scanner_refuse(struct scanner *scanner, const char *word, uint32_t devices,
                         const char *why, const char *instead) {
    if (!scanner->unknown)
        hone_scanner_refuse_anyway(scanner, word, devices, why, instead);
}

void hone_scanner_refuse_difference(struct scanner *scanner, const char *word, const char *why,
                                    const char *instead) {
    struct hone_scan *scan = scanner->scan;
    const uint32_t was = scan->refusal_count;
    if (was == HONE_SCAN_REFUSALS_MAX) { /* it must not be hidden behind others */
        if (hone_scan_differs(scan))
            return;
        scan->refusal_count--;
    }
    hone_scanner_refuse_anyway(scanner, word, HONE_SCAN_CPU | HONE_SCAN_CUDA, why, instead);
    scan->refusals[scan->refusal_count - 1].differs = true;
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

void hone_scanner_check_word(struct scanner *scanner) {
    const struct hone_token *token = &scanner->token;
    if (token->length >= sizeof token->text)
        return;
    for (size_t i = 0; hone_words_refused[i].word; i++) {
        const struct hone_word_refused *rule = &hone_words_refused[i];
        if (rule->word[0] == token->text[0] && !scanner->defined[i] &&
            hone_word_matches(rule->word, token->text, token->length) && applies(scanner, rule)) {
            if (!scanner->unknown || rule->when == HONE_WORD_HARNESS)
                hone_scanner_refuse_anyway(scanner, token->text, rule->devices, rule->why,
                                           rule->instead);
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
        hone_scanner_refuse(scanner, "sync", HONE_SCAN_CPU | HONE_SCAN_CUDA,
                            "waits for the whole grid, whose blocks need not run at once",
                            "another `//@hone launch` line");
}

static void read_word(struct scanner *scanner) {
    const struct hone_token *token = &scanner->token;
    const char *word = token->text;
    hone_scanner_check_word(scanner);
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
        hone_scanner_refuse(scanner, clock ? "%clock" : "%globaltimer",
                            HONE_SCAN_CPU | HONE_SCAN_CUDA, "reads a clock",
                            "the observation: it has the times");
}

static void read_sign(struct scanner *scanner) {
    const char *sign = scanner->token.text;
    bool opens = sign[0] == '{', closes = sign[0] == '}';
    scanner->parentheses += sign[0] == '(';
    scanner->parentheses -= sign[0] == ')' && scanner->parentheses;
    if (strcmp(sign, "<<<") == 0)
        hone_scanner_refuse(scanner, sign, HONE_SCAN_CPU | HONE_SCAN_CUDA,
                            "is a launch from the source",
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
            hone_scanner_read_directive(&scanner);
            continue;
        }
        if (scanner.left_out)
            continue;
        hone_scanner_check_extension(&scanner);
        if (scanner.token.kind == HONE_TOKEN_WORD)
            read_word(&scanner);
        else if (scanner.token.kind == HONE_TOKEN_STRING)
            read_string(&scanner);
        else if (scanner.token.kind == HONE_TOKEN_SIGN)
            read_sign(&scanner);
        remember(&scanner);
    }
}

const struct hone_scan_refusal *hone_scan_differs(const struct hone_scan *scan) {
    for (uint32_t i = 0; i < scan->refusal_count; i++)
        if (scan->refusals[i].differs)
            return &scan->refusals[i];
    return NULL;
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
