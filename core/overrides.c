#include "core/overrides.h"

#include "core/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST (sizeof((struct hone_overrides *)0)->texts / sizeof(char *) - 1)

static int add(struct hone_overrides *overrides, const char *text, struct hone_error *error) {
    if (overrides->count >= MOST)
        return hone_fail(error, -E2BIG, "more than %zu settings on one command line", MOST);
    overrides->texts[overrides->count++] = text;
    return 0;
}

/* NAME[=VALUE] of a list; a path names its plugin by the file. */
static int add_use(struct hone_overrides *overrides, const char *list, const char *text,
                   const char *value, struct hone_error *error) {
    char *line = NULL;
    bool given = strchr(text, '=');
    if (asprintf(&line, "%s.%s%s%s", list, text, given ? "" : "=", given ? "" : value) < 0)
        return hone_fail(error, -ENOMEM, "out of memory");
    int code = add(overrides, line, error);
    if (code)
        free(line);
    else
        overrides->owned[overrides->owned_count++] = line;
    return code;
}

int hone_overrides_take_settings(void *to, const char *path, struct hone_error *error) {
    (void)error;
    ((struct hone_overrides *)to)->path = path;
    return 0;
}

int hone_overrides_take_set(void *to, const char *text, struct hone_error *error) {
    return add(to, text, error);
}

/* The first --reward replaces the settings' list. */
int hone_overrides_take_reward(void *to, const char *text, struct hone_error *error) {
    struct hone_overrides *overrides = to;
    int code = overrides->has_rewards ? 0 : add(overrides, "rewards.*=off", error);
    if (code)
        return code;
    overrides->has_rewards = true;
    return add_use(overrides, "rewards", text, "1", error);
}

int hone_overrides_take_detector(void *to, const char *text, struct hone_error *error) {
    return add_use(to, "detectors", text, "on", error);
}

int hone_overrides_open(const struct hone_overrides *overrides, struct hone_settings **settings,
                        struct hone_error *error) {
    struct hone_places places;
    int code = hone_places(&places, error);
    if (code)
        return code;
    const char *path = overrides->path ? overrides->path : getenv("HONE_SETTINGS");
    if (!path && !access(places.settings, R_OK))
        path = places.settings;
    return hone_settings_open(path, overrides->texts, settings, error);
}

void hone_overrides_finish(struct hone_overrides *overrides) {
    for (uint32_t i = 0; i < overrides->owned_count; i++)
        free(overrides->owned[i]);
    overrides->owned_count = overrides->count = 0;
}
