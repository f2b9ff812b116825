#include "hardware/cpu/cuda_pieces.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 4 /* of functions that call others that look */

bool hone_pieces_is_name(const struct pieces *pieces, uint32_t i) {
    return i < pieces->count && pieces->items[i].kind == HONE_TOKEN_WORD;
}

bool hone_pieces_is(const struct pieces *pieces, uint32_t i, const char *word) {
    const size_t length = strlen(word);
    if (!hone_pieces_is_name(pieces, i) || pieces->items[i].end - pieces->items[i].at != length)
        return false;
    return memcmp(pieces->source + pieces->items[i].at, word, length) == 0;
}

bool hone_pieces_is_sign(const struct pieces *pieces, uint32_t i, char sign) {
    return i < pieces->count && pieces->items[i].sign == sign;
}

uint32_t hone_pieces_close(const struct pieces *pieces, uint32_t i, char open) {
    return hone_pieces_is_sign(pieces, i, open) ? pieces->items[i].match : 0;
}

bool hone_pieces_look(const struct pieces *pieces, uint32_t from, uint32_t to) {
    return pieces->items[to].looks > pieces->items[from].looks;
}

/* --- reading --- */

static void add_piece(struct pieces *pieces, const struct hone_tokens *tokens,
                      const struct hone_token *token) {
    if (pieces->count + 1 >= pieces->size) { /* one more than there are is an end */
        const uint32_t size = 2 * pieces->size + 256;
        struct piece *items = realloc(pieces->items, size * sizeof *items);
        pieces->failed |= !items;
        if (!items)
            return;
        pieces->items = items;
        pieces->size = size;
    }
    pieces->items[pieces->count++] = (struct piece){
        .at = (uint32_t)token->at,
        .end = (uint32_t)tokens->at,
        .kind = (uint8_t)token->kind,
        .first = token->first,
        .sign = token->kind == HONE_TOKEN_SIGN && token->length == 1 ? token->text[0] : '\0'};
}

/* What is open, innermost last, and how many of each kind. */
struct brackets {
    struct {
        uint32_t piece, kind;
    } * open;
    uint32_t depth, counts[3];
};

/* A bracket of another kind in between was closed in a group that is left out, or never. */
static void close_bracket(struct pieces *pieces, struct brackets *brackets, uint32_t i,
                          uint32_t kind) {
    for (bool found = false; brackets->counts[kind] && !found;) {
        const uint32_t opened = brackets->open[--brackets->depth].piece;
        const uint32_t other = brackets->open[brackets->depth].kind;
        brackets->counts[other]--;
        found = other == kind;
        if (!found)
            continue;
        pieces->items[opened].match = i;
        pieces->items[i].match = opened;
    }
}

static void match_brackets(struct pieces *pieces) {
    static const char opening[] = "({[", closing[] = ")}]";
    struct brackets brackets = {.open = malloc((pieces->count + 1) * sizeof *brackets.open)};
    pieces->failed |= !brackets.open;
    for (uint32_t i = 0; brackets.open && i < pieces->count; i++) {
        const char sign = pieces->items[i].sign;
        for (uint32_t kind = 0; kind < 3; kind++)
            if (sign == opening[kind]) {
                brackets.open[brackets.depth].piece = i;
                brackets.open[brackets.depth++].kind = kind;
                brackets.counts[kind]++;
            } else if (sign == closing[kind]) {
                close_bracket(pieces, &brackets, i, kind);
            }
    }
    free(brackets.open);
}

/* --- who looks --- */

static bool is_same(const struct pieces *pieces, uint32_t a, uint32_t b) {
    const struct piece *one = &pieces->items[a], *other = &pieces->items[b];
    return one->end - one->at == other->end - other->at &&
           memcmp(pieces->source + one->at, pieces->source + other->at, one->end - one->at) == 0;
}

static bool is_named(const struct pieces *pieces, uint32_t i) {
    for (uint32_t n = 0; n < pieces->name_count; n++)
        if (is_same(pieces, pieces->names[n], i))
            return true;
    return false;
}

