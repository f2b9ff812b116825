/* Loops that wait for what others do to memory. On a GPU others run meanwhile; where threads are
 * fibers they do when the loop lets them: `hone_turn()` goes into loops that are empty,
 * `hone_look()` into those that look at something volatile or may go on for ever. */
#include "hardware/cpu/cuda_text.h"
#include "hardware/device/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 128
#define ROUNDS 4 /* of functions that call others that look */

/* A token of the source. Brackets know each other. */
struct piece {
    uint32_t at, end;
    uint32_t match; /* of a bracket: the other's index; 0: none */
    uint32_t looks; /* how many pieces before this one look */
    uint8_t kind;   /* enum hone_token_kind */
    char sign;      /* of a sign of one character */
    bool first, is_look;
};

struct put_in {
    uint32_t at, order;
    const char *text;
};

struct spins {
    const char *source;
    struct piece *pieces;
    uint32_t count, size;
    uint32_t names[NAMES_MOST], name_count; /* pieces whose word looks, wherever it is */
    struct put_in *put_ins;
    uint32_t put_in_count, put_in_size;
    bool failed;
};

static bool is_word(const struct spins *spins, uint32_t i, const char *word) {
    const struct piece *piece = &spins->pieces[i];
    const size_t length = strlen(word);
    return i < spins->count && piece->kind == HONE_TOKEN_WORD && piece->end - piece->at == length &&
           memcmp(spins->source + piece->at, word, length) == 0;
}

static bool is_any_word(const struct spins *spins, uint32_t i) {
    return i < spins->count && spins->pieces[i].kind == HONE_TOKEN_WORD;
}

static bool is_sign(const struct spins *spins, uint32_t i, char sign) {
    return i < spins->count && spins->pieces[i].sign == sign;
}

/* The index of the bracket that closes what opens at `i`; 0: none does. */
static uint32_t closes(const struct spins *spins, uint32_t i, char open) {
    return is_sign(spins, i, open) ? spins->pieces[i].match : 0;
}

static bool looks_between(const struct spins *spins, uint32_t from, uint32_t to) {
    return spins->pieces[to].looks > spins->pieces[from].looks;
}

/* --- reading --- */

static void add_piece(struct spins *spins, const struct hone_tokens *tokens,
                      const struct hone_token *token) {
    if (spins->count + 1 >= spins->size) { /* one more than there are is an end */
        const uint32_t size = 2 * spins->size + 256;
        struct piece *pieces = realloc(spins->pieces, size * sizeof *pieces);
        spins->failed |= !pieces;
        if (!pieces)
            return;
        spins->pieces = pieces;
        spins->size = size;
    }
    spins->pieces[spins->count++] = (struct piece){
        .at = (uint32_t)token->at,
        .end = (uint32_t)tokens->at,
        .kind = (uint8_t)token->kind,
        .first = token->first,
        .sign = token->kind == HONE_TOKEN_SIGN && token->length == 1 ? token->text[0] : '\0'};
}

/* A bracket of another kind in between was closed in a group that is left out, or never. */
static void match_brackets(struct spins *spins) {
    uint32_t *open = malloc((spins->count + 1) * sizeof *open), depth = 0;
    spins->failed |= !open;
    for (uint32_t i = 0; open && i < spins->count; i++) {
        const char sign = spins->pieces[i].sign;
        const char wanted = sign == ')' ? '(' : sign == '}' ? '{' : sign == ']' ? '[' : '\0';
        if (sign == '(' || sign == '{' || sign == '[')
            open[depth++] = i;
        if (!wanted)
            continue;
        uint32_t at = depth;
        while (at && spins->pieces[open[at - 1]].sign != wanted)
            at--;
        if (!at)
            continue;
        depth = at - 1;
        spins->pieces[open[depth]].match = i;
        spins->pieces[i].match = open[depth];
    }
    free(open);
}

