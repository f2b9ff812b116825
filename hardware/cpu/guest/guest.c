/* The guest: started once by exec with nothing of the supervisor in it, goes into its namespaces,
 * forks one process for each candidate, and tells when one has ended. It holds no clock, no seed
 * and no oracle output. */
#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
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
    struct hone_guest_setup setup;
    struct hone_guest_start start; /* static in main: too large for a frame */
    void (*own)(const uint64_t *words);
};

static void reply(uint64_t id, enum hone_guest_reply_kind kind, int status, int fd) {
    hone_reply(&(struct hone_guest_reply){.id = id, .kind = kind, .status = status}, fd);
}

static bool is_sound(const struct guest *guest, long bytes, int fd_count) {
    const struct hone_guest_start *start = &guest->start;
    const size_t head = offsetof(struct hone_guest_start, regions);
    const int fixed = guest->setup.features & HONE_FEATURE_FILTER ? HONE_FD_GO : HONE_FD_DONE + 1;
    if (bytes < (long)head || start->region_count > HONE_GUEST_REGIONS_MAX || fd_count < fixed ||
        (size_t)bytes != head + start->region_count * sizeof *start->regions)
        return false;
    for (uint32_t i = 0; i < start->region_count; i++)
        if (start->regions[i].fd_index < (uint32_t)fixed ||
            start->regions[i].fd_index >= (uint32_t)fd_count)
            return false;
    return true;
}

/* A clone() of our own: fork() would also run libc's handlers, and the pidfd comes without a race.
 */
static pid_t split(int *pidfd) {
    return (pid_t)syscall(SYS_clone, CLONE_PIDFD | (unsigned long)SIGCHLD, NULL, pidfd, NULL, NULL);
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
        hone_child_run(&guest->setup, &guest->start, fds, guest->own);
    }
    if (pid < 0) {
        reply(guest->start.id, HONE_REPLY_FAILED, errno, -1);
        return;
    }
    *free_one = (struct offspring){guest->start.id, pidfd};
    reply(guest->start.id, HONE_REPLY_FORKED, 0, pidfd);
}

/* What a process is forked from holds no regions of those before. */
static void receive(struct guest *guest) {
    int fds[HONE_GUEST_FDS_MAX], count;
    memset(&guest->start, 0, sizeof guest->start);
    long got = hone_receive(&guest->start, sizeof guest->start, fds, &count);
    if (is_sound(guest, got, count))
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

/* A setup of another build cannot be read: the version, which is first in any, says so. */
static bool receive_setup(struct hone_guest_setup *setup) {
    int fds[HONE_GUEST_FDS_MAX], count;
    const size_t head = offsetof(struct hone_guest_setup, filter);
    long got = hone_receive(setup, sizeof *setup, fds, &count);
    return got >= (long)head && count == 0 && setup->version == HONE_GUEST_VERSION &&
           setup->filter_count <= HONE_FILTER_MAX &&
           (size_t)got == head + setup->filter_count * sizeof *setup->filter;
}

static void do_prepare(const char *(*prepare)(void)) {
    struct hone_guest_reply unfit = {
        .kind = HONE_REPLY_UNFIT, .status = ELIBACC, .feature = HONE_FEATURE_LIBRARY};
    const char *failed = prepare();
    if (!failed)
        return;
    snprintf(unfit.text, sizeof unfit.text, "%s", failed);
    hone_reply(&unfit, -1);
    _exit(1);
}

int hone_guest_run(const char *(*prepare)(void), void (*own)(const uint64_t *words)) {
    static struct guest guest;
    sigset_t none;
    sigemptyset(&none);
    /* What exec hands down: a signal mask, and perhaps ignored signals. */
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    struct rlimit no_core = {0, 0};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0) ||
        setrlimit(RLIMIT_CORE, &no_core) || close_range(0, HONE_GUEST_SOCKET - 1, 0))
        return 1;
    struct hone_guest_reply hello = {.kind = HONE_REPLY_HELLO, .status = HONE_GUEST_VERSION};
    if (receive_setup(&guest.setup)) {
        if (prepare)
            do_prepare(prepare);
        hello.feature = hone_separate(&guest.setup) | (prepare ? HONE_FEATURE_LIBRARY : 0);
    }
    guest.own = own;
    for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
        guest.offspring[i].pidfd = -1;
    hone_reply(&hello, -1);
    loop(&guest);
}