static bool add_name(struct pieces *pieces, uint32_t i) {
    static const char *const types[] = {"int",   "unsigned", "float", "double", "char",
                                        "short", "long",     "bool",  "const",  "void"};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        if (hone_pieces_is(pieces, i, types[t]))
            return false;
    if (pieces->name_count == HONE_PIECES_NAMES_MOST || is_named(pieces, i))
        return false;
    pieces->names[pieces->name_count++] = i;
    return true;
}

/* `volatile int *flag`, `volatile unsigned a[4], b;`: the last word before a declarator ends. In a
 * cast there is none. */
static void name_volatile(struct pieces *pieces, uint32_t i) {
    uint32_t words = 0;
    const uint32_t end =
        i + HONE_PIECES_AHEAD < pieces->count ? i + HONE_PIECES_AHEAD : pieces->count;
    for (i++; i < end; i++) {
        const char sign = pieces->items[i].sign;
        const bool ends = sign && strchr(",;=)[{", sign);
        words += hone_pieces_is_name(pieces, i);
        if (ends && hone_pieces_is_name(pieces, i - 1) && words)
            add_name(pieces, i - 1);
        if (sign == ')' || sign == ';' || sign == '{' || sign == '(' || sign == '}')
            return;
        if (hone_pieces_close(pieces, i, '['))
            i = pieces->items[i].match;
    }
}

/* Where the body of a function begins whose name is at `i`, or the macro's; 0: it is no such name.
 */
static uint32_t find_body(const struct pieces *pieces, uint32_t i, uint32_t *end) {
    const bool macro = i && hone_pieces_is(pieces, i - 1, "define");
    uint32_t close = hone_pieces_close(pieces, i + 1, '('), body = close + 1;
    if (macro) {
        for (body = *end = i + 1; *end < pieces->count && !pieces->items[*end].first;)
            ++*end;
        return body;
    }
    static const char *const others[] = {"if", "for", "while", "switch"};
    for (size_t o = 0; o < sizeof others / sizeof *others; o++)
        if (hone_pieces_is(pieces, i, others[o]))
            return 0;
    while (close &&
           (hone_pieces_is(pieces, body, "const") || hone_pieces_is(pieces, body, "noexcept")))
        body++;
    *end = close ? hone_pieces_close(pieces, body, '{') : 0;
    return *end ? body : 0;
}

static void count_looks(struct pieces *pieces) {
    uint32_t looks = 0;
    for (uint32_t i = 0; i <= pieces->count; i++) {
        pieces->items[i].looks = looks;
        pieces->items[i].is_look |= hone_pieces_is_name(pieces, i) && is_named(pieces, i);
        looks += pieces->items[i].is_look;
    }
}

static void find_looks(struct pieces *pieces) {
    for (uint32_t i = 0; i < pieces->count; i++) {
        pieces->items[i].is_look =
            hone_pieces_is(pieces, i, "volatile") || hone_pieces_is(pieces, i, "__ldcv");
        if (hone_pieces_is(pieces, i, "volatile"))
            name_volatile(pieces, i);
    }
    bool more = true;
    for (int round = 0; round < ROUNDS && more; round++) {
        count_looks(pieces);
        more = false;
        for (uint32_t i = 0; i < pieces->count; i++) {
            uint32_t end, body = hone_pieces_is_name(pieces, i) ? find_body(pieces, i, &end) : 0;
            if (body && hone_pieces_look(pieces, body, end))
                more |= add_name(pieces, i);
        }
    }
    count_looks(pieces);
}

void hone_pieces_read(struct pieces *pieces, const char *source, uint64_t bytes) {
    struct hone_tokens tokens;
    struct hone_token token;
    *pieces = (struct pieces){.source = source};
    hone_tokens_begin(&tokens, source, bytes);
    for (hone_tokens_next(&tokens, &token); token.kind != HONE_TOKEN_END && !pieces->failed;
         hone_tokens_next(&tokens, &token))
        add_piece(pieces, &tokens, &token);
    if (pieces->failed || !pieces->items)
        return;
    pieces->items[pieces->count] = (struct piece){.at = (uint32_t)bytes, .end = (uint32_t)bytes};
    match_brackets(pieces);
    find_looks(pieces);
}

void hone_pieces_finish(struct pieces *pieces) {
    free(pieces->items);
    *pieces = (struct pieces){0};
}
