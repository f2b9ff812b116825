/* command_line.h - what a command takes, said once in a table: how its line is read, its help and
 * its errors come from there.
 *
 * Options and operands may stand in any order, `--` ends the options, and `--help` (`-h`) is every
 * command's. An option may be shortened while only one begins so. What is wrong is said in one line
 * on standard error: the command, what is wrong, and where the help is.
 *
 * One thread at a time (getopt_long() keeps its place in globals). Nothing is allocated: texts
 * point into argv.
 */
#ifndef HONE_CORE_COMMAND_LINE_H
#define HONE_CORE_COMMAND_LINE_H

#include "plugins/plugin.h"

#include <stdbool.h>
#include <stdint.h>

/* Exit statuses that every command has; 0 is success. */
enum {
    HONE_EXIT_FAILED = 1, /* and standard error says why */
    HONE_EXIT_USAGE = 2,  /* the line, a setting, or a name on the line */
};

/* One option. `take` puts its value (NULL: none was given) where `to` points: 0, or a negative
 * errno and, in `error`, what was expected. */
struct hone_command_option {
    const char *name;    /* without its dashes */
    const char *value;   /* what the help calls the value; "[=WORD]": may be left out; NULL: none */
    const char *summary; /* for the help; '\n' begins a new line */
    int (*take)(void *to, const char *value, struct hone_error *error);
    void *to;
    char letter; /* a second, short name; 0: none */
};

/* What most options take. */
int hone_take_yes(void *flag, const char *value, struct hone_error *error);  /* bool: true */
int hone_take_no(void *flag, const char *value, struct hone_error *error);   /* bool: false */
int hone_take_text(void *text, const char *value, struct hone_error *error); /* const char * */
/* A whole number from 0, decimal or 0x...: uint64_t, and uint32_t. */
int hone_take_number(void *number, const char *value, struct hone_error *error);
int hone_take_count(void *count, const char *value, struct hone_error *error);

struct hone_command_line {
    const char *command;  /* as it is typed: "hone task check" */
    const char *synopsis; /* what stands behind the options: "RUN [STEP]"; "": nothing */
    const char *purpose;  /* below it: a sentence or two */
    const struct hone_command_option *options; /* up to a NULL name; at most HONE_OPTIONS_MAX */
    const char *more;                          /* below the options; NULL: nothing */
    const char **operands;                     /* room for `most`; those not given stay */
    uint32_t least, most;                      /* how many operands there may be */
};
enum { HONE_OPTIONS_MAX = 31 };

/* Read argv, [0] being the command's own word. False: the command ends with *status, after its help
 * (0) or an error (HONE_EXIT_USAGE). */
bool hone_command_line_read(const struct hone_command_line *line, int argc, char **argv,
                            int *status);

/* Say what is wrong with a line that was read well: "COMMAND: text", and where the help is.
 * HONE_EXIT_USAGE. */
int hone_command_line_refuse(const struct hone_command_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Read the operand called `name`, a number from 1 to `most`; without a word (NULL) *number stays.
 * 0, or HONE_EXIT_USAGE with an error. */
int hone_command_line_number(const struct hone_command_line *line, const char *name,
                             const char *word, uint64_t most, uint64_t *number);

/* A command that is chosen by a word: `hone eval`, `hone task check`. */
struct hone_command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the word; returns the exit status */
    const char *summary;               /* NULL: for ourselves only */
};
/* The one that argv[1] names; NULL: none. The table ends with a NULL name. */
const struct hone_command *hone_command_find(const struct hone_command *commands, int argc,
                                             char **argv);
/* Run it. Without one, or for --help or help, say what there is; `group` is what is typed before
 * the word. Returns the exit status. */
int hone_command_choose(const char *group, const struct hone_command *commands, int argc,
                        char **argv);

#endif
