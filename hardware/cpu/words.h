/* words.h - a growing list of texts, NULL-terminated, that owns them. */
#ifndef HONE_CPU_WORDS_H
#define HONE_CPU_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    char **items; /* NULL until something is added */
    size_t count;
    bool failed; /* out of memory; later additions do nothing */
};

/* `length` bytes of text, copied. */
void hone_cpu_words_add(struct words *words, const char *text, size_t length);
void hone_cpu_words_finish(struct words *words);

#endif
