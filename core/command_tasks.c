/* `hone tasks` and `hone task show`: what there is to solve, as tables, JSON and prompts. */
#include "core/command.h"
#include "core/command_task.h"
#include "core/scorer.h"
#include "core/settings.h"
#include "core/task.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE_ERROR 2

static const char tasks_usage[] =
    "usage: hone tasks [--json] [--bench] [--settings FILE]\n"
    "list every task, and say why a task cannot be used\n"
    "  --bench            time the baselines of every task, and compare them with what this\n"
    "                     machine could do\n";

static const char task_usage[] =
    "usage: hone task show ID [--prompt[=LANG] | --prototype LANG] [--settings FILE]\n"
    "       hone task check ID|FOLDER|--all [--json]\n"
    "       hone task new SUITE/NAME [--path FOLDER]\n"
    "show one task: its signature, workloads and files\n"
    "  --prompt[=LANG]    what an agent that writes LANG (c, the default, or cuda) is told\n"
    "  --prototype LANG   the function it must write\n"
    "check whether a task can be cheated, or make a new one: `hone task check --help`, ...\n";

/* All tasks, with what they came from. */
struct listing {
    struct hone_settings *settings;
    struct hone_scorer *scorer;
    struct hone_task **tasks;
    uint32_t count, refused;
};

static void note_refused(void *context, const char *text) {
    struct listing *listing = context;
    listing->refused++;
    fprintf(stderr, "hone: %s\n", text);
}

static void finish_listing(struct listing *listing) {
    for (uint32_t i = 0; i < listing->count; i++)
        hone_task_destroy(listing->tasks[i]);
    free(listing->tasks);
    hone_scorer_destroy(listing->scorer);
    hone_settings_close(listing->settings);
}

static int by_id(const void *a, const void *b) {
    return strcmp((*(struct hone_task *const *)a)->id, (*(struct hone_task *const *)b)->id);
}

static int init_listing(struct listing *listing, const char *settings) {
    struct hone_error error = {""};
    *listing = (struct listing){0};
    int result = hone_settings_open(settings, NULL, &listing->settings, &error);
    if (result == 0)
        result = hone_scorer_create(listing->settings, &listing->scorer, &error);
    if (result == 0)
        result = hone_scorer_tasks(listing->scorer, &listing->tasks, &listing->count, note_refused,
                                   listing, &error);
    if (result < 0) {
        fprintf(stderr, "hone: %s\n", *error.text ? error.text : strerror(-result));
        finish_listing(listing);
    } else if (listing->count > 0) {
        qsort(listing->tasks, listing->count, sizeof *listing->tasks, by_id);
    }
    return result;
}

static uint32_t count_set(const struct hone_task *task, enum hone_workload_set set) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < task->workload_count; i++)
        count += task->workloads[i].set == set;
    for (uint32_t i = 0; set == HONE_HIDDEN && i < task->hidden_count; i++)
        count += task->hidden[i].draws;
    return count;
}

static void print_table(const struct listing *listing) {
    size_t width = 4;
    for (uint32_t i = 0; i < listing->count; i++) {
        size_t length = strlen(listing->tasks[i]->id);
        width = length > width ? length : width;
    }
    printf("%-*s  verify  bench  hidden  title\n", (int)width, "task");
    for (uint32_t i = 0; i < listing->count; i++) {
        const struct hone_task *task = listing->tasks[i];
        printf("%-*s  %6u  %5u  %6u  %s\n", (int)width, task->id, count_set(task, HONE_VERIFY),
               count_set(task, HONE_BENCH), count_set(task, HONE_HIDDEN), task->title);
    }
}

static json_t *texts(const char *const *rows, uint32_t count) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(rows[i]));
    return array;
}

/* All there are: which of them run is the device's to say, and none is opened here. */
static uint32_t listed(const struct hone_task *task) {
    return task->baseline_count + task->cuda_baseline_count + task->absent_baseline_count;
}

static json_t *baselines(const struct hone_task *task) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < listed(task); i++)
        json_array_append_new(array, json_pack("{s:s, s:s, s:b, s:s, s:s*}", "name",
                                               task->baselines[i].name, "lang",
                                               task->baselines[i].language, "score",
                                               task->baselines[i].role == HONE_SCORE, "role",
                                               hone_baseline_role_name(task->baselines[i].role),
                                               "library", task->baselines[i].library));
    return array;
}

static json_t *workloads(const struct hone_task *task) {
    static const char *const sets[] = {
        [HONE_DEBUG] = "debug", [HONE_VERIFY] = "verify", [HONE_BENCH] = "bench"};
    json_t *array = json_array();
    for (uint32_t i = 0; i < task->workload_count; i++) {
        const struct hone_workload *workload = &task->workloads[i];
        json_t *axes = json_object();
        for (uint32_t j = 0; j < task->axis_count; j++)
            json_object_set_new(axes, task->axes[j].name, json_integer(workload->axes[j]));
        json_array_append_new(array, json_pack("{s:s, s:s, s:o, s:b}", "id", workload->id, "set",
                                               sets[workload->set], "axes", axes, "exact",
                                               (int)workload->exact));
    }
    return array;
}

static int print_json(const struct listing *listing) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < listing->count; i++) {
        const struct hone_task *task = listing->tasks[i];
        char *prototype = hone_task_prototype(task, "c");
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o, s:o, s:o, s:i}", "id", task->id,
                             "version", task->version, "title", task->title, "hash", task->hash,
                             "prototype", prototype, "tags", texts(task->tags, task->tag_count),
                             "workloads", workloads(task), "baselines", baselines(task), "hidden",
                             (int)count_set(task, HONE_HIDDEN)));
        free(prototype);
    }
    int result = json_dumpf(array, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(array);
    return result;
}

