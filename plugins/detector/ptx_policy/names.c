#include "plugins/detector/ptx_policy/policy.h"

#include <stdlib.h>
#include <string.h>

static bool is_same(const struct ptx *ptx, uint32_t a, uint32_t b) {
    const struct ptx_token *one = &ptx->tokens[a], *other = &ptx->tokens[b];
    return one->length == other->length &&
           memcmp(ptx->text + one->at, ptx->text + other->at, one->length) == 0;
}

/* FNV-1a from where the text happens to lie in memory, and mixed: else names could be chosen that
 * all belong in one place. The row of the name, or the empty one where it belongs. */
static struct name *find(const struct names *names, const struct ptx *ptx, uint32_t token) {
    uint64_t wide = (uintptr_t)ptx->text * 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < ptx->tokens[token].length; i++)
        wide = ((wide ^ (unsigned char)ptx->text[ptx->tokens[token].at + i]) ^ wide >> 32) *
               0x100000001b3u;
    const uint32_t hash = (uint32_t)(wide * 0x9e3779b97f4a7c15u >> 32);
    for (uint32_t i = hash;; i++) {
        struct name *row = &names->rows[i & (names->room - 1)];
        if (!row->token || is_same(ptx, row->token - 1, token))
            return row;
    }
}

const uint32_t *names_get(const struct names *names, const struct ptx *ptx, uint32_t token) {
    const struct name *row = names->count ? find(names, ptx, token) : NULL;
    return row && row->token ? &row->value : NULL;
}

static bool grow(struct names *names, const struct ptx *ptx) {
    struct names wider = {.room = names->room ? names->room * 2 : 64};
    wider.rows = calloc(wider.room, sizeof *wider.rows);
    if (!wider.rows)
        return false;
    for (uint32_t i = 0; i < names->room; i++)
        if (names->rows[i].token) {
            *find(&wider, ptx, names->rows[i].token - 1) = names->rows[i];
            wider.count++;
        }
    names_finish(names);
    *names = wider;
    return true;
}

bool names_add(struct names *names, const struct ptx *ptx, uint32_t token, uint32_t value) {
    if (2 * (names->count + 1) > names->room && !grow(names, ptx)) {
        names->failed = true;
        return false;
    }
    struct name *row = find(names, ptx, token);
    if (row->token)
        return false;
    *row = (struct name){token + 1, value};
    names->count++;
    return true;
}

void names_finish(struct names *names) {
    free(names->rows);
    *names = (struct names){0};
}
