/* process_state.h - what belongs to a whole process in which plugins run, kept from one's call to
 * the next one's.
 *
 * A plugin that sets a rounding mode, a locale, a handler, a timer or a folder would change what
 * the plugins after it compute, and what a run's rewards are would depend on who else was
 * configured. So all of it is put back after every call. What cannot be put back is that plugin's
 * fault, by name.
 *
 * One thread.
 */
#ifndef HONE_CORE_PROCESS_STATE_H
#define HONE_CORE_PROCESS_STATE_H

#include "plugins/plugin.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define HONE_STATE_SIGNALS 65
#define HONE_STATE_FILES 4 /* the usual three, and a scorer's socket */

struct hone_process_state {
    pid_t pid;
    int folder;
    mode_t mask;
    char **environment, **working; /* as it was, and the array that lies in `environ` */
    size_t environment_bytes;
    struct {
        bool open;
        dev_t device;
        ino_t inode;
    } files[HONE_STATE_FILES];
    int lowest_free; /* descriptor, after the last call */
    struct {
        bool known;
        struct sigaction action;
    } signals[HONE_STATE_SIGNALS];
    uint64_t own_bytes; /* of memory, when it was weighed */
};

int hone_process_state_keep(struct hone_process_state *state, struct hone_error *error);
void hone_process_state_drop(struct hone_process_state *state);

/* NULL, or in words what the call did that stays. Does not return in a process that the call
 * forked. */
const char *hone_process_state_restore(struct hone_process_state *state);

/* Once plugins are made: what they hold from then on is not counted as growth. */
void hone_process_state_weigh(struct hone_process_state *state);
/* Whether this process holds so much more memory of its own by now that a new one should take its
 * place: how many bytes more, or 0. */
uint64_t hone_process_state_excess(const struct hone_process_state *state);

#endif
