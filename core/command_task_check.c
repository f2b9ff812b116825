/* command_task_check.c - `hone task check`: whether a task may be admitted, with a table of what
 * caught which cheat. */
#include "core/command_task.h"
#include "core/gate.h"
#include "core/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COULD_NOT_TELL 3

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
        hone_overrides_take_set(&overrides, "tasks.*=off", error);
        hone_overrides_take_set(&overrides, "tasks.folder=on", error);
        hone_overrides_take_set(&overrides, option, error);
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
        fprintf(stderr, "hone task check: %s: %s\n", task->id,
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
                "hone task check: no task \"%s\", and no folder of that name holds a task.json; "
                "`hone tasks` lists them\n",
                request->target);
        return HONE_EXIT_USAGE;
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
        fprintf(stderr, "hone task check: %s\n", *error.text ? error.text : strerror(-code));
    else
        status = check_tasks(gate, request, unread.list);
    const bool one_folder = request->target && is_folder(request->target);
    if (!status && unread.count && (request->all || one_folder))
        status = 1;
    if (request->json && status != HONE_EXIT_USAGE) {
        const size_t count = json_array_size(unread.list);
        json_t *out =
            request->all || count > 1 ? unread.list : json_array_get(unread.list, count - 1);
        hone_command_print_json(out);
    }
    json_decref(unread.list);
    hone_gate_close(gate);
    hone_settings_close(settings);
    return fflush(stdout) ? COULD_NOT_TELL : status;
}

int hone_command_task_check(int argc, char **argv) {
    struct request request = {0};
    const struct hone_command_option options[] = {
        {"all", NULL, "every task; a line for each but those that are refused", hone_take_yes,
         &request.all, 0},
        {"json", NULL, "an object (with --all an array): which workload caught\nwhich cheat",
         hone_take_yes, &request.json, 0},
        {"seed", "N", "draw other inputs", hone_take_number, &request.seed, 0},
        HONE_SETTINGS_OPTIONS(&request.overrides),
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone task check",
        .synopsis = "ID|FOLDER|--all",
        .purpose =
            "Accept a task, or say how it can be cheated: its baselines must agree with its\n"
            "oracle on every workload and on hidden draws, and each of a list of cheats, and\n"
            "every kernel in its wrong/, must fail on some verify and on some bench workload.",
        .options = options,
        .more = "exit: 0 accepted, 1 refused, 2 usage, 3 the gate could not tell",
        .operands = &request.target,
        .most = 1,
    };
    int status;
    if (hone_command_line_read(&line, argc, argv, &status))
        status = request.all == !request.target
                     ? run(&request)
                     : hone_command_line_refuse(&line, "expected one of %s", line.synopsis);
    hone_overrides_finish(&request.overrides);
    return status;
}
