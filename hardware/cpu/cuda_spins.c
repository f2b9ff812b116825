/* Loops that wait for what others do to memory. On a GPU others run meanwhile; where threads are
 * fibers they do when the loop lets them: `hone_turn()` goes into loops that are empty,
 * `hone_look()` into those that look at something volatile or may go on for ever. */
#include "hardware/cpu/cuda_pieces.h"
#include "hardware/cpu/cuda_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct put_in {
    uint32_t at, order;
    const char *text;
};

struct spins {
    struct pieces pieces;
    struct put_in *put_ins;
    uint32_t put_in_count, put_in_size;
    bool failed;
};

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
        const struct piece *piece = &spins->pieces.items[i];
        const bool joined = piece->kind == HONE_TOKEN_SIGN && !piece->sign; /* `::` */
        if (piece->kind == HONE_TOKEN_WORD)
            names += i == open + 1 || spins->pieces.items[i - 1].sign ||
                     spins->pieces.items[i - 1].kind == HONE_TOKEN_WORD;
        else if (!joined && (!piece->sign || !strchr("*&<>,", piece->sign)))
            break;
    }
    const bool set = hone_pieces_is_sign(&spins->pieces, i, '{') ||
                     (hone_pieces_is_sign(&spins->pieces, i, '=') &&
                      !hone_pieces_is_sign(&spins->pieces, i + 1, '='));
    return names >= 2 && set && i < close && hone_pieces_is_name(&spins->pieces, i - 1);
}

/* What the condition between the brackets is asked for, `call` is made. */
static void put_condition(struct spins *spins, uint32_t open, uint32_t close, const char *call) {
    put(spins, spins->pieces.items[open].end, call);
    put(spins, spins->pieces.items[open].end, ", (");
    put(spins, spins->pieces.items[close].at, ")");
}

/* The last piece of the statement that begins at `i`. */
static uint32_t end_of_statement(const struct spins *spins, uint32_t i) {
    for (int left = HONE_PIECES_AHEAD; i < spins->pieces.count && left; i++, left--) {
        const uint32_t brace = hone_pieces_close(&spins->pieces, i, '{'),
                       bracket = hone_pieces_close(&spins->pieces, i, '(');
        if (brace)
            return brace;
        if (hone_pieces_is_sign(&spins->pieces, i, ';') ||
            hone_pieces_is_sign(&spins->pieces, i, '}'))
            return i;
        i = bracket ? bracket : i;
    }
    return i;
}

static bool is_empty(const struct spins *spins, uint32_t body) {
    return hone_pieces_close(&spins->pieces, body, '{') == body + 1;
}

static bool is_endless(const struct spins *spins, uint32_t open, uint32_t close) {
    return close == open + 2 && (hone_pieces_is(&spins->pieces, open + 1, "true") ||
                                 spins->pieces.items[open + 1].kind == HONE_TOKEN_NUMBER);
}

/* Something in the condition has a name: else it cannot change. */
static bool has_names(const struct spins *spins, uint32_t open, uint32_t close) {
    while (++open < close)
        if (hone_pieces_is_name(&spins->pieces, open))
            return true;
    return false;
}

static void read_while(struct spins *spins, uint32_t i) {
    const uint32_t open = i + 1, close = hone_pieces_close(&spins->pieces, open, '('),
                   body = close + 1;
    if (!close)
        return;
    const bool declares = is_declaration(spins, open, close);
    const bool behind_do =
        i && hone_pieces_is_sign(&spins->pieces, i - 1, '}') && spins->pieces.items[i - 1].match &&
        hone_pieces_is(&spins->pieces, spins->pieces.items[i - 1].match - 1, "do");
    if (behind_do)
        return;
    if (hone_pieces_is_sign(&spins->pieces, body, ';')) {
        if (declares)
            put(spins, spins->pieces.items[body].at, "hone_turn()");
        else if (has_names(spins, open, close))
            put_condition(spins, open, close, "hone_turn()");
    } else if (is_empty(spins, body)) {
        put(spins, spins->pieces.items[body].end, "hone_turn();");
    } else if (hone_pieces_look(&spins->pieces, i, end_of_statement(spins, body)) ||
               is_endless(spins, open, close)) {
        if (hone_pieces_is_sign(&spins->pieces, body, '{'))
            put(spins, spins->pieces.items[body].end, "hone_look();");
        else if (!declares)
            put_condition(spins, open, close, "hone_look()");
    }
}

