/* main.c - `hone-jail`: run one compile job, and take all of it down when it ends or is to end. */
#include "core/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 1024

static void send_end(int status, int error, const char *step) {
    struct hone_jail_end end = {.status = status, .error = error};
    snprintf(end.step, sizeof end.step, "%s", step);
    if (write(HONE_JAIL_SOCKET, &end, sizeof end) < 0)
        return; /* nobody is interested any more */
}

_Noreturn void jail_fail(const char *step) {
    send_end(0, errno ? errno : EPROTO, step);
    _exit(1);
}

/* `count` texts from *at on into words, which end with a NULL. */
static char **take_texts(char **at, const char *end, char **words, uint32_t count) {
    char **first = words;
    for (uint32_t i = 0; i < count && words; i++) {
        size_t length = *at < end ? strnlen(*at, (size_t)(end - *at)) : 0;
        if (*at + length >= end)
            return NULL;
        *words++ = *at;
        *at += length + 1;
    }
    *words = NULL;
    return first;
}

static bool take_plan(struct job *job) {
    static char message[HONE_JAIL_PLAN_BYTES + 1] __attribute__((aligned(16)));
    static char *words[WORDS_MAX + 8];
    ssize_t got = recv(HONE_JAIL_SOCKET, message, sizeof message, 0);
    if (got < (ssize_t)sizeof job->plan || got > HONE_JAIL_PLAN_BYTES)
        return false;
    memcpy(&job->plan, message, sizeof job->plan);
    const struct hone_jail_plan *plan = &job->plan;
    uint64_t filter_bytes = (uint64_t)plan->filter_count * sizeof *job->filter;
    uint64_t word_count =
        (uint64_t)plan->path_count + 2ull * plan->link_count + plan->argument_count;
    if (plan->size != sizeof *plan || filter_bytes > (uint64_t)got - sizeof *plan ||
        word_count > WORDS_MAX)
        return false;
    job->filter = (struct sock_filter *)(void *)(message + sizeof *plan);
    char *at = message + sizeof *plan + filter_bytes, *end = message + got, **next = words;
    char **root = take_texts(&at, end, next, 1);
    job->root = root ? root[0] : NULL;
    job->paths = take_texts(&at, end, next += 2, plan->path_count);
    job->links = take_texts(&at, end, next += plan->path_count + 1, 2 * plan->link_count);
    job->arguments = take_texts(&at, end, next += 2 * plan->link_count + 1, plan->argument_count);
    return root && job->paths && job->links && job->arguments;
}

/* The job's init process. It is not a thread of ours and returns nowhere, so the raw call will do.
 */
static pid_t start(struct job *job, int *pidfd) {
    unsigned long flags = SIGCHLD;
    int alive[2];
    job->user = geteuid();
    job->group = getegid();
    if (job->plan.mechanisms & HONE_JAIL_NAMESPACES)
        flags |= CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    if (job->plan.mechanisms & HONE_JAIL_USER_NAMESPACE)
        flags |= CLONE_NEWUSER;
    if (pipe2(alive, O_CLOEXEC))
        return -1;
    pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
    if (pid == 0) {
        close(alive[1]);
        jail_init(job, alive[0]);
    }
    *pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
    return pid;
}

/* Without namespaces, orphans of the compiler become ours (PR_SET_CHILD_SUBREAPER), whatever group
 * they moved to; the kernel lists our children, one generation at a time. False when it does not.
 */
static bool kill_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    long pid;
    while (fscanf(file, "%ld", &pid) == 1)
        if (pid > 1)
            kill((pid_t)pid, SIGKILL);
    fclose(file);
    return true;
}

/* An init process takes its namespace along, and is not reaped before that is empty. */
static void take_down(const struct job *job, pid_t init) {
    kill(init, SIGKILL);
    if (job->plan.mechanisms & HONE_JAIL_NAMESPACES) {
        while (waitpid(init, NULL, 0) < 0 && errno == EINTR)
            ;
        return;
    }
    for (;;) {
        bool listed = kill_children();
        pid_t gone = waitpid(-1, NULL, listed ? 0 : WNOHANG);
        if (gone == 0 || (gone < 0 && errno != EINTR))
            return;
    }
}

/* Until the job has ended, or is to end. */
static void watch(int pidfd, int signals) {
    struct pollfd polled[] = {{.fd = pidfd, .events = POLLIN},
                              {.fd = HONE_JAIL_SOCKET, .events = POLLIN},
                              {.fd = signals, .events = POLLIN}};
    while (poll(polled, 3, -1) < 0 && errno == EINTR)
        ;
}

/* The parent's death comes as a signal that can be acted on, not as SIGKILL, which would leave the
 * compilers of the compiler running where there are no namespaces. */
static int prepare(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) || prctl(PR_SET_PDEATHSIG, SIGTERM) ||
        prctl(PR_SET_CHILD_SUBREAPER, 1) || fcntl(HONE_JAIL_SOCKET, F_SETFD, FD_CLOEXEC) ||
        close_range(HONE_JAIL_SOCKET + 1, ~0u, 0))
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(void) {
    struct job job = {0};
    int signals = prepare(), pidfd = -1;
    if (signals < 0 || !take_plan(&job)) {
        fputs("hone-jail is started by hone itself, to run a compiler\n", stderr);
        return 2;
    }
    pid_t init = start(&job, &pidfd);
    if (init < 0)
        jail_fail("cannot make namespaces");
    if (pidfd >= 0)
        watch(pidfd, signals);
    take_down(&job, init);
    return 0;
}
