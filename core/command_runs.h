/* command_runs.h - `hone runs` and `hone show`: what is in the store, for people and as JSON.
 *
 * Exit status: 0; 1 when a run or step is not found or cannot be read; 2 on a usage error. Output
 * goes to stdout, messages to stderr. argv[0] is the command's name.
 */
#ifndef HONE_CORE_COMMAND_RUNS_H
#define HONE_CORE_COMMAND_RUNS_H

int hone_command_runs(int argc, char **argv);
int hone_command_show(int argc, char **argv);

#endif
