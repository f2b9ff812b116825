/* `hone task show`: one task, as a page, as JSON, or as what an agent is told. */
#include "core/command.h"
#include "core/command_task.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE_ERROR 2

static const char usage[] =
    "usage: hone task show ID [--json | --prompt[=LANG] | --prototype LANG] [--settings FILE]\n"
    "                         [--set SECTION.KEY=VALUE ...]\n"
    "       hone task check ID|FOLDER|--all [--json]\n"
    "       hone task new SUITE/NAME [--path FOLDER]\n"
    "show one task: its signature, workloads, baselines and files; ID@DTYPE is the same in "
    "another\n"
    "element type\n"
    "  --json             an object\n"
    "  --prompt[=LANG]    what an agent that writes LANG (c, the default, or cuda) is told\n"
    "  --prototype LANG   the function it must write\n"
    "check whether a task can be cheated, or make a new one: `hone task check --help`, ...\n";

struct request {
    struct hone_overrides overrides;
    const char *prompt, *prototype;
    bool json, help;
};

static void print_workload(const struct hone_task *task, const struct hone_workload *workload,
                           bool gpu) {
    double flops, bytes;
    hone_task_cost(task, workload, &flops, &bytes);
    printf("  %-8s %-12s", hone_workload_set_name(workload->set), workload->id);
    for (uint32_t i = 0; i < task->axis_count; i++)
        printf(" %s=%lld", task->axes[i].name, (long long)workload->axes[i]);
    printf("%s%s%s", workload->exact ? ", exact" : "", gpu ? ", on a gpu" : "",
           workload->sampled ? ", sampled" : "");
    if (task->bytes)
        printf(", %.3g MB", bytes * 1e-6);
    if (task->flops)
        printf(", %.3g MFLOP", flops * 1e-6);
    putchar('\n');
}

static void print_variants(const struct hone_task *task) {
    if (task->dtype_count)
        printf("\ndtypes\n");
    for (uint32_t i = 0; i < task->dtype_count; i++) {
        char id[80];
        hone_task_variant_id(task, i, id, sizeof id);
        printf("  %-8s %s%s\n", hone_dtype_name(task->dtypes[i]), id,
               i == task->variant ? ", shown here" : "");
    }
}

static void print_task(const struct hone_task *task, const char *prototype) {
    const struct hone_task_profile *cpu = &task->profiles[HONE_SIZES_CPU];
    const struct hone_task_profile *gpu = &task->profiles[HONE_SIZES_GPU];
    printf("%s %s: %s\nhash %s, from %s\n\n%s\n", task->id, task->version, task->title, task->hash,
           task->origin, prototype);
    print_variants(task);
    printf("\nworkloads\n");
    for (uint32_t i = 0; i < cpu->workload_count; i++)
        print_workload(task, &cpu->workloads[i], false);
    for (uint32_t i = gpu->shared_count; i < gpu->workload_count; i++)
        print_workload(task, &gpu->workloads[i], true);
    if (task->hidden_count)
        printf("  %-8s %u drawn for every evaluation\n", "hidden",
               hone_task_count_set(task, HONE_HIDDEN));
    printf("\nbaselines\n");
    for (uint32_t i = 0; i < hone_task_listed_baselines(task); i++)
        printf("  %-8s %s, %s, %s%s%s\n", task->baselines[i].name, task->baselines[i].language,
               task->baselines[i].file, hone_baseline_role_name(task->baselines[i].role),
               task->baselines[i].library ? ", calls " : "",
               task->baselines[i].library ? task->baselines[i].library : "");
    printf("\nfiles\n");
    for (uint32_t i = 0; i < task->file_count; i++)
        printf("  %-20s %6llu bytes\n", task->files[i].name,
               (unsigned long long)task->files[i].bytes);
}

static int show_json(const struct hone_task *task) {
    json_t *json = hone_task_json(task);
    int result = json_dumpf(json, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(json);
    return result < 0 || fflush(stdout) != 0;
}

static int show(const struct hone_task *task, const struct request *request) {
    if (request->json)
        return show_json(task);
    char *text = request->prompt
                     ? hone_task_prompt(task, request->prompt)
                     : hone_task_prototype(task, request->prototype ? request->prototype : "c");
    if (!text) {
        fputs("hone: out of memory\n", stderr);
        return 1;
    }
    if (request->prompt || request->prototype)
        printf("%s%s", text, request->prototype ? ";\n" : "");
    else
        print_task(task, text);
    free(text);
    return fflush(stdout) != 0;
}

static bool is_language(const char *name) {
    return !name || strcmp(name, "c") == 0 || strcmp(name, "cuda") == 0;
}

static int show_named(const char *id, const struct request *request) {
    struct hone_listing listing;
    if (hone_listing_open(&request->overrides, &listing) < 0)
        return 1;
    uint32_t i = 0;
    while (i < listing.count && strcmp(listing.tasks[i]->id, id) != 0)
        i++;
    int status = USAGE_ERROR;
    if (i < listing.count)
        status = show(listing.tasks[i], request);
    else
        fprintf(stderr, "hone: no task is called \"%s\"; `hone tasks` lists them\n", id);
    hone_listing_close(&listing);
    return status;
}

static bool take_options(int argc, char **argv, struct request *request) {
    static const struct option options[] = {{"prompt", optional_argument, NULL, 'p'},
                                            {"prototype", required_argument, NULL, 't'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            HONE_OVERRIDE_OPTIONS,
                                            {0}};
    bool good = true;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        if (option == 'p')
            request->prompt = optarg ? optarg : "c";
        else if (option == 't')
            request->prototype = optarg;
        else if (option == 'j')
            request->json = true;
        else if (option == 'h')
            request->help = true;
        else
            good &= hone_overrides_take(&request->overrides, option, optarg);
    const int ways = (request->prompt != NULL) + (request->prototype != NULL) + request->json;
    return good && (request->help ||
                    (ways <= 1 && argc - optind == 2 && strcmp(argv[optind], "show") == 0));
}

int hone_command_task(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "check"))
        return hone_command_task_check(argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "new"))
        return hone_command_task_new(argc - 1, argv + 1);
    struct request request = {0};
    int status = USAGE_ERROR;
    const bool good = take_options(argc, argv, &request);
    if (!good) {
        fputs(usage, stderr);
    } else if (request.help) {
        fputs(usage, stdout);
        status = 0;
    } else if (!is_language(request.prompt) || !is_language(request.prototype)) {
        fprintf(stderr, "hone: no language is called \"%s\"; expected c or cuda\n",
                request.prompt ? request.prompt : request.prototype);
    } else {
        status = show_named(argv[optind + 1], &request);
    }
    hone_overrides_finish(&request.overrides);
    return status;
}
