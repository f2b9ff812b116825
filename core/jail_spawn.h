/* jail_spawn.h - start the program `hone-jail` in a job's folder, with a plan to carry out. */
#ifndef HONE_CORE_JAIL_SPAWN_H
#define HONE_CORE_JAIL_SPAWN_H

#include "core/jail_folder.h"
#include "core/jail_level.h"
#include "plugins/hardware.h"

struct hone_jail_child {
    pid_t pid;
    int socket;      /* to the child: closing it ends the job */
    int diagnostics; /* read end of its output, non-blocking */
};

/* `header` is the path of the job's precompiled header, or NULL. A NULL job: only probe the walls.
 * 0, or a negative errno with nothing started. */
int hone_jail_spawn(const struct hone_compile_job *job, const struct hone_jail_walls *walls,
                    const struct hone_jail_folder *folder, const char *const *links,
                    struct hone_jail_child *child, struct hone_error *error);

#endif
