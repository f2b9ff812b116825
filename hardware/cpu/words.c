#include "hardware/cpu/words.h"

#include <stdlib.h>
#include <string.h>

void hone_cpu_words_add(struct words *words, const char *text, size_t length) {
    if (words->failed)
        return;
    char **items = realloc(words->items, (words->count + 2) * sizeof *items);
    char *copy = items ? strndup(text, length) : NULL;
    if (items)
        words->items = items;
    words->failed = !copy;
    if (!copy)
        return;
    words->items[words->count++] = copy;
    words->items[words->count] = NULL;
}

void hone_cpu_words_finish(struct words *words) {
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct words){0};
}
