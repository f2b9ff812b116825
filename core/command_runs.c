/* command_runs.c - `hone runs`: what is in the store, newest first. */
#include "core/command.h"

#include "core/command_line.h"
#include "core/run_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A run that cannot be opened is listed too, or nobody would look for what is wrong with it. */
static json_t *summary_of(const char *root, const struct hone_run_entry *entry, int *status) {
    struct hone_error error = {""};
    struct hone_run *run = NULL;
    json_t *summary = NULL;
    char *path = NULL;
    if (hone_run_find(root, entry->name, &path, &error) == 0 &&
        hone_run_open(NULL, path, &run, &error) == 0 &&
        hone_run_summary(run, &summary, &error) == 0)
        goto done;
    *status = hone_command_fail("runs", &error);
    time_t seconds = (time_t)(entry->created_ns / 1000000000);
    struct tm utc;
    char created[32];
    gmtime_r(&seconds, &utc);
    strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &utc);
    summary = json_object();
    json_object_set_new(summary, "name", hone_json_text(entry->name));
    json_object_set_new(summary, "path", hone_json_text(path));
    json_object_set_new(summary, "state", json_string("unreadable"));
    json_object_set_new(summary, "created", json_string(created));
    json_object_set_new(summary, "error", hone_json_text(error.text));
done:
    hone_run_close(run);
    free(path);
    return summary;
}

static void print_table(const json_t *runs) {
    size_t index;
    int width = 3;
    json_t *run;
    json_array_foreach(runs, index, run) {
        int length = (int)json_string_length(json_object_get(run, "name"));
        width = length > width ? length : width;
    }
    printf("%-*s  %-20s  %-10s %8s %8s %8s  %s\n", width, "RUN", "CREATED", "STATE", "EPISODES",
           "STEPS", "PASSED", "BEST");
    json_array_foreach(runs, index, run) {
        json_t *best = json_object_get(run, "best_speedup");
        printf("%-*s  %-20s  %-10s %8lld %8lld %8lld  ", width,
               json_string_value(json_object_get(run, "name")),
               json_string_value(json_object_get(run, "created")),
               json_string_value(json_object_get(run, "state")),
               json_integer_value(json_object_get(run, "episodes")),
               json_integer_value(json_object_get(run, "steps")),
               json_integer_value(json_object_get(run, "passed")));
        if (json_is_real(best))
            printf("%.2fx\n", json_real_value(best));
        else
            puts("-");
    }
}

static int list(const char *root, uint32_t limit, bool as_json) {
    struct hone_run_entry *entries;
    struct hone_error error;
    uint32_t count;
    int status = 0;
    if (hone_run_list(root, &entries, &count, &error))
        return hone_command_fail("runs", &error);
    json_t *runs = json_array();
    for (uint32_t i = 0; i < count && (i < limit || !limit); i++)
        json_array_append_new(runs, summary_of(root, &entries[i], &status));
    if (as_json) {
        hone_command_print_json(runs);
    } else if (count == 0) {
        char *folder = hone_run_root(root);
        printf("no runs in %s yet\n", folder ? folder : "the store");
        free(folder);
    } else {
        print_table(runs);
        if (limit && count > limit)
            printf("and %u older; --limit 0 lists all\n", count - limit);
    }
    json_decref(runs);
    free(entries);
    return status;
}

int hone_command_runs(int argc, char **argv) {
    const char *root = NULL;
    uint32_t limit = 20;
    bool as_json = false;
    const struct hone_command_option options[] = {
        {"limit", "N", "at most N runs (default 20; 0: all)", hone_take_count, &limit, 'n'},
        {"root", "FOLDER", "where runs are (default $XDG_STATE_HOME/hone/runs)", hone_take_text,
         &root, 0},
        {"json", NULL, "one array of objects", hone_take_yes, &as_json, 0},
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone runs",
        .synopsis = "",
        .purpose = "List recorded runs, newest first.",
        .options = options,
        .more = "A run is live while its server holds its lock, finished when it was closed, "
                "killed otherwise.\n`hone show RUN` shows the steps of one.",
    };
    int status;
    return hone_command_line_read(&line, argc, argv, &status) ? list(root, limit, as_json) : status;
}
