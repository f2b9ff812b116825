#include "core/loader.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "core/settings.h"
#include "core/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

/* What create() gets as its host; one for each instance. */
struct lent {
    struct hone_host host;
    const void *(*service)(void *self, const char *id);
    void *service_self;
    char name[96]; /* "reward/speedup", for log lines */
    _Atomic uint64_t second;
    _Atomic uint32_t lines[HONE_LOG_DEBUG + 1]; /* logged in it, by level */
};

/* Of one level from one plugin in a second: what goes on without end says nothing, and fills disks.
 */
#define LINES_MOST 100u

const char *hone_kind_name(enum hone_kind kind) {
    static const char *const names[] = {"none", "task", "reward", "detector", "hardware"};
    return (uint32_t)kind <= HONE_HARDWARE ? names[kind] : "unknown";
}

uint32_t hone_load_folders(struct hone_folders *folders) {
    uint32_t count = 0;
    struct hone_places places;
    const char *at = getenv("HONE_PLUGIN_PATH");
    while (at && *at && count < HONE_FOLDERS_MAX) {
        size_t length = strcspn(at, ":");
        if (length && length < sizeof folders->path[0]) {
            memcpy(folders->path[count], at, length);
            folders->path[count++][length] = '\0';
        }
        at += length + (at[length] == ':');
    }
    if (count < HONE_FOLDERS_MAX && !hone_places(&places, NULL))
        memcpy(folders->path[count++], places.plugins, sizeof places.plugins);
    return count;
}

int hone_load_find(const char *name, enum hone_kind kind, char *path, size_t size,
                   struct hone_error *error) {
    if (strchr(name, '/')) {
        int length = snprintf(path, size, "%s", name);
        if ((size_t)length >= size)
            return hone_fail(error, -ENAMETOOLONG, "%.200s...: the path is too long", name);
        return access(path, R_OK) ? hone_fail(error, -errno, "%s: %s", path, strerror(errno)) : 0;
    }
    struct hone_folders folders;
    uint32_t count = hone_load_folders(&folders);
    for (uint32_t i = 0; i < count; i++) {
        int length =
            snprintf(path, size, "%s/%s/%s.so", folders.path[i], hone_kind_name(kind), name);
        if ((size_t)length < size && !access(path, R_OK))
            return 0;
    }
    return hone_fail(error, -ENOENT,
                     "no %s plugin \"%.100s\": looked for %s/%.100s.so in $HONE_PLUGIN_PATH and %s",
                     hone_kind_name(kind), name, hone_kind_name(kind), name,
                     count ? folders.path[count - 1] : "no tree");
}

/* "reward/foo.so" of a longer path: enough to know which one is meant. */
static const char *short_path(const char *path) {
    const char *end = path + strlen(path);
    for (int slashes = 0; end > path; end--)
        if (end[-1] == '/' && ++slashes == 2)
            break;
    return end;
}

static int hash_file(const char *path, char hash[33], struct hone_error *error) {
    struct stat status;
    int result = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status)) {
        result = hone_fail(error, -errno, "%s: %s", path, strerror(errno));
        goto out;
    }
    size_t size = (size_t)status.st_size;
    void *bytes = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    if (bytes == MAP_FAILED) {
        result = hone_fail(error, -EINVAL, "%s: cannot be mapped", path);
        goto out;
    }
    XXH128_hash_t sum = XXH3_128bits(bytes, size);
    munmap(bytes, size);
    snprintf(hash, 33, "%016llx%016llx", (unsigned long long)sum.high64,
             (unsigned long long)sum.low64);
out:
    if (file >= 0)
        close(file);
    return result;
}

/* The entries a kind must give, by name of the first that is missing; NULL when all are there. Only
 * called with a table whose size field is readable. */
static const char *missing_entry(const struct hone_plugin *plugin) {
    switch (plugin->kind) {
    case HONE_TASK:
        return !HONE_HAS(plugin->task, count)      ? "count"
               : !HONE_HAS(plugin->task, describe) ? "describe"
                                                   : NULL;
    case HONE_REWARD:
        return HONE_HAS(plugin->reward, score) || HONE_HAS(plugin->reward, score_group)
                   ? NULL
                   : "score or score_group";
    case HONE_DETECTOR:
        return HONE_HAS(plugin->detector, inspect_source) ||
                       HONE_HAS(plugin->detector, inspect_binary) ||
                       HONE_HAS(plugin->detector, inspect_run)
                   ? NULL
                   : "inspect_source, inspect_binary or inspect_run";
    case HONE_HARDWARE: {
        const struct hone_hardware_ops *ops = plugin->hardware;
        return !HONE_HAS(ops, device_count)    ? "device_count"
               : !HONE_HAS(ops, describe)      ? "describe"
               : !HONE_HAS(ops, supports)      ? "supports"
               : !HONE_HAS(ops, options)       ? "options"
               : !HONE_HAS(ops, compile_begin) ? "compile_begin"
               : !HONE_HAS(ops, compile_end)   ? "compile_end"
               : !HONE_HAS(ops, compile_drop)  ? "compile_drop"
               : !HONE_HAS(ops, runner_open)   ? "runner_open"
               : !HONE_HAS(ops, runner_close)  ? "runner_close"
               : !HONE_HAS(ops, process_start) ? "process_start"
               : !HONE_HAS(ops, process_go)    ? "process_go"
               : !HONE_HAS(ops, process_stop)  ? "process_stop"
                                               : NULL;
    }
    default:
        return "a kind this host knows";
    }
}