static void read_do(struct spins *spins, uint32_t i) {
    const uint32_t end = hone_pieces_close(&spins->pieces, i + 1, '{');
    if (end)
        put(spins, spins->pieces.items[i + 1].end, end == i + 2 ? "hone_turn();" : "hone_look();");
}

/* The two `;` between the brackets of a for. */
static bool find_parts(const struct spins *spins, uint32_t open, uint32_t close,
                       uint32_t parts[2]) {
    uint32_t count = 0;
    for (uint32_t i = open + 1; i < close; i++) {
        if (hone_pieces_is_sign(&spins->pieces, i, ';') && count < 2)
            parts[count++] = i;
        if (strchr("({[", spins->pieces.items[i].sign) && spins->pieces.items[i].sign &&
            spins->pieces.items[i].match)
            i = spins->pieces.items[i].match;
    }
    return count == 2;
}

static void read_for(struct spins *spins, uint32_t i) {
    const uint32_t open = i + 1, close = hone_pieces_close(&spins->pieces, open, '('),
                   body = close + 1;
    uint32_t parts[2];
    if (!close || !find_parts(spins, open, close, parts))
        return;
    const bool always = parts[1] == parts[0] + 1;
    if (!always && !hone_pieces_look(&spins->pieces, i, end_of_statement(spins, body)))
        return;
    if (hone_pieces_is_sign(&spins->pieces, body, '{'))
        put(spins, spins->pieces.items[body].end, "hone_look();");
    else if (hone_pieces_is_sign(&spins->pieces, body, ';'))
        put(spins, spins->pieces.items[body].at, "hone_look()");
    else if (always)
        put(spins, spins->pieces.items[parts[0]].end, "hone_look(), true");
    else if (!is_declaration(spins, parts[0], parts[1]))
        put_condition(spins, parts[0], parts[1], "hone_look()");
}

static void read_goto(struct spins *spins, uint32_t i) {
    if (!hone_pieces_is_name(&spins->pieces, i + 1) ||
        !hone_pieces_is_sign(&spins->pieces, i + 2, ';'))
        return;
    put(spins, spins->pieces.items[i].at, "{hone_look();");
    put(spins, spins->pieces.items[i + 2].end, "}");
}

/* The end of a function that a compiler may run: there nobody waits. `i` itself where none begins.
 */
static uint32_t skip_constant(const struct spins *spins, uint32_t i) {
    if (i && hone_pieces_is(&spins->pieces, i - 1, "if"))
        return i;
    uint32_t at = i + 1;
    for (int left = HONE_PIECES_AHEAD; at < spins->pieces.count && left; at++, left--) {
        const uint32_t bracket = hone_pieces_close(&spins->pieces, at, '(');
        if (hone_pieces_close(&spins->pieces, at, '{'))
            return spins->pieces.items[at].match;
        if (hone_pieces_is_sign(&spins->pieces, at, ';') ||
            hone_pieces_is_sign(&spins->pieces, at, '=') ||
            hone_pieces_is_sign(&spins->pieces, at, '}'))
            return i;
        at = bracket ? bracket : at;
    }
    return i;
}

static void read_loops(struct spins *spins) {
    for (uint32_t i = 0; i < spins->pieces.count; i++) {
        if (hone_pieces_is(&spins->pieces, i, "constexpr"))
            i = skip_constant(spins, i);
        else if (hone_pieces_is(&spins->pieces, i, "while"))
            read_while(spins, i);
        else if (hone_pieces_is(&spins->pieces, i, "do"))
            read_do(spins, i);
        else if (hone_pieces_is(&spins->pieces, i, "for"))
            read_for(spins, i);
        else if (hone_pieces_is(&spins->pieces, i, "goto"))
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
        fwrite(spins->pieces.source + at, 1, spins->put_ins[i].at - at, to);
        fputs(spins->put_ins[i].text, to);
        at = spins->put_ins[i].at;
    }
    fwrite(spins->pieces.source + at, 1, bytes - at, to);
}

char *hone_cuda_spins(const char *source, uint64_t source_bytes, uint64_t *bytes) {
    struct spins spins = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *to = source_bytes < UINT32_MAX ? open_memstream(&text, &size) : NULL;
    if (!to)
        return NULL;
    hone_pieces_read(&spins.pieces, source, source_bytes);
    if (!spins.pieces.failed)
        read_loops(&spins);
    write_text(&spins, source_bytes, to);
    const bool failed = ferror(to) || spins.failed || spins.pieces.failed;
    hone_pieces_finish(&spins.pieces);
    free(spins.put_ins);
    if (fclose(to) || failed) {
        free(text);
        return NULL;
    }
    *bytes = size;
    return text;
}
