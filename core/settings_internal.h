/* settings_internal.h - what core/settings*.c share: the rows, and how messages name one. */
#ifndef HONE_CORE_SETTINGS_INTERNAL_H
#define HONE_CORE_SETTINGS_INTERNAL_H

#include "core/settings.h"
#include "core/settings_read.h"

#define KINDS (HONE_HARDWARE + 1)

struct hone_settings {
    struct hone_entries entries;
    char *path; /* for messages */
    struct hone_use *uses[KINDS];
    uint32_t use_count[KINDS];
};

/* Where a row was written: "etc/hone.ini:12". */
struct hone_settings_place {
    char text[320];
};
struct hone_settings_place hone_settings_place(const struct hone_settings *settings,
                                               const struct hone_entry *row);

/* -EINVAL: the row's value is not what was expected. */
int hone_settings_refuse(const struct hone_settings *settings, const struct hone_entry *row,
                         const char *expected, struct hone_error *error);

#endif