static bool is_name(const char *text) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    const size_t length = strnlen(text, HONE_NAME_SIZE);
    return length && length < HONE_NAME_SIZE && strspn(text, allowed) == length;
}

static bool is_line(const char *text) {
    char copy[256];
    if (strnlen(text, sizeof copy) == sizeof copy)
        return false;
    strcpy(copy, text);
    hone_text_line(copy);
    return !strcmp(copy, text);
}

/* They go into settings, stores, JSON and messages, as they are. */
static int check_words(const struct hone_plugin *plugin, const char *file,
                       struct hone_error *error) {
    if (!plugin->name || !plugin->version || !plugin->summary)
        return hone_fail(error, -EINVAL, "%s: %s is NULL, host needs name, version and summary",
                         file,
                         !plugin->name      ? "name"
                         : !plugin->version ? "version"
                                            : "summary");
    if (!is_name(plugin->name))
        return hone_fail(error, -EINVAL,
                         "%s: its name is not 1 to %d letters, digits, '_', '.' and '-'", file,
                         HONE_NAME_SIZE - 1);
    if (!is_line(plugin->version) || !is_line(plugin->summary))
        return hone_fail(error, -EINVAL,
                         "%s: its %s is not one line of UTF-8, of at most 255 bytes", file,
                         is_line(plugin->version) ? "summary" : "version");
    return 0;
}

/* `kind` 0: any. */
static int check(const struct hone_plugin *plugin, enum hone_kind kind, const char *file,
                 struct hone_error *error) {
    const uint32_t least = offsetof(struct hone_plugin, ops) + sizeof plugin->ops;
    if (plugin->abi != HONE_PLUGIN_ABI)
        return hone_fail(error, -EPROTO, "%s: abi %u, host has %u", file, plugin->abi,
                         HONE_PLUGIN_ABI);
    if (plugin->size < least)
        return hone_fail(error, -EPROTO, "%s: hone_plugin has %u bytes, host needs %u", file,
                         plugin->size, least);
    if (plugin->kind < HONE_TASK || plugin->kind > HONE_HARDWARE)
        return hone_fail(error, -EINVAL, "%s: kind %u, host knows 1 to %d", file, plugin->kind,
                         HONE_HARDWARE);
    if (kind && plugin->kind != (uint32_t)kind)
        return hone_fail(error, -EINVAL, "%s: a %s plugin, wanted a %s plugin", file,
                         hone_kind_name(plugin->kind), hone_kind_name(kind));
    int failed = check_words(plugin, file, error);
    if (failed)
        return failed;
    if (!plugin->create || !plugin->destroy || !plugin->ops)
        return hone_fail(error, -EINVAL, "%s: no %s, host needs it", file,
                         !plugin->create    ? "create"
                         : !plugin->destroy ? "destroy"
                                            : "table of operations");
    const char *missing = missing_entry(plugin);
    if (missing)
        return hone_fail(error, -EINVAL, "%s: no %s, host needs it of a %s plugin", file, missing,
                         hone_kind_name(plugin->kind));
    return 0;
}

/* Constructors run here, and not only an author's: what -ffast-math links in flushes small numbers
 * to zero in whoever loads it, and a library may choose a locale with a decimal comma. */
static void *open_library(const char *path) {
    fenv_t arithmetic;
    char locale[256];
    const locale_t threads = uselocale((locale_t)0);
    fegetenv(&arithmetic);
    snprintf(locale, sizeof locale, "%s", setlocale(LC_ALL, NULL));
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (strcmp(locale, setlocale(LC_ALL, NULL)))
        setlocale(LC_ALL, locale);
    uselocale(threads);
    fesetenv(&arithmetic);
    return library;
}

static int load_file(const char *path, enum hone_kind kind, struct hone_loaded *loaded,
                     struct hone_error *error) {
    int result = hash_file(path, loaded->hash, error);
    if (result)
        return result;
    void *library = open_library(path);
    if (!library)
        return hone_fail(error, -ENOEXEC, "%s", dlerror());
    const struct hone_plugin *plugin = dlsym(library, "hone_plugin");
    if (!plugin)
        return hone_fail(error, -ENOEXEC, "%s: exports no hone_plugin, host needs that symbol",
                         short_path(path));
    result = check(plugin, kind, short_path(path), error);
    if (result)
        return result;
    loaded->plugin = plugin;
    return 0;
}

