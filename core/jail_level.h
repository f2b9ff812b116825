/* jail_level.h - which walls this machine gives a jail: found once, by putting them up. */
#ifndef HONE_CORE_JAIL_LEVEL_H
#define HONE_CORE_JAIL_LEVEL_H

#include "plugins/plugin.h"

#include <linux/filter.h>
#include <sys/types.h>

struct hone_jail_walls {
    uint32_t mechanisms; /* enum hone_jail_mechanism */
    uint32_t filter_count;
    struct sock_filter *filter;
    char level;
    char why[256]; /* what holds, or what does not and why */
};

/* The walls of every job of this process, valid for its life: a job for which they cannot be put up
 * fails. A negative errno when no jail can be tried at all; then the next call tries again. Any
 * thread. */
int hone_jail_walls(const struct hone_jail_walls **walls, struct hone_error *error);

/* The user for a job of the calling thread behind these walls. */
uid_t hone_jail_user(const struct hone_jail_walls *walls);

#endif
