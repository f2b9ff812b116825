#include "hardware/cuda/toolkit.h"

#include "hardware/command.h"
#include "hardware/cuda/places.h"
#include "hardware/cuda/toolkit_internal.h"
#include "hardware/trust.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FILES ", files "

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

bool hone_toolkit_resolve(const char *path, char whole[HONE_TOOLKIT_PATH_SIZE]) {
    char real[PATH_MAX];
    if (!realpath(path, real) || strlen(real) >= HONE_TOOLKIT_PATH_SIZE)
        return false;
    memcpy(whole, real, strlen(real) + 1);
    return true;
}

void hone_toolkit_show(struct hone_toolkit_paths *paths, const char *path) {
    for (size_t i = 0; i < paths->count; i++)
        if (strcmp(paths->items[i], path) == 0)
            return;
    char *copy = paths->count < HONE_TOOLKIT_PATHS_MAX ? strdup(path) : NULL;
    if (copy)
        paths->items[paths->count++] = copy;
}

void hone_toolkit_hide(struct hone_toolkit_paths *paths) {
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    *paths = (struct hone_toolkit_paths){0};
}

/* A driver that a library looks for is none of a compiler's business. */
bool hone_toolkit_take_file(struct hone_toolkit_paths *paths, const char *line) {
    if (strncmp(line, "file ", 5) != 0)
        return false;
    if (!strstr(line, "/libcuda.so"))
        hone_toolkit_show(paths, line + 5);
    return true;
}

/* The lines of `hone-nvrtc --probe`. */
static void take_line(struct hone_toolkit *toolkit, char *line) {
    size_t options = 0;
    while (toolkit->options[options])
        options++;
    if (sscanf(line, "version %15[0-9.]", toolkit->version) == 1 ||
        sscanf(line, "ptx %15[0-9.]", toolkit->ptx) == 1 ||
        hone_toolkit_take_file(&toolkit->paths, line))
        return;
    for (size_t i = 0; optional[i] && strncmp(line, "option ", 7) == 0; i++)
        if (strcmp(line + 7, optional[i]) == 0)
            toolkit->options[options] = optional[i];
}

static void forget(struct hone_toolkit *toolkit) {
    hone_toolkit_hide(&toolkit->paths);
    memset(toolkit->options, 0, sizeof toolkit->options);
    toolkit->version[0] = toolkit->ptx[0] = '\0';
}

/* Whether the library at `path` compiles; then it is the one. The builtins lie beside it, and are
 * found by the place of the file itself, whatever links led there. */
static bool probe(void *context, const char *path) {
    struct hone_toolkit *toolkit = context;
    char whole[HONE_TOOLKIT_PATH_SIZE], word[] = "--probe", words[HONE_TOOLKIT_OPTIONS_MAX][32];
    char *arguments[4 + HONE_TOOLKIT_OPTIONS_MAX] = {toolkit->program, word, whole};
    if (!hone_toolkit_resolve(path, whole))
        return false;
    if (!toolkit->is_named && !hone_is_trusted(whole)) {
        strcpy(toolkit->passed_over, whole);
        return false;
    }
    for (size_t i = 0; optional[i]; i++) {
        snprintf(words[i], sizeof words[i], "%s", optional[i]);
        arguments[3 + i] = words[i];
    }
    forget(toolkit);
    char *text = hone_command_run(arguments, NULL), *rest = text;
    for (char *line = text ? strsep(&rest, "\n") : NULL; line; line = strsep(&rest, "\n"))
        take_line(toolkit, line);
    free(text);
    strcpy(toolkit->nvrtc, whole);
    return toolkit->version[0] && toolkit->ptx[0];
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
    for (size_t i = 0; i < toolkit->paths.count; i++)
        hash = hash_path(toolkit->paths.items[i], hash);
    for (size_t i = 0; i < toolkit->assembler.paths.count; i++)
        hash = hash_path(toolkit->assembler.paths.items[i], hash);
    hash = hash_folder(toolkit->device, hash_folder(toolkit->front, hash));
    snprintf(toolkit->identity, sizeof toolkit->identity, "nvrtc %s, %s" FILES "%016llx",
             toolkit->version, toolkit->assembler.name, (unsigned long long)hash);
}

int hone_toolkit_makers_length(const struct hone_toolkit *toolkit) {
    const char *files = strstr(toolkit->identity, FILES);
    return (int)(files ? files - toolkit->identity : (ptrdiff_t)strlen(toolkit->identity));
}

static int report_none(const struct hone_toolkit *toolkit, const char *setting,
                       struct hone_error *error) {
    if (toolkit->is_named)
        return hone_toolkit_fail(error, -ENOENT,
                                 "no NVRTC that works at %s: expected the folder of a toolkit or "
                                 "of a Python environment, or libnvrtc.so",
                                 setting);
    if (toolkit->passed_over[0])
        return hone_toolkit_fail(error, -ENOENT,
                                 "no NVRTC found but %s, which others could have put there: name "
                                 "it as hardware.cuda.toolkit if it is to be used",
                                 toolkit->passed_over);
    return hone_toolkit_fail(error, -ENOENT,
                             "no NVRTC found: install the CUDA toolkit or the wheel "
                             "nvidia-cuda-nvrtc, or set CUDA_HOME; CUDA for a GPU cannot be "
                             "compiled without it");
}

static int find(struct hone_toolkit *toolkit, const char *setting, const char *assembler,
                const char *library, struct hone_error *error) {
    snprintf(toolkit->program, sizeof toolkit->program, "%s/hone-nvrtc", library);
    if (access(toolkit->program, X_OK))
        return hone_toolkit_fail(error, -ENOENT, "no program at %s: build and install all of hone",
                                 toolkit->program);
    const bool given = toolkit->is_named = setting && *setting;
    const struct hone_cuda_wanted wanted = {"libnvrtc", "cuda_nvrtc", probe, toolkit};
    if (!(given ? hone_cuda_look_in(&wanted, setting) || hone_cuda_look_in_wheels(&wanted, setting)
                : hone_cuda_look_around(&wanted)))
        return report_none(toolkit, setting, error);
    hone_toolkit_show(&toolkit->paths, toolkit->program);
    hone_toolkit_find_headers(toolkit, library);
    const int result = hone_toolkit_find_assembler(toolkit, assembler, error);
    identify(toolkit);
    return result;
}

int hone_toolkit_open(const char *setting, const char *assembler, const char *library,
                      struct hone_toolkit **toolkit, struct hone_error *error) {
    *toolkit = calloc(1, sizeof **toolkit);
    if (!*toolkit)
        return hone_toolkit_fail(error, -ENOMEM, "no memory for a toolkit");
    int result = find(*toolkit, setting, assembler, library, error);
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
    hone_toolkit_hide(&toolkit->assembler.paths);
    free(toolkit);
}
