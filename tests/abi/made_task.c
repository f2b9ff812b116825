/* A source of tasks in code: one task whose inputs and truth the plugin makes itself, without an
 * oracle.c; and, in the option `how`, ways not to. */
#include "plugins/task.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct made {
    char how[32];
};

#define TEXT(file, words)                                                                          \
    { .name = (file), .text = (words), .bytes = sizeof(words) - 1 }

static const struct hone_task_file files[] = {
    TEXT("prompt.md", "Double a vector.\n"),
    TEXT("task.json",
         "{\"schema\": 1, \"id\": \"made/double\", \"version\": \"1\", \"title\": \"Doubled\",\n"
         " \"axes\": {\"n\": {\"var\": [1, 4096]}},\n"
         " \"args\": [\n"
         "  {\"name\": \"x\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [\"n\"]},\n"
         "  {\"name\": \"y\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [\"n\"]},\n"
         "  {\"name\": \"n\", \"role\": \"axis\"}],\n"
         " \"workloads\": [\n"
         "  {\"id\": \"few\", \"set\": \"debug\", \"axes\": {\"n\": 7}},\n"
         "  {\"id\": \"some\", \"set\": \"verify\", \"axes\": {\"n\": 33}},\n"
         "  {\"id\": \"all\", \"set\": \"bench\", \"axes\": {\"n\": 4096}}],\n"
         " \"baselines\": [\n"
         "  {\"name\": \"twice\", \"lang\": \"c\", \"file\": \"double.c\", \"role\": "
         "\"score\"}]}\n"),
};

static const struct hone_task_file baseline =
    TEXT("double.c", "void solve(const float *x, float *y, int64_t n) {\n"
                     "    for (int64_t i = 0; i < n; i++)\n"
                     "        y[i] = 2 * x[i];\n"
                     "}\n");

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    struct made *made = calloc(1, sizeof *made);
    (void)host, (void)error;
    if (!made)
        return -ENOMEM;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "how"))
            snprintf(made->how, sizeof made->how, "%s", settings->value);
    *self = made;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static int count(void *self, uint32_t *count) {
    const struct made *made = self;
    *count = strcmp(made->how, "count_lie") ? 1 : 4000000000u;
    return 0;
}

static int describe(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error) {
    static struct hone_task_file all[3];
    (void)self, (void)error;
    if (index)
        return -ERANGE;
    all[0] = baseline;
    all[1] = files[0];
    all[2] = files[1];
    description->file_count = 3;
    description->files = all;
    description->origin = "code";
    return 0;
}

static int misbehave(const struct made *made, const char *where) {
    char how[32];
    snprintf(how, sizeof how, "%s_crash", where);
    if (!strcmp(made->how, how)) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's host would make it an exit */
        raise(SIGSEGV);
    }
    snprintf(how, sizeof how, "%s_fail", where);
    return strcmp(made->how, how) ? 0 : -ENODATA;
}

static int inputs(void *self, uint32_t index, const struct hone_task_workload *workload,
                  uint64_t seed, struct hone_task_argument *arguments, uint32_t argument_count) {
    float *x = arguments[0].tensor.data;
    (void)index;
    if (argument_count != 3 || workload->axes[0] != arguments[0].tensor.shape[0])
        return -EINVAL;
    for (int64_t i = 0; i < workload->axes[0]; i++)
        x[i] = (float)((seed + (uint64_t)i * 7919) % 1000) / 16;
    return misbehave(self, "inputs");
}

static int oracle(void *self, uint32_t index, const struct hone_task_workload *workload,
                  struct hone_task_argument *arguments, uint32_t argument_count) {
    float *x = arguments[0].tensor.data;
    double *y = arguments[1].tensor.data;
    const struct made *made = self;
    (void)index, (void)argument_count;
    for (int64_t i = !strcmp(made->how, "oracle_leave"); i < workload->axes[0]; i++)
        y[i] = 2 * (double)x[i];
    if (!strcmp(made->how, "oracle_change"))
        x[workload->axes[0] - 1]++;
    return misbehave(self, "oracle");
}

static const struct hone_option options[] = {
    {.name = "how",
     .fallback = "well",
     .summary = "what to do when called",
     .choices = "well count_lie oracle_change oracle_leave inputs_crash inputs_fail oracle_crash "
                "oracle_fail",
     .type = HONE_CHOICE},
    {.name = NULL},
};

static const struct hone_task_ops ops = {
    .size = sizeof ops, .count = count, .describe = describe, .inputs = inputs, .oracle = oracle};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_TASK,
                                        .name = "made_task",
                                        .version = "1",
                                        .summary = "a task made in code",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .task = &ops};
