#include "core/jail.h"
#include "core/jail_protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPEN_FILES 64
#define STACK_BYTES (8u << 20)

struct limits {
    rlim_t cpu_s, memory_bytes, file_bytes;
};

static int limit(int resource, rlim_t value) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now))
        return -errno;
    if (value > now.rlim_max)
        value = now.rlim_max;
    /* One second between the soft and the hard limit lets the compiler's driver name SIGXCPU. */
    struct rlimit wanted = {value, value};
    if (resource == RLIMIT_CPU && value < now.rlim_max)
        wanted.rlim_max = value + 1;
    return setrlimit((__rlimit_resource_t)resource, &wanted) ? -errno : 0;
}

/* No RLIMIT_NPROC: it counts all processes of the user, so it bounds nothing until the jail has a
 * user of its own. The wall limit and the end of the jail bound a fork bomb's life. */
static int set_limits(const struct limits *limits) {
    int result = limit(RLIMIT_CPU, limits->cpu_s);
    result = result ? result : limit(RLIMIT_AS, limits->memory_bytes);
    result = result ? result : limit(RLIMIT_FSIZE, limits->file_bytes);
    result = result ? result : limit(RLIMIT_NOFILE, OPEN_FILES);
    result = result ? result : limit(RLIMIT_STACK, STACK_BYTES);
    return result ? result : limit(RLIMIT_CORE, 0);
}

static void send_end(int status, int error) {
    struct hone_jail_end end = {status, error};
    if (send(HONE_JAIL_SOCKET, &end, sizeof end, MSG_NOSIGNAL) < 0)
        return; /* nobody is interested any more */
}

/* In the compiler's process, before exec. */
static _Noreturn void become_compiler(char **arguments, const struct limits *limits, int report) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int result = setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ? -errno : set_limits(limits);
    if (result == 0) {
        execv(arguments[0], arguments);
        result = -errno;
    }
    ssize_t told = write(report, &result, sizeof result);
    _exit(told == (ssize_t)sizeof result ? 127 : 126);
}

/* 0 when exec() came through, else its errno, negative. The pipe closes on exec. */
static int start(char **arguments, const struct limits *limits, pid_t *pid) {
    int report[2], result = 0;
    if (pipe2(report, O_CLOEXEC))
        return -errno;
    *pid = fork();
    if (*pid == 0)
        become_compiler(arguments, limits, report[1]);
    if (*pid < 0)
        result = -errno;
    close(report[1]);
    ssize_t got = 0;
    while (*pid > 0 && (got = read(report[0], &result, sizeof result)) < 0 && errno == EINTR)
        ;
    if (got == 0 && *pid > 0)
        result = 0;
    close(report[0]);
    return result;
}

/* Orphans of the compiler become ours (PR_SET_CHILD_SUBREAPER), whatever group they moved to; the
 * kernel lists our children, one generation at a time. Returns false when it cannot tell. */
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

static void take_down(pid_t compiler, bool reaped) {
    if (!reaped) /* else the number may be somebody else's by now */
        kill(-compiler, SIGKILL);
    for (;;) {
        bool listed = kill_children();
        pid_t gone = waitpid(-1, NULL, listed ? 0 : WNOHANG);
        if (gone < 0 && errno != EINTR)
            return;
        if (gone == 0)
            return;
    }
}

/* Reap whatever ended; true when the compiler itself was among it. */
static bool reap(pid_t compiler, int *status) {
    for (;;) {
        int ended;
        pid_t pid = waitpid(-1, &ended, WNOHANG);
        if (pid == compiler) {
            *status = ended;
            return true;
        }
        if (pid <= 0)
            return false;
    }
}

/* Wait for the compiler's end (true) or for a reason to end it (false). */
static bool watch(pid_t compiler, int signals, int *status) {
    struct pollfd polled[] = {{.fd = HONE_JAIL_SOCKET, .events = POLLIN},
                              {.fd = signals, .events = POLLIN}};
    for (;;) {
        if (reap(compiler, status))
            return true;
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            return false;
        if (polled[0].revents)
            return false;
        struct signalfd_siginfo info;
        if (polled[1].revents && read(signals, &info, sizeof info) == (ssize_t)sizeof info &&
            info.ssi_signo != SIGCHLD)
            return false;
    }
}

/* The parent's death comes as a signal that can be acted on, not as SIGKILL, which would leave the
 * compilers of the compiler running. */
static int prepare(int *signals) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (signal(SIGCHLD, SIG_DFL) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) ||
        prctl(PR_SET_PDEATHSIG, SIGTERM) || prctl(PR_SET_CHILD_SUBREAPER, 1) ||
        fcntl(HONE_JAIL_SOCKET, F_SETFD, FD_CLOEXEC) || close_range(HONE_JAIL_SOCKET + 1, ~0u, 0))
        return -errno;
    *signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *signals < 0 ? -errno : 0;
}

int hone_jail_main(int argc, char **argv) {
    if (argc <= HONE_JAIL_ARGUMENTS || strcmp(argv[HONE_JAIL_ARGUMENTS - 1], "--") != 0) {
        fputs("hone jail is started by hone itself, to run a compiler\n", stderr);
        return 2;
    }
    struct limits limits = {strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10),
                            strtoull(argv[4], NULL, 10)};
    int signals = -1, status = 0;
    pid_t compiler = -1;
    int result = prepare(&signals);
    if (result == 0)
        result = start(argv + HONE_JAIL_ARGUMENTS, &limits, &compiler);
    bool reaped = result == 0 && watch(compiler, signals, &status);
    if (!reaped)
        status = SIGKILL;
    if (compiler > 0)
        take_down(compiler, reaped);
    send_end(status, -result);
    return result ? 1 : 0;
}
