/* folder - tasks from a directory: <path>/<suite>/<task>/, one task each; or <path> itself is one. */
#include "plugins/task.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (8u << 20)
#define FILES_MAX 256
#define DEPTH_MAX 3 /* of folders within a task */

/* The files of one task, as handed over. */
struct text {
    struct hone_task_file *files;
    uint32_t count, capacity;
};

struct folder {
    char *path;
    char **names; /* "suite/task", sorted */
    uint32_t count, capacity;
    struct text
        *texts; /* of each; read when first described and kept, as what was handed over lives on */
    char **origins;
};

static int fail(struct hone_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct hone_error *error, int code, const char *format, ...) {
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

static void drop_text(struct text *text) {
    for (uint32_t i = 0; i < text->count; i++) {
        free((void *)text->files[i].name);
        free((void *)text->files[i].text);
    }
    free(text->files);
    *text = (struct text){0};
}

/* Room for one more element in a list that grows by doubling. */
static int grow(void **list, uint32_t count, uint32_t *capacity, size_t element) {
    if (count < *capacity)
        return 0;
    uint32_t wanted = *capacity ? *capacity * 2 : 16;
    void *larger = reallocarray(*list, wanted, element);
    if (!larger)
        return -ENOMEM;
    *list = larger;
    *capacity = wanted;
    return 0;
}

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct hone_task_file *)a)->name,
                  ((const struct hone_task_file *)b)->name);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_all(int descriptor, size_t size, char **out) {
    char *bytes = malloc(size + 1);
    size_t used = 0;
    if (!bytes)
        return -ENOMEM;
    while (used < size) {
        ssize_t got = read(descriptor, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) { /* shrank while being read */
            free(bytes);
            return got < 0 ? -errno : -EIO;
        }
        used += (size_t)got;
    }
    bytes[size] = '\0';
    *out = bytes;
    return 0;
}

static int add_file(struct text *text, int directory, const char *entry, const char *name,
                    const char *origin, struct hone_error *error) {
    struct stat status;
    char *bytes = NULL, *kept = NULL;
    int descriptor = openat(directory, entry, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int result = descriptor < 0 || fstat(descriptor, &status) < 0 ? -errno : 0;
    if (result < 0)
        goto finish;
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX) {
        result = -EINVAL;
        fail(error, result, "%s/%s: expected a file of at most %u bytes", origin, name,
             FILE_BYTES_MAX);
        goto close_file;
    }
    if (text->count == FILES_MAX) {
        result = -E2BIG;
        fail(error, result, "%s: more than %u files", origin, FILES_MAX);
        goto close_file;
    }
    result = read_all(descriptor, (size_t)status.st_size, &bytes);
    kept = result == 0 ? strdup(name) : NULL;
    if (result == 0 && !kept)
        result = -ENOMEM;
    if (result == 0)
        result = grow((void **)&text->files, text->count, &text->capacity, sizeof *text->files);
    if (result == 0) {
        text->files[text->count++] =
            (struct hone_task_file){.name = kept, .text = bytes, .bytes = (uint64_t)status.st_size};
        close(descriptor);
        return 0;
    }
finish:
    fail(error, result, "%s/%s: %s", origin, name, strerror(-result));
close_file:
    if (descriptor >= 0)
        close(descriptor);
    free(kept);
    free(bytes);
    return result;
}

/* Every file below `directory`, which it closes; names are relative to the task's folder. */
static int add_folder(struct text *text, int directory, const char *prefix, int depth,
                      const char *origin, struct hone_error *error) {
    DIR *stream = fdopendir(directory);
    int result = 0;
    if (!stream) {
        result = -errno;
        close(directory);
        return fail(error, result, "%s/%s: %s", origin, prefix, strerror(-result));
    }
    for (struct dirent *entry; result == 0 && (entry = readdir(stream));) {
        char name[256];
        struct stat status;
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(name, sizeof name, "%s%s", prefix, entry->d_name);
        if (length >= (int)sizeof name)
            result = fail(error, -ENAMETOOLONG, "%s: a file name is too long", origin);
        else if (fstatat(directory, entry->d_name, &status, 0) < 0)
            result = fail(error, -errno, "%s/%s: %s", origin, name, strerror(errno));
        else if (!S_ISDIR(status.st_mode))
            result = add_file(text, directory, entry->d_name, name, origin, error);
        else if (depth == DEPTH_MAX)
            result = fail(error, -ELOOP, "%s/%s: folders nested too deeply", origin, name);
        else {
            int inner = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            strncat(name, "/", sizeof name - strlen(name) - 1);
            result = inner < 0 ? fail(error, -errno, "%s/%s: %s", origin, name, strerror(errno))
                               : add_folder(text, inner, name, depth + 1, origin, error);
        }
    }
    closedir(stream);
    return result;
}

