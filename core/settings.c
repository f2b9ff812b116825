#include "core/settings.h"

#include "core/error.h"
#include "core/loader.h"
#include "core/settings_internal.h"
#include "core/settings_schema.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const list_sections[KINDS] = {NULL, "tasks", "rewards", "detectors", "hardware"};
static const char *const severities[] = {NULL, "note", "warn", "zero", "quarantine"};

static enum hone_kind list_kind(const char *section) {
    for (int kind = 1; kind < KINDS; kind++)
        if (!strcmp(list_sections[kind], section))
            return (enum hone_kind)kind;
    return 0;
}

/* "reward.speedup": the kind, and where the plugin's name begins. */
static enum hone_kind plugin_kind(const char *section, const char **name) {
    for (int kind = 1; kind < KINDS; kind++) {
        const char *word = hone_kind_name((enum hone_kind)kind);
        size_t length = strlen(word);
        if (!strncmp(section, word, length) && section[length] == '.' && section[length + 1]) {
            *name = section + length + 1;
            return (enum hone_kind)kind;
        }
    }
    return 0;
}

static uint32_t severity_of(const char *value) {
    for (uint32_t severity = HONE_NOTE; severity <= HONE_QUARANTINE; severity++)
        if (!strcmp(severities[severity], value))
            return severity;
    return 0;
}

