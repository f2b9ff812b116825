/* symbols.h - a library found at run time, and the table of its functions. */
#ifndef HONE_CUDA_LAUNCHER_SYMBOLS_H
#define HONE_CUDA_LAUNCHER_SYMBOLS_H

#include <stddef.h>

struct symbol {
    const char *name;
    size_t place; /* of the pointer in the table */
};

/* Open the library at `path` and fill `table`. 0, or -1 with a text that says what lacks; then
 * `object` is NULL. */
int symbols_open(const char *path, const struct symbol *symbols, size_t count, void *table,
                 void **object, char *text, size_t size);

#endif
