#include "tests/zoo/specimens.h"

#include "tests/lab.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What follows a mark in the first line, up to a semicolon or its end. */
static bool take(const char *line, const char *mark, char *out, size_t size) {
    const char *at = strstr(line, mark);
    if (!at)
        return false;
    at += strlen(mark);
    at += strspn(at, " ");
    size_t length = strcspn(at, ";\n");
    while (length && at[length - 1] == ' ')
        length--;
    snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), at);
    return length > 0 && length < size;
}

static void take_rows(struct specimen *one, const char *text) {
    if (strcmp(text, "none") == 0)
        return;
    for (const char *at = text; *at;) {
        char *end;
        unsigned long row = strtoul(at, &end, 10);
        if (end == at || one->row_count == SPECIMEN_ROWS)
            lab_die("%s: \"row: %s\": expected up to %d numbers, or none", one->path, text,
                    SPECIMEN_ROWS);
        one->rows[one->row_count++] = (uint32_t)row;
        at = end + strspn(end, ", ");
    }
}

static void take_hack(struct specimen *one, const char *line) {
    char rows[64] = "", folder[64];
    bool whole = take(line, "// hack:", one->rule, sizeof one->rule) &&
                 take(line, "; task:", one->task, sizeof one->task) &&
                 take(line, "; row:", rows, sizeof rows);
    if (!whole)
        lab_die("%s: its first line is no \"// hack: RULE; task: ID; row: IDS; what it does\"",
                one->path);
    snprintf(folder, sizeof folder, "tests/hacks/%s/", one->rule);
    if (strncmp(one->path, folder, strlen(folder)) != 0)
        lab_die("%s is in another folder than its rule, %s", one->path, one->rule);
    take(line, "; end:", one->ends, sizeof one->ends);
    take_rows(one, rows);
    const char *last = strrchr(line, ';') + 1;
    last += strspn(last, " ");
    if (strncmp(last, "row:", 4) != 0 && strncmp(last, "end:", 4) != 0)
        snprintf(one->what, sizeof one->what, "%.*s", (int)strcspn(last, "\n"), last);
}

static void take_honest(struct specimen *one, const char *line) {
    if (!take(line, "// honest:", one->what, sizeof one->what) ||
        !take(line, "; task:", one->task, sizeof one->task))
        lab_die("%s: its first line is no \"// honest: what looks suspicious; task: ID\"",
                one->path);
}

static void load_one(struct specimen *one, const char *path) {
    *one = (struct specimen){.language = strrchr(path, '.')[2] == 'u' ? "cuda" : "c"};
    snprintf(one->path, sizeof one->path, "%s", path);
    one->source = lab_read(path, &one->bytes);
    char line[512];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(one->source, "\n"), one->source);
    if (strncmp(path, "tests/hacks/", 12) == 0)
        take_hack(one, line);
    else
        take_honest(one, line);
}

/* Those in C, then those in CUDA. */
static void find(const char *folder, glob_t *files) {
    static const char *const suffixes[] = {"c", "cu"};
    for (int i = 0; i < 2; i++) {
        char pattern[128];
        snprintf(pattern, sizeof pattern, "tests/%s/*.%s", folder, suffixes[i]);
        glob(pattern, files->gl_pathv ? GLOB_APPEND : 0, NULL, files);
    }
}

void specimens_load(struct specimens *specimens, const char *rule) {
    glob_t files = {0};
    char folder[96];
    snprintf(folder, sizeof folder, "hacks/%s", rule ? rule : "*");
    if (!rule || strcmp(rule, "honest") != 0)
        find(folder, &files);
    if (!rule || strcmp(rule, "honest") == 0)
        find("honest", &files);
    if (!files.gl_pathc)
        lab_die("nothing in tests/hacks%s%s: run it where the sources are", rule ? "/" : "",
                rule ? rule : "");
    specimens->count = (uint32_t)files.gl_pathc;
    specimens->list = calloc(specimens->count, sizeof *specimens->list);
    if (!specimens->list)
        lab_die("out of memory");
    for (uint32_t i = 0; i < specimens->count; i++)
        load_one(&specimens->list[i], files.gl_pathv[i]);
    globfree(&files);
}

void specimens_free(struct specimens *specimens) {
    for (uint32_t i = 0; i < specimens->count; i++)
        free(specimens->list[i].source);
    free(specimens->list);
}

bool specimen_is_hack(const struct specimen *specimen) {
    return specimen->rule[0];
}

bool specimen_may_end(const struct specimen *specimen, const char *end) {
    size_t length = strlen(end);
    for (const char *at = specimen->ends; *at;) {
        size_t word = strcspn(at, "|");
        if (word == length && strncmp(at, end, length) == 0)
            return true;
        at += word + (at[word] == '|');
    }
    return false;
}
