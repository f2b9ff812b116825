#include "core/error.h"
#include "core/journal.h"
#include "core/store.h"
#include "core/store_sql.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *hone_run_root(const char *root) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    if (root && *root)
        return strdup(root);
    if (state && state[0] == '/') /* a relative one is to be ignored, says the XDG specification */
        return asprintf(&path, "%s/hone/runs", state) < 0 ? NULL : path;
    return asprintf(&path, "%s/.local/state/hone/runs", home && *home ? home : "") < 0 ? NULL
                                                                                       : path;
}

/* Newest first; names begin with the time, so they settle what the clock does not. */
static int compare_entries(const void *a, const void *b) {
    const struct hone_run_entry *left = a, *right = b;
    if (left->created_ns != right->created_ns)
        return left->created_ns < right->created_ns ? 1 : -1;
    return strcmp(right->name, left->name);
}

/* A folder with a readable journal is a run. */
static bool is_run(int root, const char *name, int64_t *created_ns) {
    struct hone_journal_reader *reader;
    int folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return false;
    int failed = hone_journal_reader_open(folder, HONE_JOURNAL_FILE, &reader, NULL);
    close(folder);
    if (failed)
        return false;
    *created_ns = hone_journal_reader_created(reader);
    hone_journal_reader_close(reader);
    return true;
}

static int collect(DIR *folder, struct hone_run_entry **entries, uint32_t *count) {
    uint32_t capacity = 0;
    for (struct dirent *found; (found = readdir(folder));) {
        struct hone_run_entry entry;
        if (found->d_name[0] == '.' || !is_run(dirfd(folder), found->d_name, &entry.created_ns))
            continue;
        if (*count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            struct hone_run_entry *larger = realloc(*entries, capacity * sizeof **entries);
            if (!larger)
                return -ENOMEM;
            *entries = larger;
        }
        snprintf(entry.name, sizeof entry.name, "%s", found->d_name);
        (*entries)[(*count)++] = entry;
    }
    return 0;
}

int hone_run_list(const char *root, struct hone_run_entry **entries, uint32_t *count,
                  struct hone_error *error) {
    *entries = NULL;
    *count = 0;
    char *path = hone_run_root(root);
    if (!path)
        return hone_fail(error, -ENOMEM, "out of memory");
    int failed = 0;
    DIR *folder = opendir(path);
    if (folder) {
        failed = collect(folder, entries, count);
        closedir(folder);
        if (failed)
            hone_fail(error, failed, "out of memory");
    } else if (errno != ENOENT) {
        failed = hone_fail(error, -errno, "cannot read the folder of runs %s: %s", path,
                           strerror(errno));
    }
    free(path);
    if (failed) {
        free(*entries);
        *entries = NULL;
        *count = 0;
    } else if (*count) {
        qsort(*entries, *count, sizeof **entries, compare_entries);
    }
    return failed;
}

/* Among runs, newest first: the one called `name`, or the only one that begins so. */
static int choose(const struct hone_run_entry *entries, uint32_t count, const char *name,
                  const char **chosen, struct hone_error *error) {
    uint32_t matches = 0;
    *chosen = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!strcmp(entries[i].name, name) || !strcmp(name, "last")) {
            *chosen = entries[i].name;
            return 0;
        }
        if (!strncmp(entries[i].name, name, strlen(name))) {
            if (matches == 1)
                hone_fail(error, -ENOTUNIQ, "\"%s\" is the beginning of several runs: %s, %s ...",
                          name, *chosen, entries[i].name);
            if (matches == 0)
                *chosen = entries[i].name;
            matches++;
        }
    }
    return matches == 1 ? 0 : matches ? -ENOTUNIQ : -ENOENT;
}

int hone_run_find(const char *root, const char *name, char **path, struct hone_error *error) {
    struct hone_run_entry *entries;
    const char *chosen;
    uint32_t count;
    if (strchr(name, '/')) {
        *path = strdup(name);
        for (size_t end = *path ? strlen(*path) : 0; end > 1 && (*path)[end - 1] == '/'; end--)
            (*path)[end - 1] = '\0';
        return *path ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    }
    int failed = hone_run_list(root, &entries, &count, error);
    if (failed)
        return failed;
    char *where = hone_run_root(root);
    failed = choose(entries, count, *name ? name : "?", &chosen, error);
    if (!where)
        failed = hone_fail(error, -ENOMEM, "out of memory");
    else if (failed == -ENOENT && count)
        hone_fail(error, failed,
                  "no run is called \"%s\" in %s; the newest is %s, `hone runs` lists them", name,
                  where, entries[0].name);
    else if (failed == -ENOENT)
        hone_fail(error, failed, "there are no runs in %s yet", where);
    else if (!failed && asprintf(path, "%s/%s", where, chosen) < 0)
        failed = hone_fail(error, -ENOMEM, "out of memory");
    free(where);
    free(entries);
    return failed;
}
