#include "hardware/cuda/nvrtc/nvrtc.h"

#include "hardware/cuda/nvrtc/file.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library looks for its other half by a bare name, which is enough once that is loaded; the
 * loader itself may not know their folder, and walls may forbid to look into it. */
static void load_builtins(const struct nvrtc *nvrtc, const char *path) {
    char builtins[PATH_MAX];
    int major, minor;
    const char *slash = strrchr(path, '/');
    if (!slash || nvrtc->version(&major, &minor))
        return;
    snprintf(builtins, sizeof builtins, "%.*s/libnvrtc-builtins.so.%d.%d", (int)(slash - path),
             path, major, minor);
    dlopen(builtins, RTLD_NOW | RTLD_LOCAL);
}

const char *nvrtc_load(struct nvrtc *nvrtc, const char *path) {
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"nvrtcVersion", &nvrtc->version},
        {"nvrtcCreateProgram", &nvrtc->create_program},
        {"nvrtcCompileProgram", &nvrtc->compile_program},
        {"nvrtcGetProgramLogSize", &nvrtc->get_log_size},
        {"nvrtcGetProgramLog", &nvrtc->get_log},
        {"nvrtcGetPTXSize", &nvrtc->get_ptx_size},
        {"nvrtcGetPTX", &nvrtc->get_ptx},
        {"nvrtcGetErrorString", &nvrtc->get_error_string},
    };
    static char why[512];
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *found = library ? dlsym(library, symbols[i].name) : NULL;
        if (!found) {
            const char *text = dlerror();
            snprintf(why, sizeof why, "%s", text ? text : symbols[i].name);
            return why;
        }
        memcpy(symbols[i].place, &found, sizeof found);
    }
    load_builtins(nvrtc, path);
    return NULL;
}

/* A program for which the library needs all of itself. */
static int compile_probe(const struct nvrtc *nvrtc, const char *option,
                         struct nvrtc_program **program) {
    static const char text[] = "extern \"C\" __global__ void probe(float *x) { *x = 1; }\n";
    const char *const options[] = {"--gpu-architecture=compute_90", option};
    const int result = nvrtc->create_program(program, text, "probe.cu", 0, NULL, NULL);
    return result ? result : nvrtc->compile_program(*program, option ? 2 : 1, options);
}

/* The version of the language it writes, which an assembler has to know. */
static void print_language(const struct nvrtc *nvrtc, struct nvrtc_program *program) {
    size_t size = 0;
    char *text = nvrtc->get_ptx_size(program, &size) || !size ? NULL : malloc(size);
    const char *line = text && !nvrtc->get_ptx(program, text) ? strstr(text, "\n.version ") : NULL;
    if (line)
        printf("ptx %.*s\n", (int)strspn(line + 10, "0123456789."), line + 10);
    free(text);
}

void nvrtc_probe(const struct nvrtc *nvrtc, char *const *options) {
    struct nvrtc_program *program;
    int major = 0, minor = 0;
    if (nvrtc->version(&major, &minor) || compile_probe(nvrtc, NULL, &program))
        return;
    printf("version %d.%d\n", major, minor);
    print_language(nvrtc, program);
    for (; *options; options++)
        if (compile_probe(nvrtc, *options, &program) == 0)
            printf("option %s\n", *options);
    print_loaded_files();
}
