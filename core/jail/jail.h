/* jail.h - the parts of the program `hone-jail`, for each other.
 *
 * main.c reads the plan and watches over one child, the init process of the job; init.c confines it
 * with root.c or landlock.c and runs the compilers in it.
 */
#ifndef HONE_CORE_JAIL_JAIL_H
#define HONE_CORE_JAIL_JAIL_H

#include "core/jail_plan.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <sys/types.h>

/* A plan, taken apart; everything points into the message. */
struct job {
    struct hone_jail_plan plan;
    struct sock_filter *filter;
    uid_t user; /* who we are outside of a user namespace */
    gid_t group;
    char *root;
    char **paths;
    char **links; /* name, path, name, path ... */
    char **arguments;
};

/* In the child: confine it, run the job, answer. `alive` hangs up when the parent is gone. */
_Noreturn void jail_init(const struct job *job, int alive);

/* Answer that `step` failed with errno, and end. */
_Noreturn void jail_fail(const char *step);

/* Build the root on a tmpfs and enter it, in the job's folder. 0, or -1 with errno
 * and in *step what failed. Needs CAP_SYS_ADMIN in a mount namespace of our own. */
int jail_enter_root(const struct job *job, const char **step);

/* Without a root of the job's own: a big file under a name in its folder. A user of the job's own
 * cannot follow a link to where it lies, but may read the file; where it cannot be had so, the job
 * does without. */
int jail_link(const struct job *job, const char *name, const char *path);

/* Deny every path but those of the job. */
int jail_landlock(const struct job *job, const char **step);

#endif
