/* command_tasks.c - `hone tasks`: what there is to solve, as a table or JSON. */
#include "core/command_task.h"

#include <stdio.h>
#include <string.h>

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

static void print_json(const struct hone_listing *listing) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < listing->count; i++)
        if (!listing->tasks[i]->variant)
            json_array_append_new(array, hone_task_json(listing->tasks[i]));
    hone_command_print_json(array);
    json_decref(array);
}

static int list(const struct hone_overrides *overrides, bool as_json) {
    struct hone_listing listing;
    int status = hone_listing_open("tasks", overrides, &listing);
    if (status)
        return status;
    if (as_json)
        print_json(&listing);
    else
        print_table(&listing);
    bool refused = listing.refused > 0;
    hone_listing_close(&listing);
    return refused ? HONE_EXIT_FAILED : 0;
}

int hone_command_tasks(int argc, char **argv) {
    struct hone_overrides overrides = {0};
    bool as_json = false, bench = false;
    const struct hone_command_option options[] = {
        {"json", NULL, "an array; `hone task show --json` of each", hone_take_yes, &as_json, 0},
        {"bench", NULL,
         "time the baselines of every task, and compare them with what\n"
         "this machine could do",
         hone_take_yes, &bench, 0},
        HONE_SETTINGS_OPTIONS(&overrides),
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone tasks",
        .synopsis = "",
        .purpose = "List every task, and say why a task cannot be used.\n"
                   "One that comes in several dtypes is called by its first, or as ID@DTYPE.",
        .options = options,
    };
    int status;
    if (hone_command_line_read(&line, argc, argv, &status))
        status = bench ? hone_tasks_bench(&overrides, as_json) : list(&overrides, as_json);
    hone_overrides_finish(&overrides);
    return status;
}
