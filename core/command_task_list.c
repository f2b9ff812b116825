/* command_task_list.c - what `hone tasks` and `hone task show` share: every task there is, and one
 * task as JSON. */
#include "core/command_task.h"
#include "core/scorer.h"
#include "core/settings.h"
#include "core/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note_refused(void *context, const char *text) {
    struct hone_listing *listing = context;
    listing->refused++;
    fprintf(stderr, "hone %s: %s\n", listing->command, text);
}

void hone_listing_close(struct hone_listing *listing) {
    for (uint32_t i = 0; i < listing->count; i++)
        hone_task_destroy(listing->tasks[i]);
    free(listing->tasks);
    hone_scorer_destroy(listing->scorer);
    hone_settings_close(listing->settings);
}

static int by_id(const void *a, const void *b) {
    return strcmp((*(struct hone_task *const *)a)->id, (*(struct hone_task *const *)b)->id);
}

int hone_listing_open(const char *command, const struct hone_overrides *overrides,
                      struct hone_listing *listing) {
    struct hone_error error = {""};
    *listing = (struct hone_listing){.command = command};
    int code = hone_overrides_open(overrides, &listing->settings, &error);
    int status = code ? HONE_EXIT_USAGE : HONE_EXIT_FAILED;
    if (code == 0)
        code = hone_scorer_create(listing->settings, &listing->scorer, &error);
    if (code == 0)
        code = hone_scorer_tasks(listing->scorer, &listing->tasks, &listing->count, note_refused,
                                 listing, &error);
    if (code < 0) {
        fprintf(stderr, "hone %s: %s\n", command, *error.text ? error.text : strerror(-code));
        hone_listing_close(listing);
        return status;
    }
    if (listing->count > 0)
        qsort(listing->tasks, listing->count, sizeof *listing->tasks, by_id);
    return 0;
}

uint32_t hone_task_count_set(const struct hone_task *task, enum hone_workload_set set) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < task->workload_count; i++)
        count += task->workloads[i].set == set;
    for (uint32_t i = 0; set == HONE_HIDDEN && i < task->hidden_count; i++)
        count += task->hidden[i].draws;
    return count;
}

/* "dl/softmax@f16" is a variant of "dl/softmax". */
void hone_task_variant_id(const struct hone_task *task, uint32_t variant, char *id, size_t size) {
    const int length = (int)strcspn(task->id, "@");
    if (variant)
        snprintf(id, size, "%.*s@%s", length, task->id, hone_dtype_name(task->dtypes[variant]));
    else
        snprintf(id, size, "%.*s", length, task->id);
}

static json_t *texts(const char *const *rows, uint32_t count) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(rows[i]));
    return array;
}

static json_t *variants(const struct hone_task *task) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < task->dtype_count; i++) {
        char id[80];
        hone_task_variant_id(task, i, id, sizeof id);
        json_array_append_new(
            array, json_pack("{s:s, s:s}", "dtype", hone_dtype_name(task->dtypes[i]), "id", id));
    }
    return array;
}

static json_t *baselines(const struct hone_task *task) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < hone_task_listed_baselines(task); i++) {
        const struct hone_baseline *baseline = &task->baselines[i];
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:b, s:s, s:s*}", "name", baseline->name,
                                        "lang", baseline->language, "file", baseline->file, "score",
                                        (int)(baseline->role == HONE_SCORE), "role",
                                        hone_baseline_role_name(baseline->role), "library",
                                        baseline->library));
    }
    return array;
}

static json_t *workload_of(const struct hone_task *task, const struct hone_workload *workload,
                           const char *profile) {
    json_t *axes = json_object();
    for (uint32_t j = 0; j < task->axis_count; j++)
        json_object_set_new(axes, task->axes[j].name, json_integer(workload->axes[j]));
    return json_pack("{s:s, s:s, s:s, s:o, s:b, s:b}", "id", workload->id, "set",
                     hone_set_name(workload->set), "profile", profile, "axes", axes, "exact",
                     (int)workload->exact, "sampled", (int)workload->sampled);
}

static json_t *workloads(const struct hone_task *task) {
    const struct hone_task_profile *cpu = &task->profiles[HONE_SIZES_CPU];
    const struct hone_task_profile *gpu = &task->profiles[HONE_SIZES_GPU];
    json_t *array = json_array();
    for (uint32_t i = 0; i < cpu->workload_count; i++)
        json_array_append_new(array, workload_of(task, &cpu->workloads[i], "cpu"));
    for (uint32_t i = gpu->shared_count; i < gpu->workload_count; i++)
        json_array_append_new(array, workload_of(task, &gpu->workloads[i], "gpu"));
    return array;
}

json_t *hone_task_json(const struct hone_task *task) {
    char *prototype = hone_task_prototype(task, "c");
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o, s:o, s:o, s:o, s:i}", "id", task->id, "version",
                  task->version, "title", task->title, "hash", task->hash, "prototype", prototype,
                  "tags", texts(task->tags, task->tag_count), "variants", variants(task),
                  "workloads", workloads(task), "baselines", baselines(task), "hidden",
                  (int)hone_task_count_set(task, HONE_HIDDEN));
    free(prototype);
    return json;
}
