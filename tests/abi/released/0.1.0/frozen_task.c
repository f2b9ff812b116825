/* frozen_task.c - tasks as the first release's headers let one write them: frozen/negate and
 * frozen/double, made in code; their task.json is frozen with them. */
#include <hone/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS 2
#define FILES 5

struct frozen_task {
    char text[TASKS][FILES][2048];
    struct hone_task_file files[TASKS][FILES];
};

static const struct {
    const char *name, *title, *factor;
} tasks[TASKS] = {
    {"negate", "A vector with its signs changed", "-1"},
    {"double", "Twice a vector", "2"},
};

static const char naive[] = "void solve(const float *x, float *y, int64_t n) {\n"
                            "    for (int64_t i = 0; i < n; i++)\n"
                            "        y[i] = %s * x[i];\n"
                            "}\n";
static const char oracle[] = "void oracle(const float *x, double *y, int64_t n) {\n"
                             "    for (int64_t i = 0; i < n; i++)\n"
                             "        y[i] = %s * (double)x[i];\n"
                             "}\n";
static const char prompt[] = "Scale a vector:\n\n    y[i] = %s * x[i]\n";
static const char tuned[] = "void solve(const float *restrict x, float *restrict y, int64_t n) {\n"
                            "    for (int64_t i = 0; i < n; i++)\n"
                            "        y[i] = %s * x[i];\n"
                            "}\n";
static const char json[] =
    "{\n"
    " \"schema\": 1, \"id\": \"frozen/%s\", \"version\": \"0.1.0\", \"title\": \"%s\",\n"
    " \"tags\": [\"memory-bound\", \"elementwise\"],\n"
    " \"axes\": {\"n\": {\"var\": [1, 1048576]}},\n"
    " \"args\": [\n"
    "  {\"name\": \"x\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [\"n\"]},\n"
    "  {\"name\": \"y\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [\"n\"]},\n"
    "  {\"name\": \"n\", \"role\": \"axis\"}\n"
    " ],\n"
    " \"workloads\": [\n"
    "  {\"id\": \"tiny\", \"set\": \"debug\", \"axes\": {\"n\": 19}},\n"
    "  {\"id\": \"one\", \"set\": \"verify\", \"axes\": {\"n\": 1}},\n"
    "  {\"id\": \"prime\", \"set\": \"verify\", \"axes\": {\"n\": 4099}},\n"
    "  {\"id\": \"exact\", \"set\": \"verify\", \"axes\": {\"n\": 1009}, \"exact\": true,\n"
    "   \"gen\": {\"x\": {\"dist\": \"ints\", \"low\": -8, \"high\": 8}}},\n"
    "  {\"id\": \"even\", \"set\": \"bench\", \"axes\": {\"n\": %ld}},\n"
    "  {\"id\": \"odd\", \"set\": \"bench\", \"axes\": {\"n\": %ld},\n"
    "   \"gen\": {\"x\": {\"dist\": \"normal\", \"outliers\": {\"p\": 0.001, \"scale\": 100}}}}\n"
    " ],\n"
    " \"hidden\": [{\"draw\": 2, \"axes\": {\"n\": {\"loguniform\": [1, 65536]}}}],\n"
    " \"cost\": {\"flops\": \"n\", \"bytes\": \"2*n*sizeof(f32)\"},\n"
    " \"baselines\": [\n"
    "  {\"name\": \"tuned\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": \"score\"},\n"
    "  {\"name\": \"naive\", \"lang\": \"c\", \"file\": \"naive.c\", \"role\": \"floor\"}\n"
    " ],\n"
    " \"oracle\": {\"c\": \"oracle.c\"}\n"
    "}\n";

static void write_task(struct frozen_task *mine, uint32_t index, long elements) {
    static const char *const names[FILES] = {"naive.c", "oracle.c", "prompt.md", "task.json",
                                             "tuned.c"};
    char(*text)[2048] = mine->text[index];
    snprintf(text[0], sizeof text[0], naive, tasks[index].factor);
    snprintf(text[1], sizeof text[1], oracle, tasks[index].factor);
    snprintf(text[2], sizeof text[2], prompt, tasks[index].factor);
    snprintf(text[3], sizeof text[3], json, tasks[index].name, tasks[index].title, elements,
             elements + 13);
    snprintf(text[4], sizeof text[4], tuned, tasks[index].factor);
    for (int i = 0; i < FILES; i++)
        mine->files[index][i] =
            (struct hone_task_file){.name = names[i], .text = text[i], .bytes = strlen(text[i])};
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)error;
    long elements = 0;
    struct frozen_task *mine = calloc(1, sizeof *mine);
    if (!mine)
        return -ENOMEM;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "elements"))
            elements = strtol(settings->value, NULL, 10);
    for (uint32_t i = 0; i < TASKS; i++)
        write_task(mine, i, elements);
    *self = mine;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static int count_tasks(void *self, uint32_t *count) {
    (void)self;
    *count = TASKS;
    return 0;
}

static int describe(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error) {
    struct frozen_task *mine = self;
    if (index >= TASKS) {
        if (error)
            snprintf(error->text, sizeof error->text, "frozen: task %u of %d", index, TASKS);
        return -ERANGE;
    }
    description->file_count = FILES;
    description->files = mine->files[index];
    description->origin = "frozen_task";
    return 0;
}

static const struct hone_task_ops ops = {
    .size = sizeof ops, .count = count_tasks, .describe = describe};

static const struct hone_option options[] = {
    {.name = "elements",
     .fallback = "65536",
     .summary = "of the even bench workload",
     .low = 1024,
     .high = 1000000,
     .type = HONE_INTEGER},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_TASK,
                                        .name = "frozen_task",
                                        .version = "0.1.0",
                                        .summary = "tasks that were compiled once and for all",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .task = &ops};
