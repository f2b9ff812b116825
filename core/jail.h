/* jail.h - run a compiler on untrusted text, in a process with limits, and bring back one file.
 *
 * Today: own process group, clean environment, rlimits, wall limit, capped diagnostics, a private
 * folder that is removed afterwards, no survivors. The empty root, namespaces and filter come with
 * the confinement issue and stay behind this interface.
 *
 * Any thread; each call stands alone and blocks. Folders lie below $TMPDIR or /tmp; a folder whose
 * supervisor was killed stays, recognisable by a lock that nobody holds, until hone_jail_sweep().
 */
#ifndef HONE_CORE_JAIL_H
#define HONE_CORE_JAIL_H

#include "plugins/hardware.h"

#include <stdatomic.h>

#define HONE_JAIL_DIAGNOSTICS_BYTES 65536 /* what is kept of the compiler's output */

struct hone_jail_result {
    struct hone_compile_output output; /* points into the memory below */
    char *diagnostics;
    void *bytes;
    uint64_t wall_ns;
};

/* Run one job. `cancel` may be NULL; when it becomes non-zero the job is killed and -ECANCELED
 * returned. A job that failed, timed out or overflowed is a result, not an error; a negative errno
 * is a fault of ours (no disk, no processes). The child is $HONE_JAIL_PROGRAM, or this program when
 * it is called `hone`, or else the `hone` beside it. */
int hone_jail_run(const struct hone_compile_job *job, const atomic_int *cancel,
                  struct hone_jail_result *result, struct hone_error *error);
void hone_jail_finish(struct hone_jail_result *result);

/* Remove what dead supervisors of this user left behind; at start, once. Returns how many folders
 * went, or a negative errno. */
int hone_jail_sweep(void);

/* The child's side: `hone jail`, which starts the compiler in a group of its own and takes the
 * whole group down when the supervisor goes. Returns an exit status. */
int hone_jail_main(int argc, char **argv);

#endif
