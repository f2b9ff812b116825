/* settings_schema.h - which sections and options the core has, and what an option accepts.
 *
 * One table serves the reader, the defaults and the manual. Constant data and pure functions; any
 * thread.
 */
#ifndef HONE_CORE_SETTINGS_SCHEMA_H
#define HONE_CORE_SETTINGS_SCHEMA_H

#include "plugins/plugin.h"

#include <stdbool.h>

struct hone_schema_option {
    const char *section;
    struct hone_option option;
};

/* Every option of the core's own sections, grouped by section; a NULL section ends it. */
extern const struct hone_schema_option hone_schema[];

/* A plugin that is in use when its kind's list section is not given; a NULL section ends it. */
struct hone_schema_use {
    const char *section, *name, *value;
};
extern const struct hone_schema_use hone_schema_uses[];

/* Index into hone_schema, or -1. */
int hone_schema_find(const char *section, const char *name);
bool hone_schema_section(const char *section);

/* Whether a value is of the option's type and within its bounds; and in words what would be, for
 * messages: "an integer from 1 to 64". */
bool hone_option_accepts(const struct hone_option *option, const char *value);
void hone_option_expects(const struct hone_option *option, char *text, size_t size);

bool hone_parse_integer(const char *text, int64_t *value); /* the whole text, decimal */
bool hone_parse_real(const char *text, double *value);     /* the whole text, decimal, finite */

#endif
