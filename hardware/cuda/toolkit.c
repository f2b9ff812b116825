#include "hardware/cuda/toolkit.h"

#include "hardware/cuda/places.h"
#include "hardware/cuda/toolkit_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define PROBE_TEXT_SIZE 16384

/* Taken where a library knows them. Textures, the device runtime and its launches are not for
 * candidates, and leaving their declarations out saves a tenth of a compilation. */
static const char *const optional[HONE_TOOLKIT_OPTIONS_MAX + 1] = {"--minimal", "--no-cache"};

int hone_toolkit_fail(struct hone_error *error, int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (error)
        vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

void hone_toolkit_show(struct hone_toolkit *toolkit, const char *path) {
    for (size_t i = 0; i < toolkit->path_count; i++)
        if (strcmp(toolkit->paths[i], path) == 0)
            return;
    char *copy = toolkit->path_count < HONE_TOOLKIT_PATHS_MAX ? strdup(path) : NULL;
    if (copy)
        toolkit->paths[toolkit->path_count++] = copy;
}

/* What the program says, malloc()ed; NULL when it fails. */
static char *run(char *const *arguments) {
    static char locale[] = "LC_ALL=C", *const environment[] = {locale, NULL};
    char *text = malloc(PROBE_TEXT_SIZE);
    int ends[2];
    if (!text || pipe2(ends, O_CLOEXEC)) {
        free(text);
        return NULL;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    pid_t pid = -1;
    int status = posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    size_t length = 0;
    for (ssize_t got; status == 0 && length < PROBE_TEXT_SIZE - 1; length += (size_t)got)
        if ((got = read(ends[0], text + length, PROBE_TEXT_SIZE - 1 - length)) <= 0)
            break;
    text[length] = '\0';
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0)
        return text;
    free(text);
    return NULL;
}

/* The lines of `hone-nvrtc --probe`. A driver that the library looks for is none of a compiler's
 * business. */
static void take_line(struct hone_toolkit *toolkit, char *line) {
    size_t options = 0;
    while (toolkit->options[options])
        options++;
    if (sscanf(line, "version %15[0-9.]", toolkit->version) == 1)
        return;
    if (strncmp(line, "file ", 5) == 0 && !strstr(line, "/libcuda.so"))
        hone_toolkit_show(toolkit, line + 5);
    for (size_t i = 0; optional[i] && strncmp(line, "option ", 7) == 0; i++)
        if (strcmp(line + 7, optional[i]) == 0)
            toolkit->options[options] = optional[i];
}

static void forget(struct hone_toolkit *toolkit) {
    for (size_t i = 0; i < toolkit->path_count; i++)
        free(toolkit->paths[i]);
    toolkit->path_count = 0;
    memset(toolkit->paths, 0, sizeof toolkit->paths);
    memset(toolkit->options, 0, sizeof toolkit->options);
    toolkit->version[0] = '\0';
}

/* Whether the library at `path` compiles; then it is the one. The builtins lie beside it, and are
 * found by the place of the file itself, whatever links led there. */
static bool probe(void *context, const char *path) {
    struct hone_toolkit *toolkit = context;
    char whole[PATH_MAX], word[] = "--probe", words[HONE_TOOLKIT_OPTIONS_MAX][32];
    char *arguments[4 + HONE_TOOLKIT_OPTIONS_MAX] = {toolkit->program, word, whole};
    if (!realpath(path, whole) || strlen(whole) >= sizeof toolkit->nvrtc)
        return false;
    for (size_t i = 0; optional[i]; i++) {
        snprintf(words[i], sizeof words[i], "%s", optional[i]);
        arguments[3 + i] = words[i];
    }
    forget(toolkit);
    char *text = run(arguments), *rest = text;
    for (char *line = text ? strsep(&rest, "\n") : NULL; line; line = strsep(&rest, "\n"))
        take_line(toolkit, line);
    free(text);
    snprintf(toolkit->nvrtc, sizeof toolkit->nvrtc, "%s", whole);
    return toolkit->version[0] != '\0';
}

/* Files come with packages, which replace them; reading them all would cost more than a
 * compilation. */
static uint64_t hash_path(const char *path, uint64_t hash) {
    struct stat status;
    if (stat(path, &status))
        return hash;
    const uint64_t facts[] = {(uint64_t)status.st_ino, (uint64_t)status.st_size,
                              (uint64_t)status.st_mtim.tv_sec, (uint64_t)status.st_mtim.tv_nsec};
    hash = XXH3_64bits_withSeed(path, strlen(path), hash);
    return XXH3_64bits_withSeed(facts, sizeof facts, hash);
}

static uint64_t hash_folder(const char *folder, uint64_t hash) {
    char pattern[HONE_TOOLKIT_PATH_SIZE + 8];
    glob_t files;
    snprintf(pattern, sizeof pattern, "%s/*", folder);
    if (!*folder || glob(pattern, 0, NULL, &files))
        return hash;
    for (size_t i = 0; i < files.gl_pathc; i++)
        hash = hash_path(files.gl_pathv[i], hash);
    globfree(&files);
    return hash;
}

/* Our own headers are no package's: each of them counts. */
static void identify(struct hone_toolkit *toolkit) {
    uint64_t hash = 0;
    for (size_t i = 0; i < toolkit->path_count; i++)
        hash = hash_path(toolkit->paths[i], hash);
    hash = hash_folder(toolkit->device, hash_folder(toolkit->front, hash));
    snprintf(toolkit->identity, sizeof toolkit->identity, "nvrtc %s, files %016llx",
             toolkit->version, (unsigned long long)hash);
}

static int find(struct hone_toolkit *toolkit, const char *setting, const char *library,
                struct hone_error *error) {
    snprintf(toolkit->program, sizeof toolkit->program, "%s/hone-nvrtc", library);
    if (access(toolkit->program, X_OK))
        return hone_toolkit_fail(error, -ENOENT, "no program at %s: build and install all of hone",
                                 toolkit->program);
    const bool given = setting && *setting;
    const struct hone_cuda_wanted wanted = {"libnvrtc", "cuda_nvrtc", probe, toolkit};
    if (!(given ? hone_cuda_look_in(&wanted, setting) : hone_cuda_look_around(&wanted)))
        return hone_toolkit_fail(
            error, -ENOENT,
            given ? "no NVRTC that works at %s: expected a toolkit's folder or libnvrtc.so"
                  : "no NVRTC found%s: install the CUDA toolkit or the wheel nvidia-cuda-nvrtc, or "
                    "set CUDA_HOME; CUDA for a GPU cannot be compiled without it",
            given ? setting : "");
    hone_toolkit_show(toolkit, toolkit->program);
    hone_toolkit_find_headers(toolkit, library);
    identify(toolkit);
    return 0;
}

int hone_toolkit_open(const char *setting, const char *library, struct hone_toolkit **toolkit,
                      struct hone_error *error) {
    *toolkit = calloc(1, sizeof **toolkit);
    if (!*toolkit)
        return hone_toolkit_fail(error, -ENOMEM, "no memory for a toolkit");
    int result = find(*toolkit, setting, library, error);
    if (result) {
        hone_toolkit_close(*toolkit);
        *toolkit = NULL;
    }
    return result;
}

void hone_toolkit_close(struct hone_toolkit *toolkit) {
    if (!toolkit)
        return;
    forget(toolkit);
    free(toolkit);
}
