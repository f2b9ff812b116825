#include "hardware/cuda/nvrtc/jitlink.h"

#include "hardware/cuda/nvrtc/file.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PTX_INPUT 2 /* NVJITLINK_INPUT_PTX */

struct handle; /* the library's own */

struct jitlink {
    int (*version)(unsigned *major, unsigned *minor); /* NULL: older than 12.3 */
    int (*create)(struct handle **, uint32_t count, const char **options);
    int (*add_data)(struct handle *, int kind, const void *bytes, size_t size, const char *name);
    int (*complete)(struct handle *);
    int (*get_cubin_size)(struct handle *, size_t *);
    int (*get_cubin)(struct handle *, void *);
    int (*get_log_size)(struct handle *, size_t *);
    int (*get_log)(struct handle *, char *);
};

/* The first libraries have their calls under names with a version alone, later ones also without.
 */
static void *find(void *library, const char *name) {
    char versioned[64];
    void *found = library ? dlsym(library, name) : NULL;
    snprintf(versioned, sizeof versioned, "__%s_12_0", name);
    return found || !library ? found : dlsym(library, versioned);
}

static void load(struct jitlink *jitlink, const char *path) {
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"nvJitLinkCreate", &jitlink->create},
        {"nvJitLinkAddData", &jitlink->add_data},
        {"nvJitLinkComplete", &jitlink->complete},
        {"nvJitLinkGetLinkedCubinSize", &jitlink->get_cubin_size},
        {"nvJitLinkGetLinkedCubin", &jitlink->get_cubin},
        {"nvJitLinkGetErrorLogSize", &jitlink->get_log_size},
        {"nvJitLinkGetErrorLog", &jitlink->get_log},
    };
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL), *found;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        if (!(found = find(library, symbols[i].name))) {
            const char *text = dlerror();
            end(BROKEN, "hone-nvrtc: %s\n", text ? text : symbols[i].name);
        }
        memcpy(symbols[i].place, &found, sizeof found);
    }
    found = find(library, "nvJitLinkVersion");
    memcpy(&jitlink->version, &found, sizeof found);
}

static void print_log(const struct jitlink *jitlink, struct handle *handle) {
    size_t size = 0;
    if (jitlink->get_log_size(handle, &size) || size <= 1)
        return;
    char *log = calloc(1, size + 1);
    if (log && !jitlink->get_log(handle, log))
        puts(log);
    free(log);
}

static void *assemble(const struct jitlink *jitlink, const char *arch, const char *input,
                      size_t *bytes) {
    char target[64];
    size_t size;
    const char *options[] = {target};
    struct handle *handle;
    snprintf(target, sizeof target, "-arch=%s", arch);
    char *text = read_file(input, &size);
    if (jitlink->create(&handle, 1, options))
        end(BROKEN, "hone-nvrtc: nvJitLink does not know %s\n", arch);
    if (jitlink->add_data(handle, PTX_INPUT, text, size + 1, input) || jitlink->complete(handle)) {
        print_log(jitlink, handle);
        end(TEXT_AT_FAULT, "%s", "");
    }
    free(text);
    void *cubin = jitlink->get_cubin_size(handle, bytes) || !*bytes ? NULL : malloc(*bytes);
    if (!cubin || jitlink->get_cubin(handle, cubin))
        end(BROKEN, "hone-nvrtc: nvJitLink does not hand over what it made\n");
    return cubin;
}

void jitlink_assemble(const char *library, const char *arch, const char *input,
                      const char *output) {
    struct jitlink jitlink;
    size_t bytes = 0;
    load(&jitlink, library);
    void *cubin = assemble(&jitlink, arch, input, &bytes);
    write_file(output, cubin, bytes);
    free(cubin);
}

void jitlink_probe(const char *library, const char *input) {
    struct jitlink jitlink;
    size_t bytes = 0;
    unsigned major = 0, minor = 0;
    load(&jitlink, library);
    free(assemble(&jitlink, "sm_90", input, &bytes));
    if (jitlink.version && jitlink.version(&major, &minor) == 0)
        printf("version %u.%u\n", major, minor);
    print_loaded_files();
}
