/* words.h - the words that the scan refuses or takes note of, as tables. */
#ifndef HONE_DEVICE_WORDS_H
#define HONE_DEVICE_WORDS_H

#include "hardware/device/scan.h"

enum hone_word_when {
    HONE_WORD_ANYWHERE, /* but not behind `.` or `->` */
    HONE_WORD_CALLED,   /* before `(`, not behind `.`, `->` or a type: a function of one's own */
    HONE_WORD_FUNCTION, /* before `(`, called or declared */
    HONE_WORD_SCOPE,    /* before `::` */
    HONE_WORD_STANDARD, /* behind `std::` */
    HONE_WORD_RESERVED, /* wherever it is, and no macro of the source's own either */
    HONE_WORD_HARNESS,  /* the same, though it may be in a group that is left out */
};

/* A word that ends with '*' stands for all that begin so. */
struct hone_word_refused {
    const char *word;
    uint8_t devices, when;
    const char *why, *instead;
};
struct hone_word_fact {
    const char *word;
    uint32_t facts;
};

/* Both end with a NULL word; there are fewer than HONE_WORDS_REFUSED_MAX. */
#define HONE_WORDS_REFUSED_MAX 128
extern const struct hone_word_refused hone_words_refused[];
extern const struct hone_word_fact hone_words_facts[];
/* The headers there are, on both devices; ends with NULL. */
extern const struct hone_word_fact hone_words_headers[];
/* Others of which there is something to say; the last, "*", stands for all. */
extern const struct hone_word_refused hone_words_headers_refused[];

bool hone_word_matches(const char *pattern, const char *word, size_t length);

#endif