static void read_pieces(struct spins *spins, uint64_t bytes) {
    struct hone_tokens tokens;
    struct hone_token token;
    hone_tokens_begin(&tokens, spins->source, bytes);
    for (hone_tokens_next(&tokens, &token); token.kind != HONE_TOKEN_END && !spins->failed;
         hone_tokens_next(&tokens, &token))
        add_piece(spins, &tokens, &token);
    if (spins->failed || !spins->pieces)
        return;
    spins->pieces[spins->count] = (struct piece){.at = (uint32_t)bytes, .end = (uint32_t)bytes};
    match_brackets(spins);
}

/* --- who looks --- */

static bool is_same(const struct spins *spins, uint32_t a, uint32_t b) {
    const struct piece *one = &spins->pieces[a], *other = &spins->pieces[b];
    return one->end - one->at == other->end - other->at &&
           memcmp(spins->source + one->at, spins->source + other->at, one->end - one->at) == 0;
}

static bool is_named(const struct spins *spins, uint32_t i) {
    for (uint32_t n = 0; n < spins->name_count; n++)
        if (is_same(spins, spins->names[n], i))
            return true;
    return false;
}

static bool add_name(struct spins *spins, uint32_t i) {
    static const char *const types[] = {"int",   "unsigned", "float", "double", "char",
                                        "short", "long",     "bool",  "const",  "void"};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        if (is_word(spins, i, types[t]))
            return false;
    if (spins->name_count == NAMES_MOST || is_named(spins, i))
        return false;
    spins->names[spins->name_count++] = i;
    return true;
}

/* `volatile int *flag`, `volatile unsigned a[4], b;`: the last word before a declarator ends. In a
 * cast there is none. */
static void name_volatile(struct spins *spins, uint32_t i) {
    uint32_t words = 0;
    for (i++; i < spins->count; i++) {
        const char sign = spins->pieces[i].sign;
        const bool ends = sign && strchr(",;=)[{", sign);
        words += is_any_word(spins, i);
        if (ends && is_any_word(spins, i - 1) && words)
            add_name(spins, i - 1);
        if (sign == ')' || sign == ';' || sign == '{' || sign == '(' || sign == '}')
            return;
        if (closes(spins, i, '['))
            i = spins->pieces[i].match;
    }
}

/* Where the body of a function begins whose name is at `i`, or the macro's; 0: it is no such name.
 */
static uint32_t find_body(const struct spins *spins, uint32_t i, uint32_t *end) {
    const bool macro = i && is_word(spins, i - 1, "define");
    uint32_t close = closes(spins, i + 1, '('), body = close + 1;
    if (macro) {
        for (body = *end = i + 1; *end < spins->count && !spins->pieces[*end].first;)
            ++*end;
        return body;
    }
    static const char *const others[] = {"if", "for", "while", "switch"};
    for (size_t o = 0; o < sizeof others / sizeof *others; o++)
        if (is_word(spins, i, others[o]))
            return 0;
    while (close && (is_word(spins, body, "const") || is_word(spins, body, "noexcept")))
        body++;
    *end = close ? closes(spins, body, '{') : 0;
    return *end ? body : 0;
}

static void count_looks(struct spins *spins) {
    uint32_t looks = 0;
    for (uint32_t i = 0; i <= spins->count; i++) {
        spins->pieces[i].looks = looks;
        spins->pieces[i].is_look |= is_any_word(spins, i) && is_named(spins, i);
        looks += spins->pieces[i].is_look;
    }
}

static void find_looks(struct spins *spins) {
    for (uint32_t i = 0; i < spins->count; i++) {
        spins->pieces[i].is_look = is_word(spins, i, "volatile") || is_word(spins, i, "__ldcv");
        if (is_word(spins, i, "volatile"))
            name_volatile(spins, i);
    }
    bool more = true;
    for (int round = 0; round < ROUNDS && more; round++) {
        count_looks(spins);
        more = false;
        for (uint32_t i = 0; i < spins->count; i++) {
            uint32_t end, body = is_any_word(spins, i) ? find_body(spins, i, &end) : 0;
            if (body && looks_between(spins, body, end))
                more |= add_name(spins, i);
        }
    }
    count_looks(spins);
}

/* --- loops --- */

