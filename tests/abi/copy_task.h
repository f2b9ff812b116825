/* copy_task.h - one task, ages/copy, for sources of tasks of any age. */
#ifndef HONE_TESTS_ABI_COPY_TASK_H
#define HONE_TESTS_ABI_COPY_TASK_H

#include "plugins/plugin.h"

struct hone_task_file {
    const char *name;
    const char *text;
    uint64_t bytes;
};

#define TEXT(file, words)                                                                          \
    { .name = (file), .text = (words), .bytes = sizeof(words) - 1 }

static const struct hone_task_file files[] = {
    TEXT("copy.c", "void solve(const float *x, float *y, int64_t n) {\n"
                   "    memcpy(y, x, n * sizeof *x);\n"
                   "}\n"),
    TEXT("oracle.c", "void oracle(const float *x, double *y, int64_t n) {\n"
                     "    for (int64_t i = 0; i < n; i++)\n"
                     "        y[i] = x[i];\n"
                     "}\n"),
    TEXT("prompt.md", "Copy a vector.\n"),
    TEXT("task.json",
         "{\"schema\": 1, \"id\": \"ages/copy\", \"version\": \"1\", \"title\": \"A copy\",\n"
         " \"axes\": {\"n\": {\"var\": [1, 4096]}},\n"
         " \"args\": [\n"
         "  {\"name\": \"x\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [\"n\"]},\n"
         "  {\"name\": \"y\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [\"n\"]},\n"
         "  {\"name\": \"n\", \"role\": \"axis\"}],\n"
         " \"workloads\": [\n"
         "  {\"id\": \"few\", \"set\": \"debug\", \"axes\": {\"n\": 3}},\n"
         "  {\"id\": \"some\", \"set\": \"verify\", \"axes\": {\"n\": 19}},\n"
         "  {\"id\": \"all\", \"set\": \"bench\", \"axes\": {\"n\": 4096}}],\n"
         " \"baselines\": [\n"
         "  {\"name\": \"copy\", \"lang\": \"c\", \"file\": \"copy.c\", \"role\": \"score\"}],\n"
         " \"oracle\": {\"c\": \"oracle.c\"}}\n"),
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)settings, (void)error;
    *self = NULL;
    return 0;
}

static void destroy(void *self) {
    (void)self;
}

static int count_tasks(void *self, uint32_t *count) {
    (void)self;
    *count = 1;
    return 0;
}

#endif
