/* cuda_pieces.h - a CUDA source as an array of tokens, of which some look at what others may
 * change.
 *
 * For one source at a time; the text stays the caller's. It may be any bytes. */
#ifndef HONE_CPU_CUDA_PIECES_H
#define HONE_CPU_CUDA_PIECES_H

#include "hardware/device/tokens.h"

#include <stdbool.h>
#include <stdint.h>

#define HONE_PIECES_AHEAD 256 /* brackets as one: so far is looked for an end */
#define HONE_PIECES_NAMES_MOST 128

/* A token of the source. Brackets know each other. */
struct piece {
    uint32_t at, end; /* offsets */
    uint32_t match;   /* of a bracket: the other's index; 0: none */
    uint32_t looks;   /* how many pieces before this one look */
    uint8_t kind;     /* enum hone_token_kind */
    char sign;        /* of a sign of one character */
    bool first;       /* of its line */
    bool is_look;     /* something volatile, or a function or macro that has such */
};

struct pieces {
    const char *source;
    struct piece *items; /* with one behind the last, which is nothing */
    uint32_t count, size;
    uint32_t names[HONE_PIECES_NAMES_MOST], name_count; /* whose word looks, wherever it is */
    bool failed;                                        /* no memory */
};

void hone_pieces_read(struct pieces *pieces, const char *source, uint64_t bytes);
void hone_pieces_finish(struct pieces *pieces);
/* Any index is fine. */
bool hone_pieces_is(const struct pieces *pieces, uint32_t i, const char *word);
bool hone_pieces_is_name(const struct pieces *pieces, uint32_t i);
bool hone_pieces_is_sign(const struct pieces *pieces, uint32_t i, char sign);
/* The index of the bracket that closes what opens at `i`; 0: none does. */
uint32_t hone_pieces_close(const struct pieces *pieces, uint32_t i, char open);
/* Of the pieces from one up to the other, not with it. */
bool hone_pieces_look(const struct pieces *pieces, uint32_t from, uint32_t to);

#endif
