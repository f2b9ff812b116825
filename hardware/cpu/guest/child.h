/* child.h - the pieces of the guest and of a candidate's process, in the order in which they live
 * through them.
 */
#ifndef HONE_CPU_GUEST_CHILD_H
#define HONE_CPU_GUEST_CHILD_H

#include "hardware/cpu/guest/protocol.h"

#include <stdbool.h>
#include <stddef.h>

/* Be a guest, until killed. `prepare` is done before anything is given up; it returns NULL, or why
 * it cannot be. NULL: nothing to prepare. `own` is what a process without an image runs; NULL:
 * there is none. */
int hone_guest_run(const char *(*prepare)(void), void (*own)(const uint64_t *words));

/* Tell the supervisor, with a descriptor unless it is negative. A supervisor that is gone ends the
 * process: there is nobody to work for. */
void hone_reply(const struct hone_guest_reply *reply, int fd);
/* One message with its descriptors, HONE_GUEST_FDS_MAX at most. Its size; -1 for one that does not
 * fit. Without a supervisor the process ends. */
long hone_receive(void *message, size_t room, int *fds, int *fd_count);

/* Become what the setup asks for, or say what cannot be had and end. With namespaces it returns in
 * another process, the first of its pid namespace and the supervisor's child as this one was.
 * Returns the features that there are. */
uint32_t hone_separate(const struct hone_guest_setup *setup);

/* Load what `start` names and serve goes until killed. `fds` came with it, `fd_count` of them. */
_Noreturn void hone_child_run(const struct hone_guest_setup *setup,
                              const struct hone_guest_start *start, const int *fds,
                              void (*own)(const uint64_t *words));

/* From here on a fault is told to the supervisor instead of ending the process silently; `stack`:
 * the lowest address that is of the stack. 0 or a negative errno. */
int hone_fault_install(const char *stack);

/* What assert() calls in a candidate: a fault like any other, since it has nobody to print for. */
_Noreturn void hone_stub___assert_fail(void);

/* Give up everything that computing does not need, the descriptors last. After it candidate code
 * may run. 0, or a negative errno with `what` failed. */
int hone_confine(const struct hone_guest_setup *setup, uint64_t id, const char **what);
/* The same where nothing is filtered: the two pipes are kept. */
int hone_confine_by_pipes(int go, int done, const char **what);

/* How goes and dones pass; by the done call unless told otherwise. */
void hone_done_by_pipes(void);
/* Say `done` and stop, until the next go. */
void hone_done_park(const struct hone_guest_done *done, struct hone_guest_go *go);
/* Say `done` and stop for good. Safe in a signal handler. */
_Noreturn void hone_done_final(const struct hone_guest_done *done);

#endif
