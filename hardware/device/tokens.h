/* tokens.h - a text as C++'s tokens: comments, strings, raw strings, splices and digraphs known.
 *
 * Any bytes are tokens; reading is linear in their number and needs no memory. */
#ifndef HONE_DEVICE_TOKENS_H
#define HONE_DEVICE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HONE_TOKEN_SIZE 128

enum hone_token_kind {
    HONE_TOKEN_END,
    HONE_TOKEN_WORD, /* identifier or keyword */
    HONE_TOKEN_NUMBER,
    HONE_TOKEN_STRING, /* any kind; text is what is between the quotes */
    HONE_TOKEN_CHARACTER,
    HONE_TOKEN_SIGN, /* one character, or `::`, `->`, `<<<` and `>>>`; digraphs as what they mean */
};

struct hone_token {
    enum hone_token_kind kind;
    bool first;                 /* of its line */
    uint32_t line, column;      /* where it begins, from 1 */
    size_t at;                  /* the same, as an offset; it ends where the reader is */
    size_t length;              /* the whole */
    char text[HONE_TOKEN_SIZE]; /* as much of it as has room, and a NUL */
};

struct hone_tokens {
    const char *text;
    size_t size, at;
    uint32_t line, column;
    bool first; /* nothing but space since the line's begin */
};

void hone_tokens_begin(struct hone_tokens *tokens, const char *text, size_t size);
void hone_tokens_next(struct hone_tokens *tokens, struct hone_token *token);
/* The name in an #include's `<>` or quotes, read as it stands; an empty one, and nothing read, when
 * something else follows. */
void hone_tokens_header(struct hone_tokens *tokens, struct hone_token *token);
/* Past the end of the logical line; comments that begin in it are skipped to their end. */
void hone_tokens_skip_line(struct hone_tokens *tokens);
/* Whether, after spaces and comments, a sign of one or two characters comes; nothing is read. */
bool hone_tokens_follow(const struct hone_tokens *tokens, const char *sign);

#endif
