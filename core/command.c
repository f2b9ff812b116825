#include "core/command.h"

#include "core/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST (sizeof((struct hone_overrides *)0)->texts / sizeof(char *) - 1)

static bool add(struct hone_overrides *overrides, const char *text) {
    if (overrides->count >= MOST) {
        fprintf(stderr, "hone: more than %zu settings on one command line\n", MOST);
        return false;
    }
    overrides->texts[overrides->count++] = text;
    return true;
}

/* NAME[=VALUE] of a list; a path names its plugin by the file. */
static bool add_use(struct hone_overrides *overrides, const char *list, const char *text,
                    const char *value) {
    char *line = NULL;
    bool given = strchr(text, '=');
    if (asprintf(&line, "%s.%s%s%s", list, text, given ? "" : "=", given ? "" : value) < 0)
        return false;
    if (!add(overrides, line)) {
        free(line);
        return false;
    }
    overrides->owned[overrides->owned_count++] = line;
    return true;
}

/* The first --reward replaces the settings' list. */
static bool add_reward(struct hone_overrides *overrides, const char *text) {
    if (!overrides->has_rewards && !add(overrides, "rewards.*=off"))
        return false;
    overrides->has_rewards = true;
    return add_use(overrides, "rewards", text, "1");
}

bool hone_overrides_take(struct hone_overrides *overrides, int option, const char *value) {
    switch (option) {
    case HONE_OVERRIDE_SETTINGS:
        overrides->path = value;
        return true;
    case HONE_OVERRIDE_SET:
        return add(overrides, value);
    case HONE_OVERRIDE_REWARD:
        return add_reward(overrides, value);
    case HONE_OVERRIDE_DETECTOR:
        return add_use(overrides, "detectors", value, "on");
    default: /* getopt_long() has said what is wrong */
        return false;
    }
}

void hone_overrides_finish(struct hone_overrides *overrides) {
    for (uint32_t i = 0; i < overrides->owned_count; i++)
        free(overrides->owned[i]);
    overrides->owned_count = overrides->count = 0;
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

int hone_command_fail(const char *name, const struct hone_error *error) {
    fprintf(stderr, "hone %s: %s\n", name, error->text);
    return 1;
}

void hone_command_print(const char *text, size_t size) {
    bool terminal = isatty(STDOUT_FILENO);
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool c1 = byte == 0xC2 && i + 1 < size && (unsigned char)text[i + 1] < 0xA0;
        bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F || c1;
        putchar(terminal && control ? '?' : byte);
        i += terminal && c1;
    }
}
