/* scanner.h - the scan of a CUDA text while it goes on, for the files it is made of. */
#ifndef HONE_DEVICE_SCANNER_H
#define HONE_DEVICE_SCANNER_H

#include "hardware/device/condition.h"
#include "hardware/device/scan.h"
#include "hardware/device/tokens.h"
#include "hardware/device/words.h"

#define HONE_SCANNER_DEPTH_MAX 64

struct scanner {
    struct hone_tokens tokens;
    struct hone_token token;
    struct hone_scan *scan;
    uint8_t groups[HONE_SCANNER_DEPTH_MAX];  /* conditional ones: enum group of directives.c */
    uint32_t group_depth, left_out, unknown; /* how many there are, and of these two kinds */
    bool defined[HONE_WORDS_REFUSED_MAX];    /* words that are macros of the source's own */
    struct hone_own_macros own;              /* and others */

    /* What came before the token. */
    char before[4];                    /* a sign; empty when it was none */
    char word_before[HONE_TOKEN_SIZE]; /* a word; empty when it was none */
    char scope[HONE_TOKEN_SIZE];       /* the word before a sign `::`, `.` or `->` */
    char assigned[HONE_TOKEN_SIZE];    /* the word before `=`, until the statement ends */
    bool in_extern, in_extern_c;       /* since the last `;`, `{` or `}` */
    bool in_global;                    /* __global__ was read, the kernel's name was not */
    bool in_pragma;                    /* behind `_Pragma(` */
    bool in_assertion;                 /* behind static_assert, until the macro ends */
    uint32_t hashes;                   /* `#` in a row */
    uint32_t braces, extern_c_braces;  /* open ones, and at `extern "C" {`: 0: not in one */
    uint32_t parentheses;              /* open since __global__ */
    char grid[HONE_TOKEN_SIZE];        /* the variable that holds this_grid() */
    uint32_t grid_call;                /* tokens since this_grid, which is the first */
};

/* At the token. In a group that may be left out, the compiler knows whether it is: only the other
 * two refuse there. The last: what is other code on another device. */
void hone_scanner_refuse(struct scanner *scanner, const char *word, uint32_t devices,
                         const char *why, const char *instead);
void hone_scanner_refuse_anyway(struct scanner *scanner, const char *word, uint32_t devices,
                                const char *why, const char *instead);
void hone_scanner_refuse_difference(struct scanner *scanner, const char *word, const char *why,
                                    const char *instead);
void hone_scanner_check_word(struct scanner *scanner);
/* Behind the `#` that begins a line. */
void hone_scanner_read_directive(struct scanner *scanner);
/* What one device's compiler does and another's does not, or does otherwise. */
void hone_scanner_check_pragma(struct scanner *scanner, struct hone_tokens line);
void hone_scanner_check_extension(struct scanner *scanner);

#endif
