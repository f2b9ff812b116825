#include "hardware/cuda/launcher/driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *symbol;
    size_t place;
} calls[] = {
#define PLACE(name, symbol, parameters) {#symbol, offsetof(struct cuda_driver, name)},
    HONE_CUDA_CALLS(PLACE)
#undef PLACE
};

int cuda_driver_open(struct cuda_driver *driver, const char *path, char *text, size_t size) {
    *driver = (struct cuda_driver){.object = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    if (!driver->object) {
        const char *why = dlerror();
        snprintf(text, size, "no CUDA driver: %s", why ? why : path);
        return -1;
    }
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        void *found = dlsym(driver->object, calls[i].symbol);
        if (!found) {
            snprintf(text, size, "the CUDA driver has no %s: version 12.0 or later is needed",
                     calls[i].symbol);
            return -1;
        }
        memcpy((char *)driver + calls[i].place, &found, sizeof found);
    }
    void *found = dlsym(driver->object, "cuFuncGetParamInfo");
    memcpy(&driver->parameter_info, &found, sizeof found);
    return 0;
}

void cuda_driver_say(const struct cuda_driver *driver, int result, char *text, size_t size) {
    const char *name = NULL, *what = NULL;
    driver->error_name(result, &name);
    driver->error_text(result, &what);
    if (name && what)
        snprintf(text, size, "%s (%s)", name, what);
    else
        snprintf(text, size, "CUDA error %d", result);
}
