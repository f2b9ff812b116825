#include "core/scorer.h"

#include "core/error.h"
#include "core/scorer_process.h"
#include "core/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Listing may read a whole tree of folders: more than one plugin call's work. */
#define LIST_LIMIT_NS 30000000000u
/* Of one plugin: far more than there are, and far fewer than a number nobody wrote. */
#define TASKS_MOST 65536u

struct list {
    struct hone_task **tasks;
    uint32_t count;
    void (*refused)(void *context, const char *text);
    void *context;
};

static int ask(struct hone_scorer *scorer, uint32_t op, uint32_t plugin, uint32_t index,
               struct hone_wire_reply *reply, struct hone_error *error) {
    struct hone_wire_request request = {.op = op, .plugin = plugin, .index = index};
    int result = hone_scorer_send(scorer, &request, -1, LIST_LIMIT_NS, 0, error);
    return result ? result : hone_scorer_receive(scorer, reply, error);
}

/* Take one file off the front of [*at, end); every length is the child's word. */
static bool take_file(const char **at, const char *end, struct hone_task_file *file) {
    struct hone_wire_file head;
    if ((size_t)(end - *at) < sizeof head)
        return false;
    memcpy(&head, *at, sizeof head);
    *at += sizeof head;
    uint64_t left = (uint64_t)(end - *at);
    if (left < 2 || head.name_bytes > left - 2 || head.text_bytes > left - 2 - head.name_bytes)
        return false;
    file->name = *at;
    file->text = *at + head.name_bytes + 1;
    file->bytes = head.text_bytes;
    *at += head.name_bytes + head.text_bytes + 2;
    return !file->name[head.name_bytes] && !memchr(file->name, '\0', head.name_bytes) &&
           !file->text[head.text_bytes];
}

/* Parse what lies in `room`, a private copy of `bytes` bytes. */
static int parse(const char *room, uint64_t bytes, uint32_t count, uint32_t variant,
                 struct hone_task **task, struct hone_error *error) {
    const char *at = room, *end = room + bytes;
    if (!count || count > bytes / sizeof(struct hone_wire_file))
        return hone_fail(error, -EIO, "scorer: %u files in %llu bytes", count,
                         (unsigned long long)bytes);
    struct hone_task_file *files = calloc(count, sizeof *files);
    if (!files)
        return hone_fail(error, -ENOMEM, "out of memory");
    bool whole = true;
    for (uint32_t i = 0; i < count && whole; i++)
        whole = take_file(&at, end, &files[i]);
    const struct hone_task_description description = {.size = sizeof description,
                                                      .file_count = count - 1,
                                                      .files = files + 1,
                                                      .origin = files[0].text};
    int result = whole ? hone_task_parse_variant(&description, variant, task, error)
                       : hone_fail(error, -EIO, "scorer: a described task has a malformed file");
    free(files);
    return result;
}

static void refuse(const struct list *list, const char *text) {
    if (list->refused)
        list->refused(list->context, text);
}

static const struct hone_task *same_id(const struct list *list, const char *id) {
    for (uint32_t i = 0; i < list->count; i++)
        if (!strcmp(list->tasks[i]->id, id))
            return list->tasks[i];
    return NULL;
}

static int append(struct list *list, struct hone_task *task) {
    struct hone_task **tasks =
        realloc(list->tasks, ((size_t)list->count + 1) * sizeof(struct hone_task *));
    if (!tasks)
        return -ENOMEM;
    list->tasks = tasks;
    list->tasks[list->count++] = task;
    return 0;
}

/* A task that comes in several dtypes is as many tasks; whichever cannot be had is refused. */
static int add_variants(struct list *list, const char *room, const struct hone_wire_reply *reply) {
    uint32_t variants = 1;
    for (uint32_t variant = 0; variant < variants; variant++) {
        struct hone_error why = {{0}};
        struct hone_task *task;
        if (parse(room, reply->bytes, reply->count, variant, &task, &why)) {
            refuse(list, why.text);
            continue;
        }
        variants = task->dtype_count ? task->dtype_count : 1;
        const struct hone_task *first = same_id(list, task->id);
        if (first) {
            hone_fail(&why, 0, "%s: the id %s is taken by %s", task->origin, task->id,
                      first->origin);
            refuse(list, why.text);
            hone_task_destroy(task);
        } else if (append(list, task)) {
            hone_task_destroy(task);
            return -ENOMEM;
        }
    }
    return 0;
}

/* A task that cannot be had is refused, and no error; one that kills the scorer is. */
static int add_task(struct hone_scorer *scorer, uint32_t plugin, uint32_t index, struct list *list,
                    struct hone_error *error) {
    struct hone_wire_reply reply;
    struct hone_error why = {{0}};
    int result = ask(scorer, HONE_WIRE_TASK_DESCRIBE, plugin, index, &reply, &why);
    if (result && scorer->socket < 0)
        return hone_fail(error, result, "%s", why.text);
    if (result) {
        refuse(list, why.text);
        return 0;
    }
    char *room = malloc(reply.bytes + 1);
    if (room) {
        memcpy(room, hone_wire_reply_room(scorer->exchange), reply.bytes);
        result = add_variants(list, room, &reply);
    }
    free(room);
    return !room || result ? hone_fail(error, -ENOMEM, "out of memory for tasks") : 0;
}

static int add_plugin(struct hone_scorer *scorer, uint32_t plugin, struct list *list,
                      struct hone_error *error) {
    struct hone_wire_reply reply;
    int result = ask(scorer, HONE_WIRE_TASK_COUNT, plugin, 0, &reply, error);
    if (result)
        return result;
    if (reply.count > TASKS_MOST) {
        const char *name =
            hone_settings_uses(scorer->settings, HONE_TASK, &(uint32_t){0})[plugin].name;
        return hone_fail(error, -EREMOTEIO, "task/%s: count gave %u tasks, at most %u are possible",
                         name, reply.count, TASKS_MOST);
    }
    for (uint32_t i = 0, count = reply.count; i < count && !result; i++)
        result = add_task(scorer, plugin, i, list, error);
    return result;
}

int hone_scorer_tasks(struct hone_scorer *scorer, struct hone_task ***tasks, uint32_t *count,
                      void (*refused)(void *context, const char *text), void *context,
                      struct hone_error *error) {
    struct list list = {.refused = refused, .context = context};
    uint32_t plugins;
    int result = 0;
    hone_settings_uses(scorer->settings, HONE_TASK, &plugins);
    for (uint32_t plugin = 0; plugin < plugins && !result; plugin++)
        result = add_plugin(scorer, plugin, &list, error);
    if (result) {
        for (uint32_t i = 0; i < list.count; i++)
            hone_task_destroy(list.tasks[i]);
        free(list.tasks);
        return result;
    }
    *tasks = list.tasks;
    *count = list.count;
    return 0;
}
