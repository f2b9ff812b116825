/* `hone tasks`: what there is to solve, as a table or JSON. */
#include "core/command.h"
#include "core/command_task.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define USAGE_ERROR 2

static const char usage[] =
    "usage: hone tasks [--json] [--bench] [--settings FILE] [--set SECTION.KEY=VALUE ...]\n"
    "list every task, and say why a task cannot be used; one that comes in several dtypes is\n"
    "called by its first, or as ID@DTYPE\n"
    "  --json             an array; `hone task show --json` of each\n"
    "  --bench            time the baselines of every task, and compare them with what this\n"
    "                     machine could do\n";

static void print_dtypes(const struct hone_task *task) {
    char dtypes[32] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < task->dtype_count; i++)
        used += (size_t)snprintf(dtypes + used, sizeof dtypes - used, "%s%s", i ? " " : "",
                                 hone_dtype_name(task->dtypes[i]));
    printf("%-13s", used ? dtypes : "-");
}

static void print_table(const struct hone_listing *listing) {
    size_t width = 4;
    for (uint32_t i = 0; i < listing->count; i++) {
        size_t length = listing->tasks[i]->variant ? 0 : strlen(listing->tasks[i]->id);
        width = length > width ? length : width;
    }
    printf("%-*s  verify  bench  hidden  %-13s title\n", (int)width, "task", "dtypes");
    for (uint32_t i = 0; i < listing->count; i++) {
        const struct hone_task *task = listing->tasks[i];
        if (task->variant)
            continue;
        printf("%-*s  %6u  %5u  %6u  ", (int)width, task->id,
               hone_task_count_set(task, HONE_VERIFY), hone_task_count_set(task, HONE_BENCH),
               hone_task_count_set(task, HONE_HIDDEN));
        print_dtypes(task);
        printf(" %s\n", task->title);
    }
}

static int print_json(const struct hone_listing *listing) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < listing->count; i++)
        if (!listing->tasks[i]->variant)
            json_array_append_new(array, hone_task_json(listing->tasks[i]));
    int result = json_dumpf(array, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(array);
    return result;
}

static int list(const struct hone_overrides *overrides, bool json) {
    struct hone_listing listing;
    if (hone_listing_open(overrides, &listing) < 0)
        return 1;
    int result = 0;
    if (json)
        result = print_json(&listing);
    else
        print_table(&listing);
    bool refused = listing.refused > 0;
    hone_listing_close(&listing);
    return result < 0 || refused || fflush(stdout) != 0;
}

int hone_command_tasks(int argc, char **argv) {
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"bench", no_argument, NULL, 'b'},
                                            {"help", no_argument, NULL, 'h'},
                                            HONE_OVERRIDE_OPTIONS,
                                            {0}};
    struct hone_overrides overrides = {0};
    bool json = false, bench = false, good = true;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(usage, stdout);
            hone_overrides_finish(&overrides);
            return 0;
        }
        if (option == 'j')
            json = true;
        else if (option == 'b')
            bench = true;
        else
            good &= hone_overrides_take(&overrides, option, optarg);
    }
    int status = USAGE_ERROR;
    if (!good || optind != argc)
        fputs(usage, stderr);
    else
        status = bench ? hone_tasks_bench(&overrides, json) : list(&overrides, json);
    hone_overrides_finish(&overrides);
    return status;
}
