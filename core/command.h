/* command.h - the subcommands of `hone`. Each gets its own argv ([0] is its name) and returns the exit status: 0,
 * 1 for a failure it has explained on standard error, 2 for wrong usage, or what the design names. */
#ifndef HONE_CORE_COMMAND_H
#define HONE_CORE_COMMAND_H

#include "core/settings.h"

int hone_command_serve(int argc, char **argv);
int hone_command_eval(int argc, char **argv);
int hone_command_tasks(int argc, char **argv);
int hone_command_task(int argc, char **argv);
int hone_command_plugins(int argc, char **argv);
int hone_command_plugin(int argc, char **argv);
int hone_command_runs(int argc, char **argv);
int hone_command_show(int argc, char **argv);
int hone_command_doctor(int argc, char **argv);

/* Settings as the command line asks for them: --settings FILE, --set SECTION.OPTION=VALUE and --reward
 * NAME[=WEIGHT], collected while options are parsed. */
struct hone_overrides {
    const char *path;
    const char *texts[64]; /* NULL-terminated */
    char *owned[64];
    uint32_t count, owned_count;
};
/* False, with a message, when there are too many. */
bool hone_overrides_add(struct hone_overrides *overrides, const char *text);
bool hone_overrides_add_reward(struct hone_overrides *overrides, const char *text);
void hone_overrides_finish(struct hone_overrides *overrides);
/* Opens $HONE_SETTINGS, the tree's etc/hone.ini, or the built-in defaults, in this order, when no path was given. */
int hone_overrides_open(const struct hone_overrides *overrides, struct hone_settings **settings,
                        struct hone_error *error);

/* Print "hone NAME: text" and return 1. */
int hone_command_fail(const char *name, const struct hone_error *error);

#endif