static void put(struct spins *spins, uint32_t at, const char *text) {
    if (spins->put_in_count == spins->put_in_size) {
        const uint32_t size = 2 * spins->put_in_size + 64;
        struct put_in *more = realloc(spins->put_ins, size * sizeof *more);
        spins->failed |= !more;
        if (!more)
            return;
        spins->put_ins = more;
        spins->put_in_size = size;
    }
    spins->put_ins[spins->put_in_count] = (struct put_in){at, spins->put_in_count, text};
    spins->put_in_count++;
}

/* `int x = f()` between the brackets: names and what types are written with, and two names. */
static bool is_declaration(const struct spins *spins, uint32_t open, uint32_t close) {
    uint32_t names = 0, i = open + 1;
    for (; i < close; i++) {
        const struct piece *piece = &spins->pieces[i];
        const bool joined = piece->kind == HONE_TOKEN_SIGN && !piece->sign; /* `::` */
        if (piece->kind == HONE_TOKEN_WORD)
            names += i == open + 1 || spins->pieces[i - 1].sign ||
                     spins->pieces[i - 1].kind == HONE_TOKEN_WORD;
        else if (!joined && (!piece->sign || !strchr("*&<>,", piece->sign)))
            break;
    }
    const bool set =
        is_sign(spins, i, '{') || (is_sign(spins, i, '=') && !is_sign(spins, i + 1, '='));
    return names >= 2 && set && i < close && is_any_word(spins, i - 1);
}

/* What the condition between the brackets is asked for, `call` is made. */
static void put_condition(struct spins *spins, uint32_t open, uint32_t close, const char *call) {
    put(spins, spins->pieces[open].end, call);
    put(spins, spins->pieces[open].end, ", (");
    put(spins, spins->pieces[close].at, ")");
}

/* The last piece of the statement that begins at `i`. */
static uint32_t end_of_statement(const struct spins *spins, uint32_t i) {
    for (; i < spins->count; i++) {
        const uint32_t brace = closes(spins, i, '{'), bracket = closes(spins, i, '(');
        if (brace)
            return brace;
        if (is_sign(spins, i, ';') || is_sign(spins, i, '}'))
            return i;
        i = bracket ? bracket : i;
    }
    return spins->count;
}

static bool is_empty(const struct spins *spins, uint32_t body) {
    return closes(spins, body, '{') == body + 1;
}

static bool is_endless(const struct spins *spins, uint32_t open, uint32_t close) {
    return close == open + 2 &&
           (is_word(spins, open + 1, "true") || spins->pieces[open + 1].kind == HONE_TOKEN_NUMBER);
}

/* Something in the condition has a name: else it cannot change. */
static bool has_names(const struct spins *spins, uint32_t open, uint32_t close) {
    while (++open < close)
        if (is_any_word(spins, open))
            return true;
    return false;
}

static void read_while(struct spins *spins, uint32_t i) {
    const uint32_t open = i + 1, close = closes(spins, open, '('), body = close + 1;
    if (!close)
        return;
    const bool declares = is_declaration(spins, open, close);
    const bool behind_do = i && is_sign(spins, i - 1, '}') && spins->pieces[i - 1].match &&
                           is_word(spins, spins->pieces[i - 1].match - 1, "do");
    if (behind_do)
        return;
    if (is_sign(spins, body, ';')) {
        if (declares)
            put(spins, spins->pieces[body].at, "hone_turn()");
        else if (has_names(spins, open, close))
            put_condition(spins, open, close, "hone_turn()");
    } else if (is_empty(spins, body)) {
        put(spins, spins->pieces[body].end, "hone_turn();");
    } else if (looks_between(spins, i, end_of_statement(spins, body)) ||
               is_endless(spins, open, close)) {
        if (is_sign(spins, body, '{'))
            put(spins, spins->pieces[body].end, "hone_look();");
        else if (!declares)
            put_condition(spins, open, close, "hone_look()");
    }
}

static void read_do(struct spins *spins, uint32_t i) {
    const uint32_t end = closes(spins, i + 1, '{');
    if (end)
        put(spins, spins->pieces[i + 1].end, end == i + 2 ? "hone_turn();" : "hone_look();");
}

