/* ptx.h - the text of a PTX module as tokens.
 *
 * Comments are gone; a word is a name, number, register, directive or opcode with all its parts
 * ("ld.global.L1::no_allocate.f32"). The text is untrusted: inline assembly puts anything there.
 */
#ifndef HONE_PTX_POLICY_PTX_H
#define HONE_PTX_POLICY_PTX_H

#include <stdbool.h>
#include <stdint.h>

#define PTX_BYTES_MAX (64u << 20)

enum ptx_kind { PTX_END, PTX_WORD, PTX_STRING, PTX_MARK };

struct ptx_token {
    uint32_t at, length; /* in the text */
    uint32_t line;       /* from 1 */
    uint32_t kind;       /* enum ptx_kind */
};

struct ptx {
    const char *text;
    struct ptx_token *tokens; /* the last is PTX_END */
    uint32_t count;           /* without it */
};

/* 0, -EFBIG, -ENOMEM; -EINVAL with the line in *line when the text is none: a comment or string
 * without an end, a byte that no token begins with. ptx_finish() after 0 only. */
int ptx_open(const char *text, uint64_t bytes, struct ptx *ptx, uint32_t *line);
void ptx_finish(struct ptx *ptx);

bool ptx_is(const struct ptx *ptx, uint32_t token, const char *word);
bool ptx_begins(const struct ptx *ptx, uint32_t token, const char *head);

#endif
