#include "plugins/detector/ptx_policy/ptx.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the lexer is. */
struct place {
    const char *at, *end;
    uint32_t line;
};

static bool is_part(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '%' || c == '.';
}

static bool looks_at(const struct place *place, const char *text) {
    const size_t length = strlen(text);
    return (size_t)(place->end - place->at) >= length && memcmp(place->at, text, length) == 0;
}

static void step(struct place *place) {
    place->line += *place->at++ == '\n';
}

/* False: a comment has no end. */
static bool skip_space(struct place *place) {
    while (place->at < place->end) {
        if (isspace((unsigned char)*place->at)) {
            step(place);
        } else if (looks_at(place, "//")) {
            while (place->at < place->end && *place->at != '\n')
                place->at++;
        } else if (looks_at(place, "/*")) {
            place->at += 2;
            while (place->at < place->end && !looks_at(place, "*/"))
                step(place);
            if (place->at == place->end)
                return false;
            place->at += 2;
        } else {
            break;
        }
    }
    return true;
}

/* A '%' begins a register, even behind an opcode without a blank. */
static void take_word(struct place *place) {
    for (const char *begin = place->at; place->at < place->end;) {
        if (is_part(*place->at) && (*place->at != '%' || place->at == begin))
            place->at++;
        else if (looks_at(place, "::"))
            place->at += 2;
        else
            break;
    }
}

/* With a backslash it is not told where the assembler sees its end: for that one it escapes
 * nothing.
 */
static bool take_string(struct place *place) {
    for (place->at++; place->at < place->end && !strchr("\n\\", *place->at); place->at++)
        if (*place->at == '"') {
            place->at++;
            return true;
        }
    return false;
}

static bool take_token(struct place *place, struct ptx_token *token, const char *text) {
    const char *begin = place->at;
    token->at = (uint32_t)(begin - text);
    token->line = place->line;
    if (is_part(*begin)) {
        token->kind = PTX_WORD;
        take_word(place);
    } else if (*begin == '"') {
        token->kind = PTX_STRING;
        if (!take_string(place))
            return false;
    } else {
        token->kind = PTX_MARK;
        if (!strchr("@!,;:{}()[]<>=+-*/|&~?^", *begin) || !*begin)
            return false;
        place->at++;
    }
    token->length = (uint32_t)(place->at - begin);
    return true;
}

static bool grow(struct ptx *ptx, uint32_t *room) {
    if (ptx->count + 1 < *room)
        return true;
    *room = *room ? *room * 2 : 1024;
    struct ptx_token *tokens = realloc(ptx->tokens, *room * sizeof *tokens);
    if (tokens)
        ptx->tokens = tokens;
    return tokens != NULL;
}

int ptx_open(const char *text, uint64_t bytes, struct ptx *ptx, uint32_t *line) {
    struct place place = {text, text + bytes, 1};
    uint32_t room = 0;
    int result = bytes > PTX_BYTES_MAX ? -EFBIG : 0;
    *ptx = (struct ptx){.text = text};
    while (!result) {
        const bool whole = skip_space(&place);
        *line = place.line;
        if (!grow(ptx, &room))
            result = -ENOMEM;
        else if (!whole)
            result = -EINVAL;
        else if (place.at == place.end)
            break;
        else if (!take_token(&place, &ptx->tokens[ptx->count], text))
            result = -EINVAL;
        else
            ptx->count++;
    }
    if (result)
        ptx_finish(ptx);
    else
        ptx->tokens[ptx->count] = (struct ptx_token){.kind = PTX_END, .line = place.line};
    return result;
}

void ptx_finish(struct ptx *ptx) {
    free(ptx->tokens);
    *ptx = (struct ptx){0};
}

bool ptx_is(const struct ptx *ptx, uint32_t token, const char *word) {
    const struct ptx_token *here = &ptx->tokens[token];
    return here->kind != PTX_END && strlen(word) == here->length &&
           memcmp(ptx->text + here->at, word, here->length) == 0;
}

bool ptx_begins(const struct ptx *ptx, uint32_t token, const char *head) {
    const struct ptx_token *here = &ptx->tokens[token];
    const size_t length = strlen(head);
    return here->kind != PTX_END && length <= here->length &&
           memcmp(ptx->text + here->at, head, length) == 0;
}