/* The two `;` between the brackets of a for. */
static bool find_parts(const struct spins *spins, uint32_t open, uint32_t close,
                       uint32_t parts[2]) {
    uint32_t count = 0;
    for (uint32_t i = open + 1; i < close; i++) {
        if (is_sign(spins, i, ';') && count < 2)
            parts[count++] = i;
        if (strchr("({[", spins->pieces[i].sign) && spins->pieces[i].sign && spins->pieces[i].match)
            i = spins->pieces[i].match;
    }
    return count == 2;
}

static void read_for(struct spins *spins, uint32_t i) {
    const uint32_t open = i + 1, close = closes(spins, open, '('), body = close + 1;
    uint32_t parts[2];
    if (!close || !find_parts(spins, open, close, parts))
        return;
    const bool always = parts[1] == parts[0] + 1;
    if (!always && !looks_between(spins, i, end_of_statement(spins, body)))
        return;
    if (is_sign(spins, body, '{'))
        put(spins, spins->pieces[body].end, "hone_look();");
    else if (is_sign(spins, body, ';'))
        put(spins, spins->pieces[body].at, "hone_look()");
    else if (always)
        put(spins, spins->pieces[parts[0]].end, "hone_look(), true");
    else if (!is_declaration(spins, parts[0], parts[1]))
        put_condition(spins, parts[0], parts[1], "hone_look()");
}

static void read_goto(struct spins *spins, uint32_t i) {
    if (!is_any_word(spins, i + 1) || !is_sign(spins, i + 2, ';'))
        return;
    put(spins, spins->pieces[i].at, "{hone_look();");
    put(spins, spins->pieces[i + 2].end, "}");
}

/* The end of a function that a compiler may run: there nobody waits. `i` itself where none begins.
 */
static uint32_t skip_constant(const struct spins *spins, uint32_t i) {
    if (i && is_word(spins, i - 1, "if"))
        return i;
    for (uint32_t at = i + 1; at < spins->count; at++) {
        const uint32_t bracket = closes(spins, at, '(');
        if (closes(spins, at, '{'))
            return spins->pieces[at].match;
        if (is_sign(spins, at, ';') || is_sign(spins, at, '=') || is_sign(spins, at, '}'))
            return i;
        at = bracket ? bracket : at;
    }
    return i;
}

static void read_loops(struct spins *spins) {
    for (uint32_t i = 0; i < spins->count; i++) {
        if (is_word(spins, i, "constexpr"))
            i = skip_constant(spins, i);
        else if (is_word(spins, i, "while"))
            read_while(spins, i);
        else if (is_word(spins, i, "do"))
            read_do(spins, i);
        else if (is_word(spins, i, "for"))
            read_for(spins, i);
        else if (is_word(spins, i, "goto"))
            read_goto(spins, i);
    }
}

/* --- writing --- */

static int compare(const void *a, const void *b) {
    const struct put_in *one = a, *other = b;
    if (one->at != other->at)
        return one->at < other->at ? -1 : 1;
    return one->order < other->order ? -1 : 1;
}

static void write_text(struct spins *spins, uint64_t bytes, FILE *to) {
    uint32_t at = 0;
    if (spins->put_in_count)
        qsort(spins->put_ins, spins->put_in_count, sizeof *spins->put_ins, compare);
    for (uint32_t i = 0; i < spins->put_in_count; i++) {
        fwrite(spins->source + at, 1, spins->put_ins[i].at - at, to);
        fputs(spins->put_ins[i].text, to);
        at = spins->put_ins[i].at;
    }
    fwrite(spins->source + at, 1, bytes - at, to);
}

char *hone_cuda_spins(const char *source, uint64_t source_bytes, uint64_t *bytes) {
    struct spins spins = {.source = source};
    char *text = NULL;
    size_t size = 0;
    FILE *to = source_bytes < UINT32_MAX ? open_memstream(&text, &size) : NULL;
    if (!to)
        return NULL;
    read_pieces(&spins, source_bytes);
    if (spins.count && !spins.failed) {
        find_looks(&spins);
        read_loops(&spins);
    }
    write_text(&spins, source_bytes, to);
    const bool failed = ferror(to) || spins.failed;
    free(spins.pieces);
    free(spins.put_ins);
    if (fclose(to) || failed) {
        free(text);
        return NULL;
    }
    *bytes = size;
    return text;
}
