#include "hardware/cuda/launcher/symbols.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int symbols_open(const char *path, const struct symbol *symbols, size_t count, void *table,
                 void **object, char *text, size_t size) {
    *object = NULL;
    void *opened = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!opened) {
        const char *why = dlerror();
        snprintf(text, size, "%s", why ? why : path);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(opened, symbols[i].name);
        if (!found) {
            snprintf(text, size, "%s has no %s", path, symbols[i].name);
            dlclose(opened);
            return -1;
        }
        memcpy((char *)table + symbols[i].place, &found, sizeof found);
    }
    *object = opened;
    return 0;
}