static int usage_error(const char *usage) {
    fputs(usage, stderr);
    return USAGE_ERROR;
}

int hone_command_tasks(int argc, char **argv) {
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"bench", no_argument, NULL, 'b'},
                                            {"settings", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    bool json = false, bench = false;
    const char *settings = NULL;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(tasks_usage, stdout);
            return 0;
        }
        if (option == '?')
            return usage_error(tasks_usage);
        json |= option == 'j';
        bench |= option == 'b';
        settings = option == 's' ? optarg : settings;
    }
    if (optind != argc)
        return usage_error(tasks_usage);
    if (bench)
        return hone_tasks_bench(settings, json);
    struct listing listing;
    if (init_listing(&listing, settings) < 0)
        return 1;
    int result = 0;
    if (json)
        result = print_json(&listing);
    else
        print_table(&listing);
    bool refused = listing.refused > 0;
    finish_listing(&listing);
    return result < 0 || refused || fflush(stdout) != 0;
}

static void print_workload(const struct hone_task *task, const struct hone_workload *workload) {
    static const char *const sets[] = {
        [HONE_DEBUG] = "debug", [HONE_VERIFY] = "verify", [HONE_BENCH] = "bench"};
    double flops, bytes;
    hone_task_cost(task, workload, &flops, &bytes);
    printf("  %-8s %-12s", sets[workload->set], workload->id);
    for (uint32_t i = 0; i < task->axis_count; i++)
        printf(" %s=%lld", task->axes[i].name, (long long)workload->axes[i]);
    printf("%s", workload->exact ? ", exact" : "");
    if (task->bytes)
        printf(", %.3g MB", bytes * 1e-6);
    if (task->flops)
        printf(", %.3g MFLOP", flops * 1e-6);
    putchar('\n');
}

static void print_task(const struct hone_task *task, const char *prototype) {
    printf("%s %s: %s\nhash %s, from %s\n\n%s\n\nworkloads\n", task->id, task->version, task->title,
           task->hash, task->origin, prototype);
    for (uint32_t i = 0; i < task->workload_count; i++)
        print_workload(task, &task->workloads[i]);
    if (task->hidden_count)
        printf("  %-8s %u drawn for every evaluation\n", "hidden", count_set(task, HONE_HIDDEN));
    printf("\nbaselines\n");
    for (uint32_t i = 0; i < listed(task); i++)
        printf("  %-8s %s, %s, %s%s%s\n", task->baselines[i].name, task->baselines[i].language,
               task->baselines[i].file, hone_baseline_role_name(task->baselines[i].role),
               task->baselines[i].library ? ", calls " : "",
               task->baselines[i].library ? task->baselines[i].library : "");
    printf("\nfiles\n");
    for (uint32_t i = 0; i < task->file_count; i++)
        printf("  %-20s %6llu bytes\n", task->files[i].name,
               (unsigned long long)task->files[i].bytes);
}

static int show(const struct hone_task *task, const char *prompt, const char *prototype) {
    char *text = prompt ? hone_task_prompt(task, prompt)
                        : hone_task_prototype(task, prototype ? prototype : "c");
    if (!text) {
        fputs("hone: out of memory\n", stderr);
        return 1;
    }
    if (prompt || prototype)
        printf("%s%s", text, prototype ? ";\n" : "");
    else
        print_task(task, text);
    free(text);
    return fflush(stdout) != 0;
}

static bool is_language(const char *name) {
    return !name || strcmp(name, "c") == 0 || strcmp(name, "cuda") == 0;
}

static int show_named(const char *id, const char *prompt, const char *prototype,
                      const char *settings) {
    struct listing listing;
    if (init_listing(&listing, settings) < 0)
        return 1;
    uint32_t i = 0;
    while (i < listing.count && strcmp(listing.tasks[i]->id, id) != 0)
        i++;
    int status = USAGE_ERROR;
    if (i < listing.count)
        status = show(listing.tasks[i], prompt, prototype);
    else
        fprintf(stderr, "hone: no task is called \"%s\"; `hone tasks` lists them\n", id);
    finish_listing(&listing);
    return status;
}

int hone_command_task(int argc, char **argv) {
    static const struct option options[] = {{"prompt", optional_argument, NULL, 'p'},
                                            {"prototype", required_argument, NULL, 't'},
                                            {"settings", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *prompt = NULL, *prototype = NULL, *settings = NULL;
    if (argc > 1 && !strcmp(argv[1], "check"))
        return hone_command_task_check(argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "new"))
        return hone_command_task_new(argc - 1, argv + 1);
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(task_usage, stdout);
            return 0;
        }
        if (option == '?')
            return usage_error(task_usage);
        if (option == 'p')
            prompt = optarg ? optarg : "c";
        else if (option == 't')
            prototype = optarg;
        else
            settings = optarg;
    }
    if (argc - optind != 2 || strcmp(argv[optind], "show") != 0 || (prompt && prototype))
        return usage_error(task_usage);
    if (!is_language(prompt) || !is_language(prototype)) {
        fprintf(stderr, "hone: no language is called \"%s\"; expected c or cuda\n",
                prompt ? prompt : prototype);
        return USAGE_ERROR;
    }
    return show_named(argv[optind + 1], prompt, prototype, settings);
}