static int read_task(struct text *text, const char *origin, struct hone_error *error) {
    int directory = open(origin, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = directory < 0 ? fail(error, -errno, "%s: %s", origin, strerror(errno))
                               : add_folder(text, directory, "", 0, origin, error);
    if (result < 0)
        drop_text(text);
    else if (text->count == 0)
        result = fail(error, -ENOENT, "%s: no files", origin);
    else
        qsort(text->files, text->count, sizeof *text->files, compare_files);
    return result;
}

static int describe(void *self, uint32_t index, struct hone_task_description *description,
                    struct hone_error *error) {
    struct folder *folder = self;
    if (index >= folder->count)
        return fail(error, -ERANGE, "%s: task %u of %u", folder->path, index, folder->count);
    struct text *text = &folder->texts[index];
    char **origin = &folder->origins[index];
    const char *name = folder->names[index];
    if (!*origin && asprintf(origin, "%s%s%s", folder->path, *name ? "/" : "", name) < 0) {
        *origin = NULL;
        return fail(error, -ENOMEM, "out of memory");
    }
    int result = text->count ? 0 : read_task(text, *origin, error);
    if (result < 0)
        return result;
    description->file_count = text->count;
    description->files = text->files;
    description->origin = *origin;
    return 0;
}

static int count_tasks(void *self, uint32_t *count) {
    *count = ((struct folder *)self)->count;
    return 0;
}

/* Without a suite: the folder itself is the task. */
static int add_name(struct folder *folder, const char *suite, const char *task) {
    char *name = NULL;
    int result = grow((void **)&folder->names, folder->count, &folder->capacity, sizeof name);
    if (result < 0)
        return result;
    if (asprintf(&name, "%s%s%s", suite, *suite ? "/" : "", task) < 0)
        return -ENOMEM;
    folder->names[folder->count++] = name;
    return 0;
}

/* A suite that cannot be listed is offered as a task of its own, whose description says why. */
static int add_suite(struct folder *folder, int root, const char *suite) {
    int descriptor = openat(root, suite, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOTDIR)
        return 0; /* a file beside the suites */
    DIR *stream = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (!stream) {
        if (descriptor >= 0)
            close(descriptor);
        return add_name(folder, suite, ".");
    }
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(stream));) {
        struct stat status;
        if (entry->d_name[0] == '.')
            continue;
        if (fstatat(descriptor, entry->d_name, &status, 0) == 0 && !S_ISDIR(status.st_mode))
            continue;
        result = add_name(folder, suite, entry->d_name);
    }
    closedir(stream);
    return result;
}

static int list_tasks(struct folder *folder, struct hone_error *error) {
    int root = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = root < 0 ? NULL : fdopendir(root);
    if (!stream) {
        int result = -errno;
        if (root >= 0)
            close(root);
        return fail(error, result, "%s: %s; set the option \"path\" to a folder of tasks",
                    folder->path, strerror(-result));
    }
    bool is_task = faccessat(root, "task.json", F_OK, 0) == 0;
    int result = is_task ? add_name(folder, "", "") : 0;
    for (struct dirent *entry; !is_task && result == 0 && (entry = readdir(stream));)
        if (entry->d_name[0] != '.')
            result = add_suite(folder, root, entry->d_name);
    closedir(stream);
    if (result == 0 && folder->count > 0)
        qsort(folder->names, folder->count, sizeof *folder->names, compare_names);
    return result;
}

static void destroy(void *self) {
    struct folder *folder = self;
    if (!folder)
        return;
    for (uint32_t i = 0; i < folder->count; i++) {
        if (folder->texts)
            drop_text(&folder->texts[i]);
        if (folder->origins)
            free(folder->origins[i]);
        free(folder->names[i]);
    }
    free(folder->names);
    free(folder->texts);
    free(folder->origins);
    free(folder->path);
    free(folder);
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    const char *path = "";
    for (; settings && settings->name; settings++)
        if (strcmp(settings->name, "path") == 0)
            path = settings->value;
    if (!*path && host && HONE_HAS(host, service))
        path = host->service(host->self, "hone.places/1");
    if (!path || !*path)
        return fail(error, -EINVAL,
                    "the option \"path\" is empty and the host offers no folder of tasks");
    struct folder *folder = calloc(1, sizeof *folder);
    int result = folder && (folder->path = strdup(path)) ? 0 : -ENOMEM;
    if (result == 0)
        result = list_tasks(folder, error);
    if (result == 0) {
        folder->texts = calloc(folder->count + 1, sizeof *folder->texts);
        folder->origins = calloc(folder->count + 1, sizeof *folder->origins);
        result = folder->texts && folder->origins ? 0 : -ENOMEM;
    }
    if (result < 0) {
        destroy(folder);
        return result == -ENOMEM ? fail(error, result, "out of memory") : result;
    }
    *self = folder;
    return 0;
}

static const struct hone_option options[] = {
    {.name = "path",
     .fallback = "",
     .summary = "folder of suites, each a folder of tasks, or one task's own folder; empty: the "
                "tasks of this installation",
     .type = HONE_TEXT},
    {0}};

static const struct hone_task_ops ops = {
    .size = sizeof ops, .count = count_tasks, .describe = describe};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_TASK,
    .name = "folder",
    .version = "1.0.0",
    .summary = "tasks read from folders",
    .options = options,
    .create = create,
    .destroy = destroy,
    .task = &ops,
};
