/* plan_fixture.h - plans of the small task (tests/task_text.h), as written and on its first
 * workload. */
#ifndef HONE_TESTS_PLAN_FIXTURE_H
#define HONE_TESTS_PLAN_FIXTURE_H

#include "core/plan.h"
#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

static struct hone_task *task;
static struct hone_plan *plan;
static struct hone_plan_program *program;
static const struct hone_device device = {
    .size = sizeof device, .sm_count = 132, .warp_size = 32, .max_shared_bytes = 65536};

static inline void plan_begin(void) {
    struct hone_error error = {""};
    cr_assert(eq(int, task_text_parse(task_text, &task, &error), 0), "%s", error.text);
}

static inline void plan_forget(void) {
    hone_plan_program_destroy(program);
    hone_plan_destroy(plan);
    program = NULL;
    plan = NULL;
}

static inline void plan_end(void) {
    plan_forget();
    hone_task_destroy(task);
}

static inline int parse_as(const char *language, const char *source, struct hone_error *error) {
    plan_forget();
    error->text[0] = '\0';
    return hone_plan_parse(task, language, source, strlen(source), &device, &plan, error);
}

static inline void parse(const char *language, const char *source) {
    struct hone_error error;
    cr_assert(eq(int, parse_as(language, source, &error), 0), "%s", error.text);
}

/* On the task's first workload: m = 2, n = 5. */
static inline void resolve(const char *language, const char *source) {
    struct hone_error error = {""};
    parse(language, source);
    cr_assert(ne(ptr, plan, NULL));
    int code = hone_plan_resolve(plan, &task->workloads[0], &program, &error);
    cr_assert(eq(int, code, 0), "%s", error.text);
}

static inline void refuse_as(const char *language, const char *source, const char *expected) {
    struct hone_error error;
    int code = parse_as(language, source, &error);
    if (!code)
        code = hone_plan_resolve(plan, &task->workloads[0], &program, &error);
    cr_expect(eq(int, code, -EINVAL), "%s", source);
    cr_expect(eq(str, error.text, (char *)expected), "of %s", source);
}

#endif
