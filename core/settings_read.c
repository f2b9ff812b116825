#include "core/settings_read.h"

#include "core/error.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* inih cuts a section's name silently at this many bytes, its NUL included. */
#define SECTION_SIZE 50
/* "name=value" stays readable by inih, whose line buffer is 200 bytes. */
#define PAIR_SIZE 190

struct reading {
    struct hone_entries *entries;
    struct hone_error *error;
    FILE *file;
    const char *path;
    uint32_t line;
    bool indented;
    int failure; /* the first one; inih goes on after it */
};

static bool is_name(const char *name) {
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "_-./+~@%,");
    return length > 0 && !name[length];
}

/* A value inih would hand back unchanged: no comment in it, nothing it trims. */
static bool is_value(const char *value) {
    for (const char *at = value; *at; at++) {
        if ((unsigned char)*at < ' ' && *at != '\t')
            return false;
        if (*at == ';' && (at == value || at[-1] == ' ' || at[-1] == '\t'))
            return false;
    }
    size_t length = strlen(value);
    return !length || (!strchr(" \t", value[0]) && !strchr(" \t", value[length - 1]));
}

const struct hone_entry *hone_entries_find(const struct hone_entries *entries, const char *section,
                                           const char *name) {
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct hone_entry *row = &entries->rows[i];
        if (strcmp(row->section, section) || !row->name != !name)
            continue;
        if (!name || !strcmp(row->name, name))
            return row;
    }
    return NULL;
}

static int check_form(const char *section, const char *name, const char *value,
                      struct hone_error *error) {
    if (!is_name(section) || strlen(section) >= SECTION_SIZE)
        return hone_fail(error, -EINVAL,
                         "[%.60s]: not a section name, expected letters, digits and _-./ of less "
                         "than %d bytes",
                         section, SECTION_SIZE);
    if (!name)
        return 0;
    if (!is_name(name))
        return hone_fail(error, -EINVAL,
                         "[%s] \"%.100s\": not an option name, expected letters, digits and _-./",
                         section, name);
    if (!is_value(value))
        return hone_fail(error, -EINVAL,
                         "[%s] %.100s: a value has no comment (\" ;\"), no control characters and "
                         "no spaces at its ends",
                         section, name);
    if (strlen(name) + strlen(value) > PAIR_SIZE)
        return hone_fail(error, -EINVAL, "[%s] %.100s: too long, name and value have %d bytes",
                         section, name, PAIR_SIZE);
    return 0;
}

int hone_entries_add(struct hone_entries *entries, const char *section, const char *name,
                     const char *value, uint32_t line, struct hone_error *error) {
    int result = check_form(section, name, value, error);
    if (result)
        return result;
    const struct hone_entry *same = hone_entries_find(entries, section, name);
    if (same && name)
        return hone_fail(error, -EINVAL, "[%s] %s: given twice, first in line %u", section, name,
                         same->line);
    if (entries->count == entries->capacity) {
        uint32_t capacity = entries->capacity ? 2 * entries->capacity : 32;
        struct hone_entry *rows = realloc(entries->rows, capacity * sizeof *rows);
        if (!rows)
            return hone_fail(error, -ENOMEM, "out of memory");
        entries->rows = rows;
        entries->capacity = capacity;
    }
    struct hone_entry row = {strdup(section), name ? strdup(name) : NULL,
                             name ? strdup(value) : NULL, line};
    if (!row.section || (name && (!row.name || !row.value))) {
        free(row.section);
        free(row.name);
        free(row.value);
        return hone_fail(error, -ENOMEM, "out of memory");
    }
    entries->rows[entries->count++] = row;
    return 0;
}

int hone_entries_set(struct hone_entries *entries, const char *section, const char *name,
                     const char *value, struct hone_error *error) {
    for (uint32_t i = 0; i < entries->count; i++) {
        struct hone_entry *row = &entries->rows[i];
        if (!row->name || strcmp(row->section, section) || strcmp(row->name, name))
            continue;
        int result = check_form(section, name, value, error);
        if (result)
            return result;
        char *copy = strdup(value);
        if (!copy)
            return hone_fail(error, -ENOMEM, "out of memory");
        free(row->value);
        row->value = copy;
        row->line = 0;
        return 0;
    }
    return hone_entries_add(entries, section, name, value, 0, error);
}

void hone_entries_finish(struct hone_entries *entries) {
    for (uint32_t i = 0; i < entries->count; i++) {
        free(entries->rows[i].section);
        free(entries->rows[i].name);
        free(entries->rows[i].value);
    }
    free(entries->rows);
    *entries = (struct hone_entries){0};
}

static int refuse(struct reading *reading, int code, const char *why) {
    if (!reading->failure)
        reading->failure =
            hone_fail(reading->error, code, "%s:%u: %s", reading->path, reading->line, why);
    return reading->failure;
}

static void add(struct reading *reading, const char *section, const char *name, const char *value) {
    struct hone_error error = {{0}};
    int result = hone_entries_add(reading->entries, section, name, value, reading->line, &error);
    if (result)
        refuse(reading, result, error.text);
}

/* inih does not report a section before its first option, cuts long names, and goes on after a
 * missing bracket. */
static void note_section(struct reading *reading, const char *line) {
    char section[256];
    size_t length = strcspn(line + 1, "]");
    const char *end = line + 1 + length;
    if (length >= sizeof section || *end != ']' || (end[1] && !strchr(" \t\r\n;#", end[1]))) {
        refuse(reading, -EINVAL, "expected \"[section]\" and nothing else");
        return;
    }
    memcpy(section, line + 1, length);
    section[length] = '\0';
    add(reading, section, NULL, NULL);
}

static char *next_line(char *line, int size, void *context) {
    struct reading *reading = context;
    if (reading->failure || !fgets(line, size, reading->file))
        return NULL;
    reading->line++;
    size_t length = strlen(line);
    bool ended = length && line[length - 1] == '\n';
    if (!ended && !feof(reading->file)) {
        refuse(reading, -EINVAL, "the line is too long, or holds a NUL byte");
        return NULL;
    }
    reading->indented = length && strchr(" \t\v\f", line[0]);
    if (line[0] == '[')
        note_section(reading, line);
    return line;
}

static int take(void *context, const char *section, const char *name, const char *value) {
    struct reading *reading = context;
    if (reading->failure)
        return 0;
    if (reading->indented)
        refuse(reading, -EINVAL, "the line starts with a space, expected \"name = value\"");
    else if (!*section)
        refuse(reading, -EINVAL, "an option before the first section");
    else
        add(reading, section, name, value);
    return !reading->failure;
}

int hone_entries_read(struct hone_entries *entries, const char *path, struct hone_error *error) {
    bool standard_input = !strcmp(path, "-");
    struct reading reading = {.entries = entries, .error = error, .path = path};
    reading.file = standard_input ? stdin : fopen(path, "re");
    if (!reading.file)
        return hone_fail(error, -errno, "%s: %s", path, strerror(errno));
    int result = ini_parse_stream(next_line, &reading, take, &reading);
    int failure = reading.failure;
    if (!failure && ferror(reading.file))
        failure = hone_fail(error, -EIO, "%s: cannot be read", path);
    if (!failure && result) {
        reading.line = result > 0 ? (uint32_t)result : reading.line;
        failure = refuse(&reading, -EINVAL, "expected \"[section]\" or \"name = value\"");
    }
    if (!standard_input)
        fclose(reading.file);
    return failure;
}
