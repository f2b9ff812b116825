/* `hone task check`: whether a task may be admitted, with a table of what caught which cheat. */
#include "core/command.h"
#include "core/command_task.h"
#include "core/gate.h"
#include "core/text.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE_ERROR 2
#define COULD_NOT_TELL 3

static const char usage[] =
    "usage: hone task check ID|FOLDER|--all [--json] [--seed N] [--settings FILE] [--set ...]\n"
    "accept a task, or say how it can be cheated: its baselines must agree with its oracle on\n"
    "every workload and on hidden draws, and each of a list of cheats, and every kernel in its\n"
    "wrong/, must fail on some verify and on some bench workload\n"
    "  --all      every task; a line for each but those that are refused\n"
    "  --json     an object (with --all an array): which workload caught which cheat\n"
    "  --seed N   draw other inputs\n"
    "exit status: 0 accepted, 1 refused, 2 usage, 3 the gate could not tell\n";

struct request {
    const char *target; /* NULL: all */
    struct hone_overrides overrides;
    bool all, json;
    uint64_t seed;
};

/* Tasks that could not be read are refused as well. */
struct unread {
    uint32_t count;
    json_t *list;
};

static void note_unread(void *context, const char *text) {
    struct unread *unread = context;
    unread->count++;
    fprintf(stderr, "refused: unreadable: %s\n", text);
    json_array_append_new(unread->list,
                          json_pack("{s:b, s:[{s:s, s:o}]}", "accepted", 0, "refusals", "code",
                                    "unreadable", "text", hone_json_text(text)));
}

static bool is_folder(const char *path) {
    char file[PATH_MAX + 16];
    int length = snprintf(file, sizeof file, "%s/task.json", path);
    return length < (int)sizeof file && !access(file, F_OK);
}

/* One folder stands in for every task there is. */
static int open_settings(const struct request *request, struct hone_settings **settings,
                         struct hone_error *error) {
    struct hone_overrides overrides = request->overrides;
    char path[PATH_MAX], option[PATH_MAX + 32];
    if (request->target && is_folder(request->target) && realpath(request->target, path)) {
        snprintf(option, sizeof option, "task.folder.path=%s", path);
        hone_overrides_take(&overrides, HONE_OVERRIDE_SET, "tasks.*=off");
        hone_overrides_take(&overrides, HONE_OVERRIDE_SET, "tasks.folder=on");
        hone_overrides_take(&overrides, HONE_OVERRIDE_SET, option);
    }
    return hone_overrides_open(&overrides, settings, error);
}

/* 0 accepted, 1 refused, 3 could not tell. */
static int check_one(struct hone_gate *gate, const struct hone_task *task,
                     const struct request *request, json_t *list) {
    struct hone_gate_report report;
    struct hone_error error = {""};
    int code = hone_gate_check(gate, task, &report, &error);
    int status = code ? COULD_NOT_TELL : report.refusal_count > 0;
    if (code)
        fprintf(stderr, "hone task: %s: %s\n", task->id,
                *error.text ? error.text : strerror(-code));
    else if (request->json)
        json_array_append_new(list, hone_gate_json(&report));
    else if (request->all && !status)
        hone_gate_print_line(&report, stdout);
    else
        hone_gate_print(&report, stdout);
    fflush(stdout);
    hone_gate_report_finish(&report);
    return status;
}

static int check_tasks(struct hone_gate *gate, const struct request *request, json_t *list) {
    uint32_t count, checked = 0;
    struct hone_task *const *tasks = hone_gate_tasks(gate, &count);
    const bool everything = request->all || is_folder(request->target);
    int status = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!everything && strcmp(tasks[i]->id, request->target))
            continue;
        if (request->all)
            fprintf(stderr, "checking %s (%u of %u)\n", tasks[i]->id, i + 1, count);
        int one = check_one(gate, tasks[i], request, list);
        status = one > status ? one : status;
        checked++;
    }
    if (!checked && !everything) {
        fprintf(stderr,
                "hone: no task is called \"%s\", and no folder of that name holds a task.json; "
                "`hone tasks` lists them\n",
                request->target);
        return USAGE_ERROR;
    }
    return status;
}

static int run(const struct request *request) {
    struct hone_settings *settings = NULL;
    struct hone_gate *gate = NULL;
    struct hone_error error = {""};
    struct unread unread = {.list = json_array()};
    int status = COULD_NOT_TELL;
    int code = open_settings(request, &settings, &error);
    if (!code)
        code = hone_gate_open(settings, request->seed, note_unread, &unread, &gate, &error);
    if (code)
        fprintf(stderr, "hone task: %s\n", *error.text ? error.text : strerror(-code));
    else
        status = check_tasks(gate, request, unread.list);
    const bool one_folder = request->target && is_folder(request->target);
    if (!status && unread.count && (request->all || one_folder))
        status = 1;
    if (request->json && status != USAGE_ERROR) {
        const size_t count = json_array_size(unread.list);
        json_t *out =
            request->all || count > 1 ? unread.list : json_array_get(unread.list, count - 1);
        if (out)
            json_dumpf(out, stdout, HONE_JSON_FLAGS | JSON_INDENT(1));
        putchar('\n');
    }
    json_decref(unread.list);
    hone_gate_close(gate);
    hone_settings_close(settings);
    return fflush(stdout) ? COULD_NOT_TELL : status;
}

static bool parse_seed(const char *text, uint64_t *seed) {
    char *end;
    errno = 0;
    *seed = strtoull(text, &end, 0);
    return !errno && end != text && !*end && *text != '-';
}

int hone_command_task_check(int argc, char **argv) {
    static const struct option options[] = {{"all", no_argument, NULL, 'a'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"seed", required_argument, NULL, 'd'},
                                            {"help", no_argument, NULL, 'h'},
                                            HONE_OVERRIDE_OPTIONS,
                                            {0}};
    struct request request = {0};
    bool good = true;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(usage, stdout);
            return 0;
        }
        if (option == 'a')
            request.all = true;
        else if (option == 'j')
            request.json = true;
        else if (option == 'd')
            good &= parse_seed(optarg, &request.seed);
        else
            good &= hone_overrides_take(&request.overrides, option, optarg);
    }
    if (!good || argc - optind != !request.all) {
        fputs(usage, stderr);
        return USAGE_ERROR;
    }
    request.target = request.all ? NULL : argv[optind];
    int status = run(&request);
    hone_overrides_finish(&request.overrides);
    return status;
}
