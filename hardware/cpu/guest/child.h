/* child.h - the pieces of a candidate's process, in the order in which it lives through them. */
#ifndef HONE_CPU_GUEST_CHILD_H
#define HONE_CPU_GUEST_CHILD_H

#include "hardware/cpu/guest/protocol.h"

/* Load what `start` names and serve goes until killed. `fds` as enum hone_guest_fd says. */
_Noreturn void hone_child_run(const struct hone_guest_start *start, const int *fds);

/* From here on a fault is told to the supervisor instead of ending the process silently. 0 or a
 * negative errno. */
int hone_fault_install(void);

/* Give up everything that computing does not need. The last thing before candidate code may run. 0
 * or a negative errno. */
int hone_confine(void);

/* Say `done` and stop, until the next go. */
void hone_done_park(const struct hone_guest_done *done, struct hone_guest_go *go);

/* Say `done` and stop for good. Safe in a signal handler. */
_Noreturn void hone_done_final(const struct hone_guest_done *done);

#endif
