#include "hardware/cuda/launcher/cupti.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct call {
    const char *symbol;
    size_t place;
};

#define PLACE(name, symbol, parameters) {#symbol, offsetof(struct cupti, name)},
static const struct call record_calls[] = {HONE_CUPTI_RECORD_CALLS(PLACE)};
static const struct call counter_calls[] = {HONE_CUPTI_COUNTER_CALLS(PLACE)};
#undef PLACE

/* NULL, or the call that lacks. */
static const char *fill(struct cupti *cupti, const struct call *calls, size_t count) {
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(cupti->object, calls[i].symbol);
        if (!found)
            return calls[i].symbol;
        memcpy((char *)cupti + calls[i].place, &found, sizeof found);
    }
    return NULL;
}

static void *open_beside(void) {
    char path[600];
    ssize_t length = readlink("/proc/self/exe", path, 500);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return NULL;
    strcpy(slash, "/libcupti.so.13");
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object)
        return object;
    strcpy(slash, "/libcupti.so.12");
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *look(void) {
    static const char *const roots[] = {"CUDA_HOME", "CUDA_PATH", NULL};
    static const char *const places[] = {"%s/extras/CUPTI/lib64/libcupti.so",
                                         "%s/lib64/libcupti.so", "%s/lib/libcupti.so"};
    static const char *const names[] = {"libcupti.so.13", "libcupti.so.12", "libcupti.so"};
    char path[600];
    void *object = open_beside();
    for (size_t r = 0; !object && r < sizeof roots / sizeof *roots; r++) {
        const char *root = roots[r] ? getenv(roots[r]) : "/usr/local/cuda";
        for (size_t p = 0; root && !object && p < sizeof places / sizeof *places; p++) {
            snprintf(path, sizeof path, places[p], root);
            object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        }
    }
    for (size_t n = 0; !object && n < sizeof names / sizeof *names; n++)
        object = dlopen(names[n], RTLD_NOW | RTLD_LOCAL);
    return object;
}

int cupti_open(struct cupti *cupti, const char *path, char *text, size_t size) {
    *cupti = (struct cupti){.object = *path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : look()};
    if (!cupti->object) {
        snprintf(text, size, "no CUPTI%s%.60s: times are not confirmed by records",
                 *path ? " at " : " on this machine", path);
        return -1;
    }
    const char *lacking = fill(cupti, record_calls, sizeof record_calls / sizeof *record_calls);
    if (lacking) {
        snprintf(text, size, "CUPTI has no %s", lacking);
        return -1;
    }
    cupti->has_counters = !fill(cupti, counter_calls, sizeof counter_calls / sizeof *counter_calls);
    return 0;
}
