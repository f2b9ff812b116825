/* nvrtc_direct.h - NVRTC without a jail, for questions about the language: with the headers that
 * both devices share, and those of the toolkit where it is. */
#ifndef HONE_TESTS_NVRTC_DIRECT_H
#define HONE_TESTS_NVRTC_DIRECT_H

#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nvrtc_direct {
    int (*create)(void **, const char *, const char *, int, const char *const *,
                  const char *const *);
    int (*compile)(void *, int, const char *const *);
    int (*log_size)(void *, size_t *);
    int (*log)(void *, char *);
    int (*destroy)(void **);
    char *names[64], *texts[64];
    int header_count;
};

/* False: there is none. */
static inline bool nvrtc_direct_open(struct nvrtc_direct *nvrtc) {
    static const char *const paths[] = {"libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so"};
    void *library = NULL;
    for (size_t i = 0; !library && i < sizeof paths / sizeof *paths; i++)
        library = dlopen(paths[i], RTLD_NOW);
    if (!library)
        return false;
    *(void **)&nvrtc->create = dlsym(library, "nvrtcCreateProgram");
    *(void **)&nvrtc->compile = dlsym(library, "nvrtcCompileProgram");
    *(void **)&nvrtc->log_size = dlsym(library, "nvrtcGetProgramLogSize");
    *(void **)&nvrtc->log = dlsym(library, "nvrtcGetProgramLog");
    *(void **)&nvrtc->destroy = dlsym(library, "nvrtcDestroyProgram");
    DIR *folder = opendir("hardware/device/common");
    cr_assert_not_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        if (entry->d_name[0] == '.')
            continue;
        cr_assert(lt(int, nvrtc->header_count, 64));
        snprintf(path, sizeof path, "hardware/device/common/%s", entry->d_name);
        nvrtc->names[nvrtc->header_count] = strdup(entry->d_name);
        nvrtc->texts[nvrtc->header_count++] = hone_test_read(path);
    }
    closedir(folder);
    return true;
}

static inline void nvrtc_direct_close(struct nvrtc_direct *nvrtc) {
    for (int i = 0; i < nvrtc->header_count; i++) {
        free(nvrtc->names[i]);
        free(nvrtc->texts[i]);
    }
}

/* The library's status; 0: compiled. */
static inline int nvrtc_direct_compile(const struct nvrtc_direct *nvrtc, const char *text,
                                       char *log, size_t log_bytes) {
    static const char *const options[] = {"--std=c++17",
                                          "--gpu-architecture=sm_90",
                                          "--device-as-default-execution-space",
                                          "-D_CG_LIMIT_INCLUDED_DEPENDENCIES",
                                          "-Ihardware/cuda/nvrtc/include",
                                          "-I/usr/local/cuda/include"};
    size_t size = strlen(text) + 64, said = 0;
    char *unit = malloc(size);
    void *program = NULL;
    cr_assert_not_null(unit);
    snprintf(unit, size, "#include \"prelude.h\"\n#line 1 \"solve.cu\"\n%s", text);
    nvrtc->create(&program, unit, "unit.cu", nvrtc->header_count, (const char *const *)nvrtc->texts,
                  (const char *const *)nvrtc->names);
    int result = nvrtc->compile(program, sizeof options / sizeof *options, options);
    log[0] = '\0';
    nvrtc->log_size(program, &said);
    char *whole = calloc(1, said + 1);
    if (whole && nvrtc->log(program, whole) == 0)
        snprintf(log, log_bytes, "%s", whole);
    free(whole);
    nvrtc->destroy(&program);
    free(unit);
    return result;
}

#endif
