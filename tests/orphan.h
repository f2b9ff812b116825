/* orphan.h - what a test or a long proof starts dies with it, however that ends: a run that was
 * killed leaves no server behind.
 */
#ifndef HONE_TESTS_ORPHAN_H
#define HONE_TESTS_ORPHAN_H

#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

/* For the child of a fork(), first; `parent` is the getpid() of before it. A parent that ended
 * before the kernel was told sends nothing any more, so look once. Survives exec of a program that
 * is not setuid, and ends with the forking thread: fork from one that stays. */
static inline void hone_test_die_with(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
        _exit(127);
}

#endif
