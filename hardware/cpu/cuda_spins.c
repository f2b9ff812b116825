/* Loops that do nothing but look: `while (!*flag);`, `do { } while (flag == 0);`. On a GPU others
 * run meanwhile; where threads are fibers they do when the condition lets them. */
#include "hardware/cpu/cuda_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONDITION_MOST 1000 /* bytes; what is longer does more than look */

static bool is_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Behind the comment, string or character that begins at `at`; `at` itself where none does. */
static const char *skip_text(const char *begin, const char *at, const char *end) {
    const char *was = at;
    if (end - at > 1 && at[0] == '/' && at[1] == '/') {
        while (at < end && *at != '\n')
            at++;
    } else if (end - at > 1 && at[0] == '/' && at[1] == '*') {
        for (at += 2; at < end && !(at[-1] == '*' && *at == '/' && at - was > 2);)
            at++;
        at += at < end;
    } else if (*at == '"' || (*at == '\'' && (at == begin || !isalnum((unsigned char)at[-1])))) {
        for (at++; at < end && *at != *was && *at != '\n'; at++)
            at += *at == '\\' && at + 1 < end;
        at += at < end;
    }
    return at;
}

static const char *skip_blank(const char *begin, const char *at, const char *end) {
    while (at < end) {
        const char *behind = *at == '/' ? skip_text(begin, at, end) : at;
        if (behind == at && !isspace((unsigned char)*at))
            break;
        at = behind == at ? at + 1 : behind;
    }
    return at;
}

/* Where the bracket closes that `at` opens. NULL: nowhere, or more than an expression is in
 * between, or nothing that could change. */
static const char *find_close(const char *begin, const char *at, const char *end) {
    int depth = 0;
    bool names = false;
    end = end - at > CONDITION_MOST ? at + CONDITION_MOST : end;
    while (at < end) {
        const char *behind = skip_text(begin, at, end);
        if (behind != at) {
            at = behind;
            continue;
        }
        depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
        names |= isalpha((unsigned char)*at) || *at == '_';
        if (depth == 0)
            return names ? at : NULL;
        if (strchr(";{}#", *at))
            return NULL;
        at++;
    }
    return NULL;
}

/* Nothing is done in the loop: it is empty, or ends here. */
static bool is_empty(const char *begin, const char *at, const char *end) {
    at = skip_blank(begin, at, end);
    if (at < end && *at == ';')
        return true;
    if (at == end || *at != '{')
        return false;
    at = skip_blank(begin, at + 1, end);
    return at < end && *at == '}';
}

static bool is_while(const char *begin, const char *at, const char *end) {
    return end - at > 5 && memcmp(at, "while", 5) == 0 && !is_name(at[5]) &&
           (at == begin || !is_name(at[-1]));
}

static void rewrite(const char *begin, const char *end, FILE *to) {
    const char *copied = begin;
    for (const char *at = begin; at < end;) {
        const char *behind = skip_text(begin, at, end);
        if (behind != at || !is_while(begin, at, end)) {
            at = behind == at ? at + 1 : behind;
            continue;
        }
        const char *open = skip_blank(begin, at + 5, end);
        const char *close = open < end && *open == '(' ? find_close(begin, open, end) : NULL;
        at += 5;
        if (!close || !is_empty(begin, close + 1, end))
            continue;
        fwrite(copied, 1, (size_t)(open + 1 - copied), to);
        fputs("hone_turn(), (", to);
        fwrite(open + 1, 1, (size_t)(close - open - 1), to);
        fputs(")", to);
        copied = at = close;
    }
    fwrite(copied, 1, (size_t)(end - copied), to);
}

char *hone_cuda_spins(const char *source, uint64_t source_bytes, uint64_t *bytes) {
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    rewrite(source, source + source_bytes, to);
    const bool failed = ferror(to);
    if (fclose(to) || failed) {
        free(text);
        return NULL;
    }
    *bytes = size;
    return text;
}
