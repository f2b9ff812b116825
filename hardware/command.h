/* command.h - ask a command of this machine something, as backends do about their compilers.
 *
 * Linked into each backend that needs it. Trusted commands only: they run outside of any jail. Any
 * thread; blocks until the command ends.
 */
#ifndef HONE_HARDWARE_COMMAND_H
#define HONE_HARDWARE_COMMAND_H

/* stdout and stderr of a short command, malloc()ed, cut after 64 KiB; NULL when it cannot be run or
 * fails. arguments[0] is its path. Its environment is small and the same everywhere; `variable` is
 * one more for it ("NAME=value"), or NULL. */
char *hone_command_run(char *const *arguments, const char *variable);

/* Likewise with the file `input` as its /dev/stdin, which it may open. */
char *hone_command_run_on(char *const *arguments, int input);

/* Tell `take` the path of every library that a program loads when it starts. */
void hone_command_libraries(char *program,
                            void (*take)(void *context, const char *path, int length),
                            void *context);

#endif
