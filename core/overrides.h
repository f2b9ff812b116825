/* overrides.h - settings as a command line asks for them: --settings FILE, --set S.O=VALUE,
 * --reward NAME[=WEIGHT] and --detector NAME[=USE], collected while options are read, then opened
 * at once.
 *
 * {0} is an empty one. Not for two threads at once.
 */
#ifndef HONE_CORE_OVERRIDES_H
#define HONE_CORE_OVERRIDES_H

#include "core/command_line.h"
#include "core/settings.h"

struct hone_overrides {
    const char *path;
    const char *texts[64]; /* NULL-terminated */
    char *owned[64];
    uint32_t count, owned_count;
    bool has_rewards;
};

/* What an option of a command takes, `to` being the overrides. */
int hone_overrides_take_settings(void *to, const char *path, struct hone_error *error);
int hone_overrides_take_set(void *to, const char *text, struct hone_error *error);
int hone_overrides_take_reward(void *to, const char *text, struct hone_error *error);
int hone_overrides_take_detector(void *to, const char *text, struct hone_error *error);

/* Rows of a command's table. */
/* clang-format off */
#define HONE_SETTINGS_OPTIONS(overrides)                                                           \
    {"settings", "FILE", "default: $HONE_SETTINGS, else the installed hone.ini",                   \
     hone_overrides_take_settings, overrides, 0},                                                  \
    {"set", "SECTION.OPTION=VALUE", "one setting; may be given again",                             \
     hone_overrides_take_set, overrides, 0}
#define HONE_PLUGIN_OPTIONS(overrides)                                                             \
    {"reward", "NAME[=WEIGHT]",                                                                    \
     "a reward, by name or path, instead of the settings';\nmay be given again",                   \
     hone_overrides_take_reward, overrides, 0},                                                    \
    {"detector", "NAME[=USE]",                                                                     \
     "a detector, by name or path, beside the settings';\nUSE: on, audit, off",                    \
     hone_overrides_take_detector, overrides, 0}
/* clang-format on */

/* Opens --settings, else $HONE_SETTINGS, else the tree's etc/hone.ini, else the built-in defaults,
 * with what was collected; hone_settings_close() closes. */
int hone_overrides_open(const struct hone_overrides *overrides, struct hone_settings **settings,
                        struct hone_error *error);
void hone_overrides_finish(struct hone_overrides *overrides);

#endif
