/* jail.h - run a compiler on untrusted text, behind walls, and bring back one file.
 *
 * Each job gets a private folder, a clean environment, rlimits, a wall limit and capped
 * diagnostics; and, where the machine allows it, namespaces of its own with an empty root that
 * shows nothing but the files its compiler needs, a user of its own, and a filter of system calls.
 * What there is of that is found once (hone_jail_level()); from then on a job for which it cannot
 * be had fails. Nothing survives a job, whatever it started.
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
 * is a fault of ours (no disk, no processes). The child is $HONE_JAIL_PROGRAM, or `hone-jail` in
 * the folder of hone_places().library. */
int hone_jail_run(const struct hone_compile_job *job, const atomic_int *cancel,
                  struct hone_jail_result *result, struct hone_error *error);
void hone_jail_finish(struct hone_jail_result *result);

/* Remove what dead supervisors of this user left behind; at start, once. Returns how many folders
 * went, or a negative errno. */
int hone_jail_sweep(void);

/* How far untrusted text is confined while it is compiled, and what that rests on or lacks:
 * 'A' namespaces and a filter, 'C' Landlock and a filter, 'E' a filter only, 'F' limits only.
 * `why` may be NULL. */
char hone_jail_level(char *why, size_t size);

/* A device confines what it runs, the jail what is compiled for it: the weaker of both counts. */
void hone_jail_bound(char confinement[4]);

#endif
