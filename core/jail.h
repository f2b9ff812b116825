/* jail.h - run a compiler on untrusted text, in a process with limits, and bring back one file.
 *
 * Today: own process group, clean environment, rlimits, wall limit, capped diagnostics, a private
 * folder that is removed afterwards, no survivors. The empty root, namespaces and filter come with the
 * confinement issue and stay behind this interface.
 *
 * Any thread; each call stands alone and blocks.
 */
#ifndef HONE_CORE_JAIL_H
#define HONE_CORE_JAIL_H

#include "plugins/hardware.h"

#include <stdatomic.h>

struct hone_jail_result {
    struct hone_compile_output output; /* points into the memory below */
    char *diagnostics;
    void *bytes;
    uint64_t wall_ns;
};

/* Run one job. `cancel` may be NULL; when it becomes non-zero the job is killed and -ECANCELED
 * returned. A job that failed, timed out or overflowed is a result, not an error; a negative errno is a
 * fault of ours (no disk, no processes). */
int hone_jail_run(const struct hone_compile_job *job, const atomic_int *cancel,
                  struct hone_jail_result *result, struct hone_error *error);
void hone_jail_finish(struct hone_jail_result *result);

/* The child's side: `hone jail`, which starts the compiler in a group of its own and takes the whole
 * group down when the supervisor goes. Returns an exit status. */
int hone_jail_main(int argc, char **argv);

#endif
