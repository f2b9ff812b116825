/* settings_read.h - the lines of an ini file, before anyone asks what they mean.
 *
 * Strict about form: over-long lines, continuation lines, odd names and duplicates are errors that
 * name file and line. What exists and what is in bounds is core/settings.c's business. Results: 0
 * or a negative errno.
 */
#ifndef HONE_CORE_SETTINGS_READ_H
#define HONE_CORE_SETTINGS_READ_H

#include "plugins/plugin.h"

#include <stdbool.h>

struct hone_entry {
    char *section;
    char *name;    /* NULL: the line that opens the section */
    char *value;   /* NULL with it */
    uint32_t line; /* 0: not from the file */
};

struct hone_entries {
    struct hone_entry *rows;
    uint32_t count, capacity;
};

/* "-" is standard input. */
int hone_entries_read(struct hone_entries *entries, const char *path, struct hone_error *error);
int hone_entries_add(struct hone_entries *entries, const char *section, const char *name,
                     const char *value, uint32_t line, struct hone_error *error);
/* Replace a value; the row is appended when there is none. */
int hone_entries_set(struct hone_entries *entries, const char *section, const char *name,
                     const char *value, struct hone_error *error);
const struct hone_entry *hone_entries_find(const struct hone_entries *entries, const char *section,
                                           const char *name); /* name NULL: the opening line */
void hone_entries_finish(struct hone_entries *entries);

#endif
