/* command.h - the subcommands of `hone`. Each gets its own argv ([0] is its name) and returns the
 * exit status: 0, 1 for a failure it has explained on standard error, 2 for wrong usage, or what
 * the design names. */
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
int hone_command_rescore(int argc, char **argv);
int hone_command_doctor(int argc, char **argv);

/* Settings as the command line asks for them: --settings FILE, --set SECTION.OPTION=VALUE, --reward
 * NAME[=WEIGHT] and --detector NAME[=USE], collected while options are parsed. */
struct hone_overrides {
    const char *path;
    const char *texts[64]; /* NULL-terminated */
    char *owned[64];
    uint32_t count, owned_count;
    bool has_rewards;
};
/* Their place in a command's getopt_long() table; hone_overrides_take() is for what the command's
 * own switch does not know: false, with a message, when it is no override or one too many. */
enum {
    HONE_OVERRIDE_SETTINGS = 1024,
    HONE_OVERRIDE_SET,
    HONE_OVERRIDE_REWARD,
    HONE_OVERRIDE_DETECTOR,
};
#define HONE_OVERRIDE_OPTIONS                                                                      \
    {"settings", required_argument, NULL, HONE_OVERRIDE_SETTINGS},                                 \
        {"set", required_argument, NULL, HONE_OVERRIDE_SET},                                       \
        {"reward", required_argument, NULL, HONE_OVERRIDE_REWARD}, {                               \
        "detector", required_argument, NULL, HONE_OVERRIDE_DETECTOR                                \
    }
bool hone_overrides_take(struct hone_overrides *overrides, int option, const char *value);
void hone_overrides_finish(struct hone_overrides *overrides);
/* Opens $HONE_SETTINGS, the tree's etc/hone.ini, or the built-in defaults, in this order, when no
 * path was given. */
int hone_overrides_open(const struct hone_overrides *overrides, struct hone_settings **settings,
                        struct hone_error *error);

/* Print "hone NAME: text" and return 1. */
int hone_command_fail(const char *name, const struct hone_error *error);

/* Print what may come from a candidate. It may hold escape sequences, and a terminal must not obey
 * them; a pipe gets every byte. */
void hone_command_print(const char *text, size_t size);

#endif
