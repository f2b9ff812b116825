#include "core/task.h"
#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

Test(task_baselines, have_the_score_first) {
    struct hone_task *task = task_text_small();
    cr_expect(eq(u32, task->baseline_count, 2));
    cr_expect(eq(str, (char *)task->baselines[0].name, "tuned"));
    cr_expect(task->baselines[0].role == HONE_SCORE);
    cr_expect(eq(str, (char *)task->baselines[1].source, "naive"));
    cr_expect(task->baselines[1].role == HONE_FLOOR);
    hone_task_destroy(task);
}

static bool has_named(void *context, const char *library) {
    return strcmp(context, library) == 0;
}

/* The small task with these baselines beside naive and tuned, or what refuses it. */
static struct hone_task *with_baselines(const char *more, struct hone_error *error) {
    static const char before[] = "\"role\": \"score\"}]";
    char text[sizeof task_text + 512];
    const char *at = strstr((char *)task_text, before);
    struct hone_task *task = NULL;
    const size_t head = (size_t)(at - task_text) + sizeof before - 2;
    snprintf(text, sizeof text, "%.*s%s%s", (int)head, task_text, more, task_text + head);
    error->text[0] = 0;
    task_text_parse(text, &task, error);
    return task;
}

#define OPENBLAS(name, role)                                                                       \
    ", {\"name\": \"" name                                                                         \
    "\", \"lang\": \"c\", \"file\": \"tuned.c\", \"library\": \"openblas\", "                      \
    "\"role\": \"" role "\"}"

Test(task_baselines, score_over_a_library_where_the_device_has_it) {
    char library[] = "openblas", other[] = "mkl";
    struct hone_error error;
    struct hone_task *task = with_baselines(OPENBLAS("blas", "score"), &error);
    cr_assert(ne(ptr, task, NULL), "%s", error.text);
    cr_expect(eq(u32, task->baseline_count, 2));
    cr_expect(eq(u32, task->absent_baseline_count, 1));
    cr_expect(eq(str, (char *)task->baselines[0].name, "tuned"));
    hone_task_settle(task, has_named, library);
    cr_expect(eq(u32, task->baseline_count, 3));
    cr_expect(eq(u32, task->absent_baseline_count, 0));
    cr_expect(eq(str, (char *)task->baselines[0].name, "blas"));
    cr_expect(eq(u32, hone_task_floor(task), 1));
    cr_expect(eq(str, (char *)task->baselines[2].name, "tuned")); /* timed and shown beside it */
    hone_task_settle(task, has_named, other);
    cr_expect(eq(u32, task->baseline_count, 2));
    cr_expect(eq(str, (char *)task->baselines[0].name, "tuned"));
    cr_expect(eq(str, (char *)task->baselines[2].name, "blas"));
    hone_task_destroy(task);
}

Test(task_baselines, may_be_compared_with_and_neither_score_nor_limit) {
    char library[] = "openblas";
    struct hone_error error;
    struct hone_task *task = with_baselines(OPENBLAS("a_blas", "compare"), &error);
    cr_assert(ne(ptr, task, NULL), "%s", error.text);
    hone_task_settle(task, has_named, library);
    cr_expect(eq(u32, task->baseline_count, 3));
    cr_expect(eq(str, (char *)task->baselines[0].name, "tuned"));
    cr_expect(eq(str, (char *)task->baselines[1].name, "naive"));
    cr_expect(eq(str, (char *)task->baselines[2].name, "a_blas"));
    hone_task_destroy(task);
}

Test(task_baselines, are_refused_when_their_choice_would_be_open) {
    static const struct {
        const char *more, *expected;
    } bad[] = {
        {OPENBLAS("one", "score") OPENBLAS("two", "score"),
         "a second score baseline that calls openblas"},
        {OPENBLAS("one", "floor"), "the floor baseline stands alone"},
        {OPENBLAS("tuned", "score"), "a second baseline \"tuned\" in c"},
        {", {\"name\": \"other\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": \"score\"}",
         "and no library, found 2"},
        {", {\"name\": \"gpu\", \"lang\": \"cuda\", \"file\": \"tuned.c\", \"role\": \"score\", "
         "\"library\": \"openblas\"}",
         "only a baseline in c calls a library"},
        {", {\"name\": \"other\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": \"compare\", "
         "\"library\": \"mkl\"}",
         "openblas"},
        {OPENBLAS("b", "compare") OPENBLAS("c", "compare") OPENBLAS("d", "compare"),
         "expected at most 4 baselines in c, found 5"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct hone_error error;
        struct hone_task *task = with_baselines(bad[i].more, &error);
        cr_expect(eq(ptr, task, NULL), "%s was taken", bad[i].more);
        cr_expect(ne(ptr, strstr(error.text, bad[i].expected), NULL), "\"%s\" lacks \"%s\"",
                  error.text, bad[i].expected);
        hone_task_destroy(task);
    }
}
