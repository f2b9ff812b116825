#include "core/jail_filter.h"

#include "core/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define NAMESPACE_FLAGS                                                                            \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET | CLONE_PTRACE)

/* What gcc, as, ld and a small shell need, and what is as harmless: files by paths and descriptors,
 * memory, processes of one's own, the clock. No links, devices or folders are made; nobody is
 * signalled; nothing reaches another process, the network or the kernel's younger interfaces. */
static const int allowed[] = {
    SCMP_SYS(access),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(brk),
    SCMP_SYS(chdir),
    SCMP_SYS(chmod),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(execve),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(fork),
    SCMP_SYS(fstat),
    SCMP_SYS(ftruncate),
    SCMP_SYS(futex),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getgroups),
    SCMP_SYS(getpgid),
    SCMP_SYS(getpgrp),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getresgid),
    SCMP_SYS(getresuid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(getsid),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getuid),
    SCMP_SYS(lseek),
    SCMP_SYS(lstat),
    SCMP_SYS(madvise),
    SCMP_SYS(membarrier),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(pselect6),
    SCMP_SYS(pwrite64),
    SCMP_SYS(pwritev),
    SCMP_SYS(read),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(readv),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(select),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(setpgid),
    SCMP_SYS(setrlimit),
    SCMP_SYS(setsid),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(stat),
    SCMP_SYS(statfs),
    SCMP_SYS(statx),
    SCMP_SYS(sysinfo),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(truncate),
    SCMP_SYS(umask),
    SCMP_SYS(uname),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(vfork),
    SCMP_SYS(wait4),
    SCMP_SYS(waitid),
    SCMP_SYS(write),
    SCMP_SYS(writev),
};

/* Calls that are harmless with some arguments only. No locks and leases: they are a way to speak to
 * the outside through files that both can read. */
static const struct {
    int call;
    struct scmp_arg_cmp argument;
} partly[] = {
    {SCMP_SYS(clone), {0, SCMP_CMP_MASKED_EQ, NAMESPACE_FLAGS, 0}},
    {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_DUPFD, 0}},
    {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0}},
    {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFD, 0}},
    {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_SETFD, 0}},
    {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFL, 0}},
    {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_SETFL, 0}},
    {SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, TCGETS, 0}},
    {SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, FIONREAD, 0}},
    {SCMP_SYS(prctl), {0, SCMP_CMP_EQ, PR_SET_PDEATHSIG, 0}},
    {SCMP_SYS(prlimit64), {0, SCMP_CMP_EQ, 0, 0}},
};

static int add_rules(scmp_filter_ctx context) {
    /* A binary search, where the library knows how. */
    int result = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    result = result == -EOPNOTSUPP || result == -EEXIST ? 0 : result;
    for (size_t i = 0; !result && i < sizeof allowed / sizeof *allowed; i++)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; !result && i < sizeof partly / sizeof *partly; i++)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, partly[i].call, 1, partly[i].argument);
    return result;
}

/* The library writes to descriptors only. */
static int export_rules(scmp_filter_ctx context, struct sock_filter **filter, uint32_t *count) {
    struct stat stat;
    int fd = memfd_create("filter", MFD_CLOEXEC);
    int result = fd < 0 ? -errno : seccomp_export_bpf(context, fd);
    if (!result && fstat(fd, &stat))
        result = -errno;
    if (!result && !(*filter = malloc((size_t)stat.st_size)))
        result = -ENOMEM;
    if (!result && pread(fd, *filter, (size_t)stat.st_size, 0) != stat.st_size)
        result = -EIO;
    if (!result)
        *count = (uint32_t)((size_t)stat.st_size / sizeof **filter);
    if (fd >= 0)
        close(fd);
    return result;
}

int hone_jail_filter_make(struct sock_filter **filter, uint32_t *count, struct hone_error *error) {
    *filter = NULL;
    *count = 0;
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    int result = context ? add_rules(context) : -ENOMEM;
    result = result ? result : export_rules(context, filter, count);
    seccomp_release(context);
    if (result) {
        free(*filter);
        *filter = NULL;
        return hone_fail(error, result, "cannot make a filter of system calls: %s",
                         strerror(-result));
    }
    return 0;
}
