/* watch.h - plugins run by a command in a child process of its own, watched, so that one that
 * crashes, hangs or exits is an error that names it, and the command ends as commands do.
 *
 * What a server's scorers are to a step (core/scorer.h), this is to `hone rescore`, and to commands
 * that only look at plugins: constructors run before anything can be looked at. One thread.
 */
#ifndef HONE_CORE_WATCH_H
#define HONE_CORE_WATCH_H

#include "core/loader.h"

struct hone_watch;

#define HONE_WATCH_LOAD_MS 20000u /* for loading and creating, on a machine that is busy */

/* Run `work` in a child, and return the exit status it returned. One that a plugin did not let
 * return is 1, after a text on stderr that begins with "hone COMMAND: ". `work` prints what it has
 * to say. */
int hone_watch_run(const char *command, int (*work)(void *context, struct hone_watch *watch),
                   void *context);
/* The same for a command that goes on: -EREMOTEIO and a text when a plugin did not let `work`
 * return. */
int hone_watch_try(int (*work)(void *context, struct hone_watch *watch), void *context,
                   struct hone_error *error);

/* hone_load(), or for kind 0 hone_load_any(), of a file that a child could load before. */
int hone_watch_load(const char *name, enum hone_kind kind, struct hone_loaded *loaded,
                    struct hone_error *error);

/* Around every call of a plugin; it may take `limit_ms`. */
void hone_watch_begin(struct hone_watch *watch, uint32_t limit_ms, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What the call changed of the process is as before. Where that cannot be, `work` does not go on:
 * standard error may be what is lost, and the other process says it. */
void hone_watch_end(struct hone_watch *watch);

#endif
