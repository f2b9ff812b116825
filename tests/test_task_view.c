#include "core/task_view.h"
#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

/* The small task, its floor in CUDA, and one workload more to verify. */
static struct hone_task *parse(void) {
    static const char floor[] = "\"lang\": \"c\", \"file\": \"naive.c\"";
    static const char fast[] = "  {\"id\": \"fast\"";
    struct hone_task *task;
    struct hone_error error;
    char text[8192];
    const char *at = strstr(task_text, fast), *language = strstr(task_text, floor);
    snprintf(text, sizeof text,
             "%.*s  {\"id\": \"small\", \"set\": \"verify\", \"axes\": {\"m\": 2, \"n\": 3}},\n"
             "  {\"id\": \"middle\", \"set\": \"verify\", \"axes\": {\"m\": 8, \"n\": 64}},\n"
             "%.*s\"lang\": \"cuda\", \"file\": \"naive.c\"%s",
             (int)(at - task_text), task_text, (int)(language - at), at,
             language + sizeof floor - 1);
    cr_assert(eq(int, task_text_parse(text, &task, &error), 0), "%s", error.text);
    return task;
}

static uint32_t count(const struct hone_task *task, enum hone_workload_set set) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < task->workload_count; i++)
        count += task->workloads[i].set == set;
    return count;
}

static bool is_timed(const struct hone_task *task, const char *id) {
    for (uint32_t i = 0; i < task->workload_count; i++)
        if (task->workloads[i].set == HONE_BENCH && !strcmp(task->workloads[i].id, id))
            return true;
    return false;
}

static uint32_t count_big(const struct hone_task *task) {
    uint32_t big = 0;
    for (uint32_t i = 0; i < task->workload_count; i++)
        big += task->workloads[i].big;
    return big;
}

Test(task_view, has_the_baselines_of_its_language) {
    struct hone_task *task = parse();
    struct hone_task *c = hone_task_view_create(task, "c", false);
    struct hone_task *cuda = hone_task_view_create(task, "cuda", false);
    struct hone_task *other = hone_task_view_create(task, "other", false);
    cr_expect(eq(u32, c->baseline_count, 1));
    cr_expect(eq(str, c->baselines[0].name, "tuned"));
    cr_expect(eq(u32, cuda->baseline_count, 1));
    cr_expect(eq(str, cuda->baselines[0].name, "naive"));
    cr_expect(eq(u32, other->baseline_count, 0));
    hone_task_view_destroy(c);
    hone_task_view_destroy(cuda);
    hone_task_view_destroy(other);
    hone_task_destroy(task);
}

Test(task_view, shares_sizes_and_draws_where_code_is_native) {
    struct hone_task *task = parse();
    struct hone_task *view = hone_task_view_create(task, "cuda", false);
    cr_expect(eq(ptr, (void *)view->workloads, (void *)task->workloads));
    cr_expect(eq(u64, view->hash64, task->hash64));
    hone_task_view_destroy(view);
    hone_task_destroy(task);
}

Test(task_view, times_the_costliest_verified_sizes_where_code_is_emulated) {
    struct hone_task *task = parse();
    struct hone_task *view = hone_task_view_create(task, "cuda", true);
    cr_expect(eq(u32, count(view, HONE_DEBUG), count(task, HONE_DEBUG)));
    cr_expect(
        eq(u32, count(view, HONE_VERIFY), count(task, HONE_VERIFY) + count(task, HONE_BENCH)));
    cr_expect(eq(u32, count_big(view), count(task, HONE_BENCH)));
    cr_expect(eq(u32, count(view, HONE_BENCH), 2));
    cr_expect(is_timed(view, "whole"));
    cr_expect(is_timed(view, "middle"));
    cr_expect(not(is_timed(view, "fast")));
    cr_expect(ne(u64, view->hash64, task->hash64));
    cr_expect(eq(str, view->hash, task->hash));
    hone_task_view_destroy(view);
    hone_task_destroy(task);
}
