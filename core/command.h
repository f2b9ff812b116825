/* command.h - the subcommands of `hone`, and what they share in speaking to a person.
 *
 * Each gets its own argv ([0] is its word) and returns the exit status: HONE_EXIT_* of
 * core/command_line.h, or what its help names. Output goes to stdout, and main() looks whether it
 * could be written; messages go to stderr. One thread.
 */
#ifndef HONE_CORE_COMMAND_H
#define HONE_CORE_COMMAND_H

#include "plugins/plugin.h"

#include <jansson.h>
#include <stddef.h>

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

/* Print "hone NAME: text" and return HONE_EXIT_FAILED. */
int hone_command_fail(const char *name, const struct hone_error *error);

/* Print what may come from a candidate. It may hold escape sequences, and a terminal must not obey
 * them; a pipe gets every byte. */
void hone_command_print(const char *text, size_t size);

/* Print a value, which stays the caller's, for people and programs. */
void hone_command_print_json(const json_t *value);

#endif