static int check_core(const struct hone_settings *settings, const struct hone_entry *row,
                      struct hone_error *error) {
    if (!row->name)
        return 0;
    int index = hone_schema_find(row->section, row->name);
    char text[256] = "";
    if (index < 0) {
        size_t used = 0;
        for (int i = 0; hone_schema[i].section && used < sizeof text; i++)
            if (!strcmp(hone_schema[i].section, row->section))
                used += (size_t)snprintf(text + used, sizeof text - used, " %s",
                                         hone_schema[i].option.name);
        return hone_fail(error, -EINVAL, "%s: [%s] %s: no such option, expected one of:%s",
                         hone_settings_place(settings, row).text, row->section, row->name, text);
    }
    const struct hone_option *option = &hone_schema[index].option;
    if (hone_option_accepts(option, row->value))
        return 0;
    hone_option_expects(option, text, sizeof text);
    return hone_settings_refuse(settings, row, text, error);
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A plugin named by a path is configured under the name of its file. */
static bool is_used_by_path(const struct hone_settings *settings, enum hone_kind kind,
                            const char *name) {
    size_t length = strlen(name);
    for (uint32_t i = 0; i < settings->entries.count; i++) {
        const struct hone_entry *row = &settings->entries.rows[i];
        if (strcmp(row->section, list_sections[kind]) || !row->name || !strchr(row->name, '/'))
            continue;
        const char *file = file_name(row->name);
        if (!strncmp(file, name, length) && (!file[length] || !strcmp(file + length, ".so")))
            return true;
    }
    return false;
}

static int check_plugin(const struct hone_settings *settings, const struct hone_entry *row,
                        enum hone_kind kind, const char *name, struct hone_error *error) {
    char path[512];
    if (row->name)
        return 0; /* options are checked when the plugin is loaded */
    if (is_used_by_path(settings, kind, name) ||
        !hone_load_find(name, kind, path, sizeof path, NULL))
        return 0;
    return hone_fail(error, -EINVAL,
                     "%s: [%s]: there is no %s plugin \"%s\", expected a name that `hone plugins` "
                     "shows, or a file in use",
                     hone_settings_place(settings, row).text, row->section, hone_kind_name(kind),
                     name);
}

static int check_use(const struct hone_settings *settings, const struct hone_entry *row,
                     enum hone_kind kind, struct hone_error *error) {
    double weight;
    const char *value = row->value;
    if (!row->name || !strcmp(value, "off"))
        return 0;
    if (kind == HONE_REWARD)
        return hone_parse_real(value, &weight)
                   ? 0
                   : hone_settings_refuse(settings, row, "a weight (a number) or off", error);
    if (!strcmp(value, "on") || !strcmp(value, "auto"))
        return 0;
    if (kind == HONE_DETECTOR)
        return strcmp(value, "audit")
                   ? hone_settings_refuse(settings, row, "on, audit, auto or off", error)
                   : 0;
    return hone_settings_refuse(settings, row, "on, auto or off", error);
}

static int check(const struct hone_settings *settings, struct hone_error *error) {
    for (uint32_t i = 0; i < settings->entries.count; i++) {
        const struct hone_entry *row = &settings->entries.rows[i];
        const char *name;
        enum hone_kind kind;
        int result = 0;
        if (hone_schema_section(row->section))
            result = check_core(settings, row, error);
        else if ((kind = list_kind(row->section)))
            result = check_use(settings, row, kind, error);
        else if ((kind = plugin_kind(row->section, &name)))
            result = check_plugin(settings, row, kind, name, error);
        else if (strcmp(row->section, "severity"))
            result =
                hone_fail(error, -EINVAL,
                          "%s: [%s]: no such section, expected server, episode, measure, compile, "
                          "cache, store, scorer, limits, severity, tasks, rewards, detectors, "
                          "hardware or <kind>.<plugin>",
                          hone_settings_place(settings, row).text, row->section);
        else if (row->name && !severity_of(row->value))
            result = hone_settings_refuse(settings, row, "note, warn, zero or quarantine", error);
        if (result)
            return result;
    }
    return 0;
}

/* The lists of plugins in use; what is marked `auto` and is not there is left out. */
static int collect_uses(struct hone_settings *settings) {
    for (int kind = 1; kind < KINDS; kind++) {
        settings->uses[kind] = calloc(settings->entries.count + 1, sizeof *settings->uses[kind]);
        if (!settings->uses[kind])
            return -ENOMEM;
    }
    for (uint32_t i = 0; i < settings->entries.count; i++) {
        const struct hone_entry *row = &settings->entries.rows[i];
        enum hone_kind kind = list_kind(row->section);
        char path[512];
        if (!kind || !row->name || !strcmp(row->value, "off"))
            continue;
        bool automatic = !strcmp(row->value, "auto");
        if (automatic && hone_load_find(row->name, kind, path, sizeof path, NULL))
            continue;
        struct hone_use *use = &settings->uses[kind][settings->use_count[kind]++];
        *use = (struct hone_use){
            .name = row->name, .audit = !strcmp(row->value, "audit"), .automatic = automatic};
        if (kind == HONE_REWARD)
            hone_parse_real(row->value, &use->weight);
    }
    return 0;
}

static int add_default_uses(struct hone_settings *settings, struct hone_error *error) {
    bool given[KINDS] = {false};
    for (int kind = 1; kind < KINDS; kind++)
        given[kind] = hone_entries_find(&settings->entries, list_sections[kind], NULL);
    for (const struct hone_schema_use *use = hone_schema_uses; use->section; use++) {
        if (given[list_kind(use->section)])
            continue;
        int result =
            hone_entries_add(&settings->entries, use->section, use->name, use->value, 0, error);
        if (result)
            return result;
    }
    return 0;
}

/* "*" stands for every plugin in a list. */
static int override_all(struct hone_settings *settings, const char *section, const char *value,
                        struct hone_error *error) {
    for (uint32_t i = 0; i < settings->entries.count; i++) {
        const struct hone_entry *row = &settings->entries.rows[i];
        if (!row->name || strcmp(row->section, section))
            continue;
        int result = hone_entries_set(&settings->entries, section, row->name, value, error);
        if (result)
            return result;
    }
    return 0;
}

static int override_one(struct hone_settings *settings, const char *section, const char *name,
                        const char *value, struct hone_error *error) {
    const char *plugin;
    if (!strcmp(name, "*") && list_kind(section))
        return override_all(settings, section, value, error);
    /* A plugin's section is checked where it opens. */
    if (plugin_kind(section, &plugin) && !hone_entries_find(&settings->entries, section, NULL)) {
        int result = hone_entries_add(&settings->entries, section, NULL, NULL, 0, error);
        if (result)
            return result;
    }
    return hone_entries_set(&settings->entries, section, name, value, error);
}

static int apply_override(struct hone_settings *settings, const char *text,
                          struct hone_error *error) {
    const char *plugin;
    struct hone_error why = {{0}};
    char section[256];
    size_t head = strcspn(text, "=");
    if (head >= sizeof section)
        return hone_fail(error, -EINVAL, "\"%.200s...\": too long before its =", text);
    memcpy(section, text, head);
    section[head] = '\0';
    /* The dot that ends the section: the second one of a plugin's, the first one of any other,
     * since a list may name a path. */
    char *dot = plugin_kind(section, &plugin) ? strrchr(section, '.') : strchr(section, '.');
    if (text[head] != '=' || !dot || dot == section || !dot[1])
        return hone_fail(error, -EINVAL, "\"%.200s\": expected section.option=value", text);
    *dot = '\0';
    int result = override_one(settings, section, dot + 1, text + head + 1, &why);
    return result ? hone_fail(error, result, "command line: %s", why.text) : 0;
}

int hone_settings_open(const char *path, const char *const *overrides,
                       struct hone_settings **settings, struct hone_error *error) {
    struct hone_settings *s = calloc(1, sizeof *s);
    if (!s)
        return hone_fail(error, -ENOMEM, "out of memory");
    int result = -ENOMEM;
    s->path = strdup(!path ? "defaults" : !strcmp(path, "-") ? "standard input" : path);
    if (!s->path)
        goto failed;
    if (path && (result = hone_entries_read(&s->entries, path, error)))
        goto failed;
    if ((result = add_default_uses(s, error)))
        goto failed;
    for (; overrides && *overrides; overrides++)
        if ((result = apply_override(s, *overrides, error)))
            goto failed;
    if ((result = check(s, error)))
        goto failed;
    if ((result = collect_uses(s))) {
        hone_fail(error, result, "out of memory");
        goto failed;
    }
    *settings = s;
    return 0;
failed:
    hone_settings_close(s);
    return result;
}

void hone_settings_close(struct hone_settings *settings) {
    if (!settings)
        return;
    for (int kind = 1; kind < KINDS; kind++)
        free(settings->uses[kind]);
    hone_entries_finish(&settings->entries);
    free(settings->path);
    free(settings);
}

const char *hone_settings_text(const struct hone_settings *settings, const char *section,
                               const char *name) {
    int index = hone_schema_find(section, name);
    assert(index >= 0 && "no such setting");
    const struct hone_entry *row = hone_entries_find(&settings->entries, section, name);
    return row ? row->value : hone_schema[index].option.fallback;
}

int64_t hone_settings_integer(const struct hone_settings *settings, const char *section,
                              const char *name) {
    int64_t value = 0;
    bool is_integer = hone_parse_integer(hone_settings_text(settings, section, name), &value);
    assert(is_integer);
    (void)is_integer;
    return value;
}

double hone_settings_real(const struct hone_settings *settings, const char *section,
                          const char *name) {
    double value = 0;
    bool is_real = hone_parse_real(hone_settings_text(settings, section, name), &value);
    assert(is_real);
    (void)is_real;
    return value;
}

bool hone_settings_flag(const struct hone_settings *settings, const char *section,
                        const char *name) {
    return !strcmp(hone_settings_text(settings, section, name), "yes");
}

const struct hone_use *hone_settings_uses(const struct hone_settings *settings, enum hone_kind kind,
                                          uint32_t *count) {
    *count = settings->use_count[kind];
    return settings->uses[kind];
}

uint32_t hone_settings_severity(const struct hone_settings *settings, const char *rule,
                                uint32_t fallback) {
    const struct hone_entry *row = hone_entries_find(&settings->entries, "severity", rule);
    return row ? severity_of(row->value) : fallback;
}

const char *hone_settings_rule(const struct hone_settings *settings, uint32_t index,
                               uint32_t *severity) {
    for (uint32_t i = 0; i < settings->entries.count; i++) {
        const struct hone_entry *row = &settings->entries.rows[i];
        if (!row->name || strcmp(row->section, "severity") || index--)
            continue;
        *severity = severity_of(row->value);
        return row->name;
    }
    return NULL;
}

/* Sections outside the core's own, in the order of their first row. */
static void print_other_sections(const struct hone_settings *settings, FILE *file) {
    const struct hone_entries *entries = &settings->entries;
    for (uint32_t i = 0; i < entries->count; i++) {
        const char *section = entries->rows[i].section;
        bool first = !hone_schema_section(section);
        for (uint32_t before = 0; first && before < i; before++)
            first = strcmp(entries->rows[before].section, section) != 0;
        /* An empty list means none; any other empty section means nothing. */
        bool empty = !list_kind(section);
        for (uint32_t row = i; first && empty && row < entries->count; row++)
            empty = strcmp(entries->rows[row].section, section) || !entries->rows[row].name;
        if (!first || empty)
            continue;
        fprintf(file, "\n[%s]\n", section);
        for (uint32_t row = i; row < entries->count; row++)
            if (entries->rows[row].name && !strcmp(entries->rows[row].section, section))
                fprintf(file, "%s = %s\n", entries->rows[row].name, entries->rows[row].value);
    }
}

char *hone_settings_print(const struct hone_settings *settings) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    const char *section = "";
    for (int i = 0; hone_schema[i].section; i++) {
        const char *name = hone_schema[i].option.name;
        if (strcmp(section, hone_schema[i].section)) {
            section = hone_schema[i].section;
            fprintf(file, "%s[%s]\n", i ? "\n" : "", section);
        }
        fprintf(file, "%s = %s\n", name, hone_settings_text(settings, section, name));
    }
    print_other_sections(settings, file);
    bool failed = ferror(file);
    if (fclose(file) || failed) {
        free(text);
        return NULL;
    }
    return text;
}
