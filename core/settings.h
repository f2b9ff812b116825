/* settings.h - etc/hone.ini, read strictly: every name, type and bound is checked before anything
 * starts.
 *
 * The core's own sections are the table in core/settings_schema.c. Beside them: [severity] (rule =
 * note|warn|zero|quarantine); the lists [tasks], [rewards] (name = weight|off), [detectors] (name =
 * on|audit|auto|off) and [hardware] (name = on|auto|off), where `auto` leaves out what is not
 * there; and one
 * [<kind>.<name>] for a plugin's own options. Names with a '/' are paths to .so files. A list that
 * is given replaces the default one.
 *
 * Immutable after opening; any thread.
 */
#ifndef HONE_CORE_SETTINGS_H
#define HONE_CORE_SETTINGS_H

#include "plugins/plugin.h"

#include <stdbool.h>
#include <stdint.h>

struct hone_settings;

/* One line of a plugin list: [rewards], [detectors], [hardware] or [tasks]. */
struct hone_use {
    const char *name;
    double weight;  /* rewards */
    bool audit;     /* detectors */
    bool automatic; /* `auto`: a device that is not there is no error */
};

/* Read a file; NULL: the defaults, which are those of the shipped etc/hone.ini. `overrides` are
 * "section.option=value" texts from the command line, NULL-terminated, or NULL; "rewards.*=off"
 * empties a list. */
int hone_settings_open(const char *path, const char *const *overrides,
                       struct hone_settings **settings, struct hone_error *error);
void hone_settings_close(struct hone_settings *settings);

/* Values of the core's own sections, typed; asking for one that does not exist is our bug (assert).
 */
const char *hone_settings_text(const struct hone_settings *, const char *section, const char *name);
int64_t hone_settings_integer(const struct hone_settings *, const char *section, const char *name);
double hone_settings_real(const struct hone_settings *, const char *section, const char *name);
bool hone_settings_flag(const struct hone_settings *, const char *section, const char *name);

/* The plugins in use of one kind, in the file's order. */
const struct hone_use *hone_settings_uses(const struct hone_settings *, enum hone_kind kind,
                                          uint32_t *count);

/* The settings of one plugin as its create() wants them: checked against its option list, fallbacks
 * filled in. The caller frees with free(). Errors name file, section, option and what was expected.
 */
int hone_settings_plugin(const struct hone_settings *, const struct hone_plugin *plugin,
                         struct hone_setting **out, struct hone_error *error);

/* Severity for a rule: the configured one, else `fallback`. */
uint32_t hone_settings_severity(const struct hone_settings *, const char *rule, uint32_t fallback);

/* The rules whose severity is configured, one by one; NULL past the last. */
const char *hone_settings_rule(const struct hone_settings *, uint32_t index, uint32_t *severity);

/* The same settings as one text that hone_settings_open() of another process reads back, for a
 * child process; the caller frees. `path` of the reader is "-" for standard input,
 * "/proc/self/fd/N" else. */
char *hone_settings_print(const struct hone_settings *);

/* Where things are: the build or install tree this program belongs to (found from /proc/self/exe).
 * $HONE_PROGRAM and $HONE_TASKS override. */
struct hone_places {
    char program[512]; /* hone: this program, or the one beside it in a build tree */
    char plugins[512]; /* <kind>/<name>.so */
    char library[512]; /* other programs of ours: the guest, linker script, stubs */
    char tasks[512];
    char settings[512]; /* etc/hone.ini */
};
int hone_places(struct hone_places *places, struct hone_error *error);

#endif
