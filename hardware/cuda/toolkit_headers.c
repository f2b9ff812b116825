#include "hardware/cuda/toolkit_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADERS_MAX 192
#define NAME_SIZE 128

/* What a candidate may include; the same on every device. */
static const char *const offered[] = {
    "cuda_fp16.h",
    "cuda_bf16.h",
    "mma.h",
    "cuda_pipeline.h",
    "cooperative_groups.h",
    "cooperative_groups/reduce.h",
    "cooperative_groups/scan.h",
    "cooperative_groups/memcpy_async.h",
};

/* Headers found and still to be read, by their names in the folder. */
struct closure {
    const char *folder;
    size_t count;
    char names[HEADERS_MAX][NAME_SIZE];
};

static bool is_file(const char *folder, const char *name) {
    char path[PATH_MAX + NAME_SIZE];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool add(struct closure *closure, const char *name) {
    if (strlen(name) >= NAME_SIZE || closure->count == HEADERS_MAX ||
        !is_file(closure->folder, name))
        return false;
    for (size_t i = 0; i < closure->count; i++)
        if (strcmp(closure->names[i], name) == 0)
            return true;
    strcpy(closure->names[closure->count++], name);
    return true;
}

/* As the compiler looks for it: beside the header that includes it, then in the folder. Steps up
 * are taken out, so that one header has one name. */
static void add_beside(struct closure *closure, const char *from, const char *name) {
    char path[2 * NAME_SIZE];
    const char *slash = strrchr(from, '/');
    int length = slash ? (int)(slash - from) : 0;
    while (strncmp(name, "../", 3) == 0 && length > 0) {
        name += 3;
        while (length > 0 && from[--length] != '/')
            ;
    }
    snprintf(path, sizeof path, "%.*s%s%s", length, from, length ? "/" : "", name);
    if (!add(closure, path))
        add(closure, name);
}

static void read_header(struct closure *closure, const char *from) {
    char path[PATH_MAX], *line = NULL, name[NAME_SIZE];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", closure->folder, from);
    FILE *file = fopen(path, "re");
    while (file && getline(&line, &size, file) > 0)
        if (sscanf(line, " # include %*1[<\"]%127[^>\"\n]", name) == 1)
            add_beside(closure, from, name);
    free(line);
    if (file)
        fclose(file);
}

/* A header in a folder is shown with that, since it includes its neighbours. */
static void show(struct hone_toolkit *toolkit, const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%.*s", toolkit->include, (int)strcspn(name, "/"), name);
    hone_toolkit_show(&toolkit->paths, path);
}

/* Beside the library's folder, or where another wheel has it. */
static bool find_folder(struct hone_toolkit *toolkit) {
    static const char *const from_library[] = {"../include", "../../include",
                                               "../../cuda_runtime/include", "../../../include"};
    char path[PATH_MAX];
    const char *slash = strrchr(toolkit->nvrtc, '/');
    for (size_t i = 0; slash && i < sizeof from_library / sizeof *from_library; i++) {
        snprintf(path, sizeof path, "%.*s/%s", (int)(slash - toolkit->nvrtc), toolkit->nvrtc,
                 from_library[i]);
        if (is_file(path, offered[0]) && hone_toolkit_resolve(path, toolkit->include))
            return true;
    }
    return false;
}

static void find_own(struct hone_toolkit *toolkit, const char *library, const char *name,
                     char folder[HONE_TOOLKIT_PATH_SIZE]) {
    char path[PATH_MAX];
    folder[0] = '\0';
    snprintf(path, sizeof path, "%s/device/%s", library, name);
    if (hone_toolkit_resolve(path, folder))
        hone_toolkit_show(&toolkit->paths, folder);
}

void hone_toolkit_find_headers(struct hone_toolkit *toolkit, const char *library) {
    toolkit->include[0] = '\0';
    find_own(toolkit, library, "common", toolkit->device);
    find_own(toolkit, library, "nvrtc", toolkit->front);
    toolkit->has_prelude = toolkit->device[0] && is_file(toolkit->device, "prelude.h");
    struct closure *closure = calloc(1, sizeof *closure);
    if (closure && find_folder(toolkit)) {
        closure->folder = toolkit->include;
        for (size_t i = 0; i < sizeof offered / sizeof *offered; i++)
            add(closure, offered[i]);
        for (size_t i = 0; i < closure->count; i++) /* which grows meanwhile */
            read_header(closure, closure->names[i]);
        for (size_t i = 0; i < closure->count; i++)
            show(toolkit, closure->names[i]);
    }
    free(closure);
}
