/* error.h - say why something failed, once, where it is known. */
#ifndef HONE_CORE_ERROR_H
#define HONE_CORE_ERROR_H

#include "plugins/plugin.h"

/* Write the text if there is a place for it; returns `code`, so that `return hone_fail(...)` reads.
 */
int hone_fail(struct hone_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a plugin's result stands for, whatever number it returned. */
const char *hone_error_text(int code);

#endif