int hone_load(const char *name, enum hone_kind kind, struct hone_loaded *loaded,
              struct hone_error *error) {
    *loaded = (struct hone_loaded){0};
    int result = hone_load_find(name, kind, loaded->path, sizeof loaded->path, error);
    return result ? result : load_file(loaded->path, kind, loaded, error);
}

int hone_load_any(const char *path, struct hone_loaded *loaded, struct hone_error *error) {
    *loaded = (struct hone_loaded){0};
    /* dlopen() searches the system's folders for a name without a slash. */
    int length =
        snprintf(loaded->path, sizeof loaded->path, "%s%s", strchr(path, '/') ? "" : "./", path);
    if ((size_t)length >= sizeof loaded->path)
        return hone_fail(error, -ENAMETOOLONG, "%.200s...: the path is too long", path);
    return load_file(loaded->path, 0, loaded, error);
}

/* One line each, whatever a text holds: no plugin writes lines in another's name. */
static void lent_log(void *self, int32_t level, const char *text) {
    struct lent *lent = self;
    char line[900];
    const uint64_t second = hone_now_ns() / 1000000000u;
    if (level < HONE_LOG_ERROR || level > HONE_LOG_DEBUG)
        level = HONE_LOG_DEBUG;
    if (atomic_exchange(&lent->second, second) != second)
        for (int i = 0; i <= HONE_LOG_DEBUG; i++)
            atomic_store(&lent->lines[i], 0);
    const uint32_t before = atomic_fetch_add(&lent->lines[level], 1);
    if (before >= LINES_MOST) {
        if (before == LINES_MOST)
            hone_log((enum hone_log_level)level,
                     "%s: more than %u lines in a second; the others are left out", lent->name,
                     LINES_MOST);
        return;
    }
    snprintf(line, sizeof line, "%s", text ? text : "");
    hone_text_line(line);
    hone_log((enum hone_log_level)level, "%s: %s", lent->name, line);
}

static uint64_t lent_now_ns(void *self) {
    (void)self;
    return hone_now_ns();
}

static const void *lent_service(void *self, const char *id) {
    const struct lent *lent = self;
    return lent->service ? lent->service(lent->service_self, id) : NULL;
}

int hone_instance_look(const struct hone_settings *settings, const char *name, enum hone_kind kind,
                       struct hone_instance *instance, struct hone_error *error) {
    *instance = (struct hone_instance){0};
    int result = hone_load(name, kind, &instance->loaded, error);
    if (!result)
        result =
            hone_settings_plugin(settings, instance->loaded.plugin, &instance->settings, error);
    if (result)
        *instance = (struct hone_instance){0};
    return result;
}

int hone_instance_start(struct hone_instance *instance,
                        const void *(*service)(void *self, const char *id), void *service_self,
                        struct hone_error *error) {
    const struct hone_plugin *plugin = instance->loaded.plugin;
    struct hone_error why = {{0}};
    struct lent *lent = calloc(1, sizeof *lent);
    if (!lent)
        return hone_fail(error, -ENOMEM, "out of memory");
    *lent = (struct lent){.host = {.size = sizeof lent->host,
                                   .self = lent,
                                   .log = lent_log,
                                   .now_ns = lent_now_ns,
                                   .service = lent_service},
                          .service = service,
                          .service_self = service_self};
    snprintf(lent->name, sizeof lent->name, "%s/%s", hone_kind_name(plugin->kind), plugin->name);
    int result = plugin->create(&lent->host, instance->settings, &instance->self, &why);
    if (!result) {
        instance->host = lent;
        return 0;
    }
    free(lent);
    instance->self = NULL;
    why.text[sizeof why.text - 1] = '\0';
    /* Its own number would be taken for what that means of the host: that a worker was lost. */
    return hone_fail(error, -EREMOTEIO, "%s: %.400s", short_path(instance->loaded.path),
                     why.text[0] ? why.text : hone_error_text(result < 0 ? result : -EIO));
}

int hone_instance_create(const struct hone_settings *settings, const char *name,
                         enum hone_kind kind, const void *(*service)(void *self, const char *id),
                         void *service_self, struct hone_instance *instance,
                         struct hone_error *error) {
    int result = hone_instance_look(settings, name, kind, instance, error);
    if (result)
        return result;
    result = hone_instance_start(instance, service, service_self, error);
    if (result)
        hone_instance_destroy(instance);
    return result;
}

void hone_instance_destroy(struct hone_instance *instance) {
    if (!instance || !instance->loaded.plugin)
        return;
    if (instance->host)
        instance->loaded.plugin->destroy(instance->self);
    free(instance->host);
    free(instance->settings);
    *instance = (struct hone_instance){0};
}
