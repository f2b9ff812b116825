#include "core/settings_internal.h"

#include "core/error.h"
#include "core/loader.h"
#include "core/settings_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hone_settings_place hone_settings_place(const struct hone_settings *settings,
                                               const struct hone_entry *row) {
    struct hone_settings_place place;
    if (row->line)
        snprintf(place.text, sizeof place.text, "%s:%u", settings->path, row->line);
    else
        snprintf(place.text, sizeof place.text, "command line");
    return place;
}

int hone_settings_refuse(const struct hone_settings *settings, const struct hone_entry *row,
                         const char *expected, struct hone_error *error) {
    return hone_fail(error, -EINVAL, "%s: [%s] %s: \"%s\" is not %s",
                     hone_settings_place(settings, row).text, row->section, row->name, row->value,
                     expected);
}

static const struct hone_option *find_option(const struct hone_option *options, const char *name) {
    for (; options && options->name; options++)
        if (!strcmp(options->name, name))
            return options;
    return NULL;
}

/* Every option the section gives must be one the plugin has. */
static int check_names(const struct hone_settings *settings, const struct hone_plugin *plugin,
                       const char *section, struct hone_error *error) {
    for (uint32_t i = 0; i < settings->entries.count; i++) {
        const struct hone_entry *row = &settings->entries.rows[i];
        if (!row->name || strcmp(row->section, section) || find_option(plugin->options, row->name))
            continue;
        char text[256] = " (it has none)";
        size_t used = 0;
        for (const struct hone_option *o = plugin->options; o && o->name && used < sizeof text; o++)
            used += (size_t)snprintf(text + used, sizeof text - used, " %s", o->name);
        return hone_fail(error, -EINVAL, "%s: [%s] %s: no such option, expected one of:%s",
                         hone_settings_place(settings, row).text, section, row->name, text);
    }
    return 0;
}

int hone_settings_plugin(const struct hone_settings *settings, const struct hone_plugin *plugin,
                         struct hone_setting **out, struct hone_error *error) {
    char section[128], expected[256];
    snprintf(section, sizeof section, "%s.%s", hone_kind_name(plugin->kind), plugin->name);
    int result = check_names(settings, plugin, section, error);
    if (result)
        return result;
    size_t count = 0;
    while (plugin->options && plugin->options[count].name)
        count++;
    struct hone_setting *list = calloc(count + 1, sizeof *list);
    if (!list)
        return hone_fail(error, -ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const struct hone_option *option = &plugin->options[i];
        const struct hone_entry *row = hone_entries_find(&settings->entries, section, option->name);
        const char *value = row ? row->value : option->fallback;
        hone_option_expects(option, expected, sizeof expected);
        if (!value)
            result = hone_fail(error, -EINVAL, "%s: [%s] %s: must be given, expected %s",
                               settings->path, section, option->name, expected);
        else if (row && !hone_option_accepts(option, value))
            result = hone_settings_refuse(settings, row, expected, error);
        if (result) {
            free(list);
            return result;
        }
        list[i] = (struct hone_setting){option->name, value};
    }
    *out = list;
    return 0;
}
