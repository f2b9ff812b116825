/* A source of tasks whose author knew more entries, more of a description and a longer hone_plugin
 * than this host. */
#include "tests/abi/copy_task.h"

#include <errno.h>
#include <string.h>

struct hone_task_description {
    uint32_t size;
    uint32_t file_count;
    const struct hone_task_file *files;
    const char *origin;
    const char *licence;
    uint64_t more[8];
};

struct hone_task_ops {
    uint32_t size;
    uint32_t reserved;
    int (*count)(void *self, uint32_t *count);
    int (*describe)(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error);
    int (*inputs)(void *self, uint32_t index, const void *workload, uint64_t seed, void *arguments,
                  uint32_t argument_count);
    int (*oracle)(void *self, uint32_t index, const void *workload, void *arguments,
                  uint32_t argument_count);
    int (*describe_later)(void *self, int of, int the, int future);
    uint64_t more[8];
};

/* The host says how much of a description there is. */
static int describe(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error) {
    (void)self, (void)error;
    if (index)
        return -ERANGE;
    struct hone_task_description whole = {.size = description->size,
                                          .file_count = sizeof files / sizeof *files,
                                          .files = files,
                                          .origin = "the future",
                                          .licence = "any",
                                          .more = {1}};
    memcpy(description, &whole,
           description->size < sizeof whole ? description->size : sizeof whole);
    return 0;
}

static int describe_later(void *self, int of, int the, int future) {
    (void)self;
    return of + the + future;
}

static const struct hone_task_ops ops = {.size = sizeof ops,
                                         .count = count_tasks,
                                         .describe = describe,
                                         .describe_later = describe_later,
                                         .more = {1}};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin + 64,
                                        .kind = HONE_TASK,
                                        .name = "long_task",
                                        .version = "9",
                                        .summary = "newer than this host",
                                        .create = create,
                                        .destroy = destroy,
                                        .task = &ops};
