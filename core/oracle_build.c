#include "core/oracle.h"

#include "core/error.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

/* No contraction and no -march: the truth is the same on every machine. */
static const char *const flags[] = {
    "-std=gnu17", "-O2", "-ffp-contract=off", "-fPIC", "-shared", "-x", "c", "-", "-lm"};
#define FLAGS (sizeof flags / sizeof *flags)

struct compiler {
    char path[512];
    struct stat status; /* size and time: its identity, without running it */
};

static int find_compiler(struct compiler *compiler, struct hone_error *error) {
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        size_t length = strcspn(at, ":");
        if (length && length + sizeof "/gcc" <= sizeof compiler->path) {
            snprintf(compiler->path, sizeof compiler->path, "%.*s/gcc", (int)length, at);
            if (!access(compiler->path, X_OK) && !stat(compiler->path, &compiler->status) &&
                S_ISREG(compiler->status.st_mode))
                return 0;
        }
        at += length + (at[length] == ':');
    }
    return hone_fail(error, -ENOENT, "no gcc in $PATH: oracles of tasks are C and need one");
}

/* A folder of ours alone: another user's is never used. */
static int make_folder(const char *path, struct hone_error *error) {
    struct stat status;
    if (mkdir(path, 0700) && errno != EEXIST)
        return hone_fail(error, -errno, "%s: %s; set $XDG_CACHE_HOME to a folder of yours", path,
                         strerror(errno));
    if (lstat(path, &status))
        return hone_fail(error, -errno, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode) && !S_ISLNK(status.st_mode))
        return hone_fail(error, -ENOTDIR, "%s: not a folder", path);
    return 0;
}

static int make_parents(char *path, struct hone_error *error) {
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        int result = access(path, F_OK) ? make_folder(path, error) : 0;
        *at = '/';
        if (result)
            return result;
    }
    return 0;
}

static int cache_folder(char *path, size_t size, struct hone_error *error) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct stat status;
    int length;
    if (cache && *cache == '/')
        length = snprintf(path, size, "%s/hone/oracles", cache);
    else if (home && *home == '/')
        length = snprintf(path, size, "%s/.cache/hone/oracles", home);
    else
        return hone_fail(error, -ENOENT,
                         "no place to keep built oracles: set $XDG_CACHE_HOME or $HOME");
    if ((size_t)length >= size)
        return hone_fail(error, -ENAMETOOLONG, "%.200s...: the path is too long", path);
    int result = make_parents(path, error);
    if (!result)
        result = make_folder(path, error);
    if (result)
        return result;
    if (lstat(path, &status) || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        status.st_mode & 077)
        return hone_fail(error, -EPERM,
                         "%s: expected a folder of yours with mode 0700; code is loaded from it",
                         path);
    return 0;
}

static void name_image(const char *text, const struct compiler *compiler, char name[33]) {
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        abort();
    XXH3_128bits_reset(state);
    int64_t identity[3] = {(int64_t)compiler->status.st_size, compiler->status.st_mtim.tv_sec,
                           compiler->status.st_mtim.tv_nsec};
    XXH3_128bits_update(state, identity, sizeof identity);
    XXH3_128bits_update(state, compiler->path, strlen(compiler->path) + 1);
    for (size_t i = 0; i < FLAGS; i++)
        XXH3_128bits_update(state, flags[i], strlen(flags[i]) + 1);
    XXH3_128bits_update(state, text, strlen(text));
    XXH128_hash_t sum = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    snprintf(name, 33, "%016llx%016llx", (unsigned long long)sum.high64,
             (unsigned long long)sum.low64);
}

/* A file without a name that holds `text`, at its start. */
static int text_file(const char *text, int *file) {
    size_t size = strlen(text);
    *file = memfd_create("hone-oracle", MFD_CLOEXEC);
    if (*file < 0)
        return -errno;
    for (size_t done = 0; done < size;) {
        ssize_t written = write(*file, text + done, size - done);
        if (written < 0 && errno != EINTR)
            return -errno;
        done += written > 0 ? (size_t)written : 0;
    }
    return lseek(*file, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int run_compiler(const char *compiler, int input, int diagnostics, const char *output,
                        int *status) {
    const char *arguments[FLAGS + 4] = {compiler, "-o", output};
    memcpy(arguments + 3, flags, sizeof flags);
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, diagnostics, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, diagnostics, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    int result =
        -posix_spawn(&pid, compiler, &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (result)
        return result;
    while (waitpid(pid, status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

static int compile(const struct compiler *compiler, const char *text, const char *image,
                   struct hone_error *error) {
    char temporary[700], said[400] = "";
    int input = -1, status = 0;
    int diagnostics = memfd_create("hone-diagnostics", MFD_CLOEXEC);
    snprintf(temporary, sizeof temporary, "%s.%ld", image, (long)getpid());
    int result = diagnostics < 0 ? -errno : text_file(text, &input);
    if (!result)
        result = run_compiler(compiler->path, input, diagnostics, temporary, &status);
    if (result) {
        hone_fail(error, result, "oracle: %s: %s", compiler->path, strerror(-result));
    } else if (status) {
        ssize_t size = pread(diagnostics, said, sizeof said - 1, 0);
        said[size > 0 ? size : 0] = '\0';
        result = hone_fail(error, -EIO, "oracle: does not compile: %s", said);
    } else if (rename(temporary, image)) {
        result = hone_fail(error, -errno, "%s: %s", image, strerror(errno));
    }
    if (result)
        unlink(temporary);
    if (input >= 0)
        close(input);
    if (diagnostics >= 0)
        close(diagnostics);
    return result;
}

static int load(const char *image, struct hone_oracle *oracle, struct hone_error *error) {
    void *library = dlopen(image, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return hone_fail(error, -ENOEXEC, "oracle: %s", dlerror());
    void *symbol = dlsym(library, "hone_call_0");
    if (!symbol)
        return hone_fail(error, -ENOEXEC, "oracle: %s", dlerror());
    memcpy(&oracle->call, &symbol, sizeof symbol); /* ISO C has no such cast; POSIX does */
    return 0;
}

int hone_oracle_build(const char *text, struct hone_oracle *oracle, struct hone_error *error) {
    struct compiler compiler;
    char folder[512], name[33], image[600];
    *oracle = (struct hone_oracle){NULL};
    int result = find_compiler(&compiler, error);
    if (!result)
        result = cache_folder(folder, sizeof folder, error);
    if (result)
        return result;
    name_image(text, &compiler, name);
    snprintf(image, sizeof image, "%s/%s.so", folder, name);
    if (!access(image, R_OK)) {
        if (!load(image, oracle, error))
            return 0;
        unlink(image); /* power loss may have left half of it */
    }
    result = compile(&compiler, text, image, error);
    return result ? result : load(image, oracle, error);
}
