/* A source of tasks whose author knew neither inputs nor oracle, nor an origin in a description. */
#include "tests/abi/copy_task.h"

#include <errno.h>

struct hone_task_description {
    uint32_t size;
    uint32_t file_count;
    const struct hone_task_file *files;
};

struct hone_task_ops {
    uint32_t size;
    uint32_t reserved;
    int (*count)(void *self, uint32_t *count);
    int (*describe)(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error);
};

static int describe(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error) {
    (void)self, (void)error;
    if (index)
        return -ERANGE;
    description->file_count = sizeof files / sizeof *files;
    description->files = files;
    return 0;
}

static const struct hone_task_ops ops = {
    .size = sizeof ops, .count = count_tasks, .describe = describe};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_TASK,
                                        .name = "short_task",
                                        .version = "0",
                                        .summary = "older than this host",
                                        .create = create,
                                        .destroy = destroy,
                                        .task = &ops};
