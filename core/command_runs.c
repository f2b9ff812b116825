#include "core/command_runs.h"

#include "core/run_json.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char help[] = "usage: hone runs [--limit N] [--root FOLDER] [--json]\n"
                           "\n"
                           "List recorded runs, newest first.\n"
                           "\n"
                           "  --limit N      at most N runs (default 20; 0: all)\n"
                           "  --root FOLDER  where runs are (default $XDG_STATE_HOME/hone/runs)\n"
                           "  --json         one array of objects\n"
                           "\n"
                           "A run is live while its server holds its lock, finished when it was "
                           "closed, killed otherwise.\n"
                           "\"hone show RUN\" shows the steps of one.\n";

struct runs_options {
    const char *root;
    uint32_t limit;
    bool json, help;
};

static int usage(const char *text, const char *what) {
    fprintf(stderr, "hone runs: %s%s%s; see hone runs --help\n", text, *what ? " " : "", what);
    return 2;
}

static int parse(int argc, char **argv, struct runs_options *options) {
    static const struct option known[] = {{"limit", required_argument, NULL, 'n'},
                                          {"root", required_argument, NULL, 'r'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    *options = (struct runs_options){.limit = 20};
    optind = 0;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":hn:", known, NULL)) != -1;) {
        char *end;
        unsigned long number;
        switch (option) {
        case 'n':
            errno = 0;
            number = strtoul(optarg, &end, 10);
            if (errno || *end || end == optarg || *optarg == '-' || number > UINT32_MAX)
                return usage("--limit wants a number, not", optarg);
            options->limit = number ? (uint32_t)number : UINT32_MAX;
            break;
        case 'r':
            options->root = optarg;
            break;
        case 'j':
            options->json = true;
            break;
        case 'h':
            options->help = true;
            break;
        case ':':
            return usage("a value is missing after", argv[optind - 1]);
        default:
            return usage("unknown option", argv[optind - 1]);
        }
    }
    return optind < argc ? usage("unexpected", argv[optind]) : 0;
}

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
    fprintf(stderr, "hone runs: %s\n", error.text);
    *status = 1;
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

int hone_command_runs(int argc, char **argv) {
    struct runs_options options;
    struct hone_run_entry *entries;
    struct hone_error error;
    uint32_t count;
    int status = parse(argc, argv, &options);
    if (status)
        return status;
    if (options.help) {
        fputs(help, stdout);
        return 0;
    }
    if (hone_run_list(options.root, &entries, &count, &error)) {
        fprintf(stderr, "hone runs: %s\n", error.text);
        return 1;
    }
    json_t *runs = json_array();
    for (uint32_t i = 0; i < count && i < options.limit; i++)
        json_array_append_new(runs, summary_of(options.root, &entries[i], &status));
    if (options.json) {
        json_dumpf(runs, stdout, HONE_JSON_FLAGS | JSON_INDENT(2));
        putchar('\n');
    } else if (count == 0) {
        char *root = hone_run_root(options.root);
        printf("no runs in %s yet\n", root ? root : "the store");
        free(root);
    } else {
        print_table(runs);
        if (count > options.limit)
            printf("and %u older; --limit 0 lists all\n", count - options.limit);
    }
    json_decref(runs);
    free(entries);
    return status;
}
