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

/* A macro that a source may ask, and what it is told: the same on all devices, or what it asks for.
 */
enum hone_macro_kind {
    HONE_MACRO_EVERYWHERE, /* with this value */
    HONE_MACRO_NOWHERE,    /* for other compilers and systems than a device's */
    HONE_MACRO_OF_TOOLKIT, /* there, with a value of the device's or the toolkit's */
    HONE_MACRO_BY_DEVICE,  /* there or not, as the device is */
};
struct hone_word_macro {
    const char *word;
    enum hone_macro_kind kind;
    int64_t value;
};

/* Both end with a NULL word; there are fewer than HONE_WORDS_REFUSED_MAX. */
#define HONE_WORDS_REFUSED_MAX 128
extern const struct hone_word_refused hone_words_refused[];
extern const struct hone_word_fact hone_words_facts[];
/* The headers there are, on both devices; ends with NULL. */
extern const struct hone_word_fact hone_words_headers[];
/* Others of which there is something to say; the last, "*", stands for all. */
extern const struct hone_word_refused hone_words_headers_refused[];

/* End with NULL. The macros that a source may ask although it did not define them; the names that
 * do not begin with _ and are macros on one device only. */
extern const struct hone_word_macro hone_words_macros[];
extern const char *const hone_words_asked[];
/* NULL: none of these. */
const struct hone_word_macro *hone_word_macro(const char *word, size_t length);

bool hone_word_matches(const char *pattern, const char *word, size_t length);

#endif
