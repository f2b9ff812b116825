/* command_task_show.c - `hone task show`: one task, as a page, as JSON, or as what an agent is
 * told. */
#include "core/command_task.h"
#include "core/error.h"
#include "core/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    struct hone_overrides overrides;
    const char *prompt, *prototype;
    bool json;
};

static void print_workload(const struct hone_task *task, const struct hone_workload *workload,
                           bool gpu) {
    double flops, bytes;
    hone_task_cost(task, workload, &flops, &bytes);
    printf("  %-8s %-12s", hone_set_name(workload->set), workload->id);
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

static int show(const struct hone_task *task, const struct request *request) {
    if (request->json) {
        json_t *json = hone_task_json(task);
        hone_command_print_json(json);
        json_decref(json);
        return 0;
    }
    char *text = request->prompt
                     ? hone_task_prompt(task, request->prompt)
                     : hone_task_prototype(task, request->prototype ? request->prototype : "c");
    if (!text) {
        fputs("hone task show: out of memory\n", stderr);
        return HONE_EXIT_FAILED;
    }
    if (request->prompt || request->prototype)
        printf("%s%s", text, request->prototype ? ";\n" : "");
    else
        print_task(task, text);
    free(text);
    return 0;
}

static int take_language(void *to, const char *name, struct hone_error *error) {
    const char *language = name ? name : "c";
    if (strcmp(language, "c") != 0 && strcmp(language, "cuda") != 0)
        return hone_fail(error, -EINVAL, "expected c or cuda");
    *(const char **)to = language;
    return 0;
}

static int show_named(const char *id, const struct request *request) {
    struct hone_listing listing;
    int status = hone_listing_open("task show", &request->overrides, &listing);
    if (status)
        return status;
    uint32_t i = 0;
    while (i < listing.count && strcmp(listing.tasks[i]->id, id) != 0)
        i++;
    status = HONE_EXIT_USAGE;
    if (i < listing.count)
        status = show(listing.tasks[i], request);
    else
        fprintf(stderr, "hone task show: no task \"%s\"; `hone tasks` lists them\n", id);
    hone_listing_close(&listing);
    return status;
}

static int command_show(int argc, char **argv) {
    struct request request = {0};
    const char *id = NULL;
    const struct hone_command_option options[] = {
        {"json", NULL, "an object", hone_take_yes, &request.json, 0},
        {"prompt", "[=LANG]", "what an agent that writes LANG (c, the default, or cuda) is told",
         take_language, &request.prompt, 0},
        {"prototype", "LANG", "the function it must write", take_language, &request.prototype, 0},
        HONE_SETTINGS_OPTIONS(&request.overrides),
        {0},
    };
    const struct hone_command_line line = {
        .command = "hone task show",
        .synopsis = "ID",
        .purpose = "Show one task: its signature, workloads, baselines and files.\n"
                   "ID@DTYPE is the same in another element type.",
        .options = options,
        .operands = &id,
        .least = 1,
        .most = 1,
    };
    int status;
    if (hone_command_line_read(&line, argc, argv, &status)) {
        const int ways = (request.prompt != NULL) + (request.prototype != NULL) + request.json;
        status = ways > 1 ? hone_command_line_refuse(
                                &line, "expected only one of --json, --prompt and --prototype")
                          : show_named(id, &request);
    }
    hone_overrides_finish(&request.overrides);
    return status;
}

int hone_command_task(int argc, char **argv) {
    static const struct hone_command commands[] = {
        {"show", command_show, "show one task"},
        {"check", hone_command_task_check, "say whether a task can be cheated"},
        {"new", hone_command_task_new, "make a task, as a form to fill"},
        {0},
    };
    return hone_command_choose("hone task", commands, argc, argv);
}
