#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPU_LIMIT_S 3600

struct limit {
    __rlimit_resource_t resource;
    rlim_t value;
};

/* All that the process needs is mapped by now, so the address space may not grow at all. */
static const struct limit limits[] = {
    {RLIMIT_AS, 0},      {RLIMIT_CORE, 0},          {RLIMIT_FSIZE, 0},      {RLIMIT_NPROC, 0},
    {RLIMIT_MEMLOCK, 0}, {RLIMIT_MSGQUEUE, 0},      {RLIMIT_SIGPENDING, 0}, {RLIMIT_NICE, 0},
    {RLIMIT_RTPRIO, 0},  {RLIMIT_CPU, CPU_LIMIT_S},
};

static int set_limit(__rlimit_resource_t resource, rlim_t value) {
    struct rlimit limit = {value, value};
    return setrlimit(resource, &limit) ? -errno : 0;
}

static int set_limits(void) {
    int result = 0;
    for (size_t i = 0; result == 0 && i < sizeof limits / sizeof *limits; i++)
        result = set_limit(limits[i].resource, limits[i].value);
    prctl(PR_SET_TSC, PR_TSC_SIGSEGV); /* where there is no such thing, the guest has said so */
    return result;
}

/* The filter takes effect with the call; what comes back is its listener. Without the second flag
 * kernels before 5.16 slow down whatever is filtered, older ones do not know it. */
static int install(const struct hone_guest_setup *setup) {
    struct sock_fprog program = {
        .len = (unsigned short)setup->filter_count,
        .filter = (struct sock_filter *)(void *)setup->filter, /* of the same layout */
    };
    unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (fd < 0 && errno == EINVAL)
        fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                     &program);
    return fd < 0 ? -errno : (int)fd;
}

/* A system call with the mark that the filter lets pass. */
static long parting_call(long number, long a, long b, long c) {
    return syscall(number, a, b, c, 0l, 0l, HONE_PARTING_MAGIC);
}

static void hand_over(uint64_t id, int listener) {
    struct hone_guest_reply reply = {.id = id, .kind = HONE_REPLY_LISTENER};
    union {
        char bytes[CMSG_SPACE(sizeof listener)];
        struct cmsghdr align;
    } control;
    struct iovec vector = {&reply, sizeof reply};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    memset(control.bytes, 0, sizeof control.bytes);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof listener);
    memcpy(CMSG_DATA(header), &listener, sizeof listener);
    if (parting_call(SYS_sendmsg, HONE_GUEST_SOCKET, (long)&message, MSG_NOSIGNAL) < 0 ||
        parting_call(SYS_close_range, 0, UINT32_MAX, 0))
        _exit(1);
}

int hone_confine(const struct hone_guest_setup *setup, uint64_t id, const char **what) {
    *what = "cannot close the descriptors";
    if (close_range(0, HONE_GUEST_SOCKET - 1, 0) || close_range(HONE_GUEST_SOCKET + 1, ~0u, 0))
        return -errno;
    *what = "cannot set the limits";
    int result = set_limits();
    if (result)
        return result;
    *what = "cannot install the filter";
    int listener = install(setup);
    if (listener < 0)
        return listener;
    hand_over(id, listener);
    return 0;
}

int hone_confine_by_pipes(int go, int done, const char **what) {
    *what = "cannot close the descriptors";
    /* In this order: `done` is neither of the two numbers before it has its own. */
    if (done == HONE_CHILD_GO || dup2(go, HONE_CHILD_GO) < 0 || dup2(done, HONE_CHILD_DONE) < 0 ||
        close_range(0, HONE_CHILD_GO - 1, 0) || close_range(HONE_CHILD_DONE + 1, ~0u, 0))
        return errno ? -errno : -EBADF;
    *what = "cannot set the limits";
    int result = set_limits();
    return result ? result : set_limit(RLIMIT_NOFILE, 0);
}
