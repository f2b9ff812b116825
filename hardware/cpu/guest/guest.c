/* The guest: started once by exec with nothing of the supervisor in it, forks one process for each
 * candidate, and tells when one has ended. It holds no clock, no seed and no oracle output. */
#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct offspring {
    uint64_t id;
    int pidfd; /* -1: free */
};

struct guest {
    struct offspring offspring[HONE_GUEST_PROCESSES_MAX];
    struct hone_guest_start start; /* static in main: too large for a frame */
};

union control {
    char bytes[CMSG_SPACE(HONE_GUEST_FDS_MAX * sizeof(int))];
    struct cmsghdr align;
};

/* Nobody to answer to: the supervisor is gone. */
static void reply(uint64_t id, enum hone_guest_reply_kind kind, int status, int fd) {
    struct hone_guest_reply text = {.id = id, .kind = kind, .status = status};
    struct iovec vector = {&text, sizeof text};
    union control control;
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof fd);
        memset(control.bytes, 0, CMSG_SPACE(sizeof fd));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    if (sendmsg(HONE_GUEST_SOCKET, &message, MSG_NOSIGNAL) < 0)
        _exit(1);
}

static int collect_fds(struct msghdr *message, int *fds) {
    int count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t bytes = header->cmsg_len - CMSG_LEN(0);
        memcpy(fds + count, CMSG_DATA(header), bytes);
        count += (int)(bytes / sizeof *fds);
    }
    return count;
}

static bool is_sound(const struct hone_guest_start *start, size_t bytes, int fd_count) {
    if (bytes < offsetof(struct hone_guest_start, regions) ||
        start->region_count > HONE_GUEST_REGIONS_MAX || fd_count < HONE_FD_REGIONS ||
        bytes != offsetof(struct hone_guest_start, regions) +
                     start->region_count * sizeof *start->regions)
        return false;
    for (uint32_t i = 0; i < start->region_count; i++)
        if (start->regions[i].fd_index < HONE_FD_REGIONS ||
            start->regions[i].fd_index >= (uint32_t)fd_count)
            return false;
    return true;
}

/* A clone3 of our own: fork() would also run libc's handlers, and the pidfd comes without a race.
 */
static pid_t split(int *pidfd) {
    struct clone_args arguments = {
        .flags = CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
    };
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static void launch(struct guest *guest, const int *fds) {
    struct offspring *free_one = NULL;
    for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
        if (guest->offspring[i].pidfd < 0)
            free_one = &guest->offspring[i];
    if (!free_one) {
        reply(guest->start.id, HONE_REPLY_FAILED, EAGAIN, -1);
        return;
    }
    pid_t parent = getpid();
    int pidfd = -1;
    pid_t pid = split(&pidfd);
    if (pid == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
            _exit(1);
        hone_child_run(&guest->start, fds);
    }
    if (pid < 0) {
        reply(guest->start.id, HONE_REPLY_FAILED, errno, -1);
        return;
    }
    *free_one = (struct offspring){guest->start.id, pidfd};
    reply(guest->start.id, HONE_REPLY_FORKED, 0, pidfd);
}

static void receive(struct guest *guest) {
    int fds[HONE_GUEST_FDS_MAX];
    union control control;
    struct iovec vector = {&guest->start, sizeof guest->start};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t got = recvmsg(HONE_GUEST_SOCKET, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0)
        _exit(0);
    int count = collect_fds(&message, fds);
    if (!(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
        is_sound(&guest->start, (size_t)got, count))
        launch(guest, fds);
    else
        reply(guest->start.id, HONE_REPLY_FAILED, EPROTO, -1);
    for (int i = 0; i < count; i++)
        close(fds[i]);
}

static void bury(struct offspring *offspring) {
    siginfo_t info = {0};
    if (waitid(P_PIDFD, (id_t)offspring->pidfd, &info, WEXITED) < 0)
        return;
    int status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status & 0x7f;
    close(offspring->pidfd);
    offspring->pidfd = -1;
    reply(offspring->id, HONE_REPLY_ENDED, status, -1);
}

static _Noreturn void loop(struct guest *guest) {
    struct pollfd polled[1 + HONE_GUEST_PROCESSES_MAX];
    for (;;) {
        polled[0] = (struct pollfd){.fd = HONE_GUEST_SOCKET, .events = POLLIN};
        for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
            polled[1 + i] = (struct pollfd){.fd = guest->offspring[i].pidfd, .events = POLLIN};
        if (poll(polled, 1 + HONE_GUEST_PROCESSES_MAX, -1) < 0)
            continue;
        for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
            if (polled[1 + i].revents)
                bury(&guest->offspring[i]);
        if (polled[0].revents)
            receive(guest);
    }
}

int main(void) {
    static struct guest guest;
    sigset_t none;
    sigemptyset(&none);
    /* What exec hands down: a signal mask, and perhaps ignored signals. */
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    struct rlimit no_core = {0, 0};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0) ||
        setrlimit(RLIMIT_CORE, &no_core))
        return 1;
    /* Keep the number that a candidate's process will use out of the way of what arrives. */
    if (dup2(0, HONE_CHILD_DONE) < 0)
        return 1;
    for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
        guest.offspring[i].pidfd = -1;
    reply(0, HONE_REPLY_HELLO, HONE_GUEST_VERSION, -1);
    loop(&guest);
}
