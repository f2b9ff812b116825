/* Which implementations a task is timed against, and which of them a device can run. */
#include "core/task_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {"floor", "score", "compare", NULL};
static const char *const libraries[] = {"openblas", "cublas", "cudnn", NULL};

const char *hone_baseline_role_name(enum hone_baseline_role role) {
    return roles[role - HONE_FLOOR];
}

static bool is_c(const struct hone_baseline *baseline) {
    return strcmp(baseline->language, "c") == 0;
}

static int read_library(const struct hone_value *json, struct hone_baseline *baseline) {
    uint32_t which;
    if (!json->value)
        return 0;
    int result = hone_value_choice(json, libraries, &which);
    if (result < 0)
        return result;
    baseline->library = libraries[which];
    if (is_c(baseline) != (which == 0))
        return hone_value_fail(json, "%s is not for a baseline in %s", libraries[which],
                               baseline->language);
    if (baseline->role == HONE_FLOOR)
        return hone_value_fail(json, "the floor baseline stands alone: limits follow from it, and "
                                     "devices without the library need it");
    return 0;
}

static int read_baseline(const struct hone_task_reading *reading, const struct hone_value *json,
                         struct hone_baseline *baseline) {
    static const char *const keys[] = {"name", "lang", "file", "role", "library", "dtypes", NULL};
    static const char *const languages[] = {"c", "cuda", NULL};
    struct hone_value name = hone_value_member(json, "name"),
                      lang = hone_value_member(json, "lang");
    struct hone_value file = hone_value_member(json, "file"),
                      role = hone_value_member(json, "role");
    struct hone_value library = hone_value_member(json, "library");
    const char *text = "";
    uint32_t language = 0, which = 0;
    int result = hone_value_object(json, keys);
    if (result == 0)
        result = hone_value_text(&name, &text);
    if (result == 0)
        result = hone_task_read_name(&name, text);
    if (result == 0)
        result = hone_value_choice(&lang, languages, &language);
    if (result == 0)
        result = hone_task_read_file(reading, &file, &baseline->file, &baseline->source);
    if (result == 0)
        result = hone_value_choice(&role, roles, &which);
    if (result < 0)
        return result;
    snprintf(baseline->name, sizeof baseline->name, "%s", text);
    snprintf(baseline->language, sizeof baseline->language, "%s", languages[language]);
    baseline->role = HONE_FLOOR + which;
    return read_library(&library, baseline);
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* One against all before it. */
static int check_new(const struct hone_value *json, const struct hone_baseline *baselines,
                     uint32_t index) {
    const struct hone_baseline *own = &baselines[index];
    for (uint32_t i = 0; i < index; i++) {
        const struct hone_baseline *other = &baselines[i];
        if (strcmp(other->language, own->language) != 0)
            continue;
        if (strcmp(other->name, own->name) == 0)
            return hone_value_fail(json, "a second baseline \"%s\" in %s", own->name,
                                   own->language);
        if (own->role == HONE_SCORE && other->role == HONE_SCORE && own->library &&
            same_text(other->library, own->library))
            return hone_value_fail(json, "a second score baseline that calls %s", own->library);
    }
    return 0;
}

int hone_task_read_baselines(const struct hone_task_reading *reading,
                             const struct hone_value *json) {
    struct hone_task *task = reading->task;
    size_t count;
    int result = hone_value_array(json, 1, HONE_TASK_BASELINES_MAX * HONE_DTYPES_MAX, &count);
    if (result < 0)
        return result;
    uint32_t scores = 0, in_c = 0, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct hone_value element = hone_value_element(json, i);
        struct hone_baseline own = {.place = i};
        bool in = true;
        result = read_baseline(reading, &element, &own);
        if (result == 0)
            result = hone_task_in_variant(reading, &element, &in);
        if (result < 0)
            return result;
        if (!in)
            continue;
        if (kept == HONE_TASK_BASELINES_MAX)
            return hone_value_fail(json, "expected at most %d for one dtype",
                                   HONE_TASK_BASELINES_MAX);
        task->baselines[kept] = own;
        result = check_new(&element, task->baselines, kept++);
        if (result < 0)
            return result;
        in_c += is_c(&own);
        scores += own.role == HONE_SCORE && is_c(&own) && !own.library;
    }
    if (scores != 1)
        return hone_value_fail(json,
                               "expected one baseline with \"role\": \"score\", \"lang\": \"c\" "
                               "and no library, found %u",
                               scores);
    if (in_c > HONE_BASELINES_MAX)
        return hone_value_fail(json, "expected at most %d baselines in c, found %u",
                               HONE_BASELINES_MAX, in_c);
    task->absent_baseline_count = kept;
    hone_task_settle(task, NULL, NULL);
    return 0;
}

/* The first of the author's whose library is there; the one that stands alone where none is. */
static uint32_t choose_score(const struct hone_baseline *baselines, uint32_t count) {
    uint32_t chosen = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct hone_baseline *own = &baselines[i];
        if (!is_c(own) || own->role != HONE_SCORE || own->absent)
            continue;
        const struct hone_baseline *best = chosen < count ? &baselines[chosen] : NULL;
        if (!best || (own->library && (!best->library || own->place < best->place)))
            chosen = i;
    }
    return chosen;
}

/* Those in C that run: the score baseline, the floor, the rest by name, to be the same everywhere.
 * Then those in CUDA, of which the first is the score. Then those whose library is not there. */
static int rank(const struct hone_baseline *baseline) {
    if (baseline->absent)
        return 4;
    if (!is_c(baseline))
        return 3;
    return baseline->chosen ? 0 : baseline->role == HONE_FLOOR ? 1 : 2;
}

static int by_use(const void *a, const void *b) {
    const struct hone_baseline *left = a, *right = b;
    if (rank(left) != rank(right))
        return rank(left) - rank(right);
    if (left->role != right->role && (left->role == HONE_SCORE || right->role == HONE_SCORE))
        return left->role == HONE_SCORE ? -1 : 1;
    return strcmp(left->name, right->name);
}

void hone_task_settle(struct hone_task *task, bool (*has)(void *context, const char *library),
                      void *context) {
    const uint32_t count =
        task->baseline_count + task->cuda_baseline_count + task->absent_baseline_count;
    struct hone_baseline *baselines = task->baselines;
    for (uint32_t i = 0; i < count; i++) {
        baselines[i].chosen = false;
        baselines[i].absent = baselines[i].library && !(has && has(context, baselines[i].library));
    }
    baselines[choose_score(baselines, count)].chosen = true;
    qsort(baselines, count, sizeof *baselines, by_use);
    task->baseline_count = task->cuda_baseline_count = task->absent_baseline_count = 0;
    for (uint32_t i = 0; i < count; i++)
        ++*(baselines[i].absent   ? &task->absent_baseline_count
            : is_c(&baselines[i]) ? &task->baseline_count
                                  : &task->cuda_baseline_count);
}

uint32_t hone_task_floor(const struct hone_task *task) {
    uint32_t index = 0;
    while (index < task->baseline_count && task->baselines[index].role != HONE_FLOOR)
        index++;
    return index;
}
