#include "hardware/cuda/launcher/cupti.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

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

/* Where LD_LIBRARY_PATH says: who sets that decides over every library of this process anyway. */
static void *ask_loader(void) {
    static const char *const names[] = {"libcupti.so.13", "libcupti.so.12", "libcupti.so"};
    void *object = NULL;
    for (size_t i = 0; !object && i < sizeof names / sizeof *names; i++)
        object = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return object;
}

int cupti_open(struct cupti *cupti, const char *path, char *text, size_t size) {
    *cupti = (struct cupti){.object = *path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : ask_loader()};
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
