#include "core/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPEN_FILES 64
#define STACK_BYTES (8u << 20)
#define NOBODY 65534
#define PROGRAMS_MAX 8 /* in one pipe */

static int put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return written < 0 ? -1 : 0;
}

int jail_link(const struct job *job, const char *name, const char *path) {
    if (strchr(name, '/'))
        return -1;
    if ((job->plan.mechanisms & HONE_JAIL_OWN_USER) == 0)
        return symlink(path, name);
    if (link(path, name))
        errno = 0;
    return 0;
}

static int link_files(const struct job *job) {
    for (char **link = job->links; *link; link += 2)
        if (jail_link(job, link[0], link[1]))
            return -1;
    return 0;
}

/* In a user namespace of our own we stay who we are, unless that is root: its programs would get
 * capabilities when they start. */
static int map_user(uid_t user, gid_t group) {
    char users[64], groups[64];
    snprintf(users, sizeof users, "%u %u 1", user ? user : NOBODY, user);
    snprintf(groups, sizeof groups, "%u %u 1", group ? group : NOBODY, group);
    return put("/proc/self/uid_map", users) || put("/proc/self/setgroups", "deny") ||
                   put("/proc/self/gid_map", groups)
               ? -1
               : 0;
}

/* To no user that owns anything, or at least to one without capabilities. */
static int drop_privileges(const struct job *job) {
    if (job->plan.mechanisms & HONE_JAIL_OWN_USER) {
        uid_t user = job->plan.user;
        if (setgroups(0, NULL) || setresgid(user, user, user) || setresuid(user, user, user))
            return -1;
    } else if (job->plan.mechanisms & HONE_JAIL_USER_NAMESPACE) {
        struct {
            uint32_t version;
            int pid;
        } head = {0x20080522, 0};
        const uint32_t none[6] = {0};
        if (syscall(SYS_capset, &head, none))
            return -1;
    }
    return prctl(PR_SET_DUMPABLE, 0);
}

static int limit(int resource, rlim_t value) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now))
        return -1;
    if (value > now.rlim_max)
        value = now.rlim_max;
    /* One second between the soft and the hard limit gives SIGXCPU before SIGKILL. */
    struct rlimit wanted = {value, value};
    if (resource == RLIMIT_CPU && value < now.rlim_max)
        wanted.rlim_max = value + 1;
    return setrlimit((__rlimit_resource_t)resource, &wanted);
}

static int set_limits(const struct hone_jail_plan *plan) {
    return limit(RLIMIT_CPU, plan->cpu_limit_s) || limit(RLIMIT_AS, plan->memory_limit_bytes) ||
                   limit(RLIMIT_FSIZE, plan->file_limit_bytes) ||
                   limit(RLIMIT_NOFILE, OPEN_FILES) || limit(RLIMIT_STACK, STACK_BYTES) ||
                   limit(RLIMIT_CORE, 0) || limit(RLIMIT_MEMLOCK, 0) || limit(RLIMIT_MSGQUEUE, 0)
               ? -1
               : 0;
}

/* RLIMIT_NPROC counts all processes of a user, or since Linux 5.14 those in the user namespace. It
 * bounds nothing but our own only where the user or the namespace is ours. */
static bool counts_only_ours(const struct hone_jail_plan *plan) {
    struct utsname system;
    int major = 0, minor = 0;
    if (plan->mechanisms & HONE_JAIL_OWN_USER)
        return true;
    return (plan->mechanisms & HONE_JAIL_USER_NAMESPACE) && uname(&system) == 0 &&
           sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
           (major > 5 || (major == 5 && minor >= 14));
}

static int set_filter(const struct job *job) {
    struct sock_fprog program = {(unsigned short)job->plan.filter_count, job->filter};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) ==
        0)
        return 0;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* 0, or -1 with errno and in *step what failed. */
static int confine(const struct job *job, const char **step) {
    uint32_t mechanisms = job->plan.mechanisms;
    *step = "cannot map the user into a namespace";
    if ((mechanisms & HONE_JAIL_USER_NAMESPACE) && map_user(job->user, job->group))
        return -1;
    *step = "cannot give up new privileges";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    if (mechanisms & HONE_JAIL_NAMESPACES) {
        if (jail_enter_root(job, step))
            return -1;
    } else {
        bool linked = (mechanisms & HONE_JAIL_LANDLOCK) || link_files(job) == 0;
        *step = "cannot link a precompiled header";
        if (!linked || ((mechanisms & HONE_JAIL_LANDLOCK) && jail_landlock(job, step)))
            return -1;
    }
    *step = "cannot become a user without rights";
    if (drop_privileges(job))
        return -1;
    *step = "cannot set limits";
    if (set_limits(&job->plan) || prctl(PR_SET_PDEATHSIG, SIGKILL)) /* cleared by setresuid() */
        return -1;
    *step = "cannot install a filter of system calls";
    return (mechanisms & HONE_JAIL_FILTER) && set_filter(job) ? -1 : 0;
}

/* What the supervisor's trust rests on, tried. */
static void probe(const struct job *job) {
    uint32_t paths = HONE_JAIL_NAMESPACES | HONE_JAIL_LANDLOCK;
    errno = 0;
    if ((job->plan.mechanisms & paths) && open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0)
        jail_fail("cannot keep /etc from being seen");
    if ((job->plan.mechanisms & HONE_JAIL_FILTER) &&
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0)
        jail_fail("cannot keep sockets from being made");
}

/* In a child that shares our memory until it executes. */
static _Noreturn void become(char **words, int input, int output, rlim_t processes,
                             volatile int *failed) {
    sigset_t none;
    struct rlimit limit = {processes, processes};
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
        (processes == RLIM_INFINITY || setrlimit(RLIMIT_NPROC, &limit) == 0) &&
        (input < 0 || dup2(input, 0) == 0) && (output < 0 || dup2(output, 1) == 1))
        execv(words[0], words);
    *failed = errno;
    _exit(127);
}

static rlim_t bound_processes(const struct hone_jail_plan *plan) {
    return plan->process_limit && !counts_only_ours(plan) ? RLIM_INFINITY : plan->process_limit;
}

static pid_t start_program(char **words, int input, int output, rlim_t processes) {
    char step[sizeof((struct hone_jail_end *)0)->step];
    volatile int failed = 0;
    pid_t pid = vfork();
    if (pid == 0)
        become(words, input, output, processes, &failed);
    if (pid > 0 && !failed)
        return pid;
    if (failed)
        errno = failed;
    snprintf(step, sizeof step, "cannot start the compiler %s", words[0]);
    jail_fail(step);
}

/* The end of a program's words, which becomes a NULL; *next is where the following one begins. */
static const char *cut(char **words, char ***next) {
    char **end = words;
    while (*end && strcmp(*end, HONE_JAIL_PIPE) != 0 && strcmp(*end, HONE_JAIL_THEN) != 0)
        end++;
    const char *separator = *end;
    *next = *end ? end + 1 : end;
    *end = NULL;
    return separator;
}

static int wait_for(const pid_t *pids, int count) {
    int statuses[PROGRAMS_MAX] = {0};
    for (int left = count; left;) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid < 0 && errno != EINTR)
            jail_fail("cannot wait for the compiler");
        for (int i = 0; i < count; i++)
            if (pids[i] == pid) {
                statuses[i] = status;
                left--;
            }
    }
    for (int i = 0; i < count; i++)
        if (statuses[i])
            return statuses[i];
    return 0;
}

/* Programs with pipes between them, all at once; the status of the first that failed. */
static int run_pipe(const struct hone_jail_plan *plan, char ***words) {
    pid_t pids[PROGRAMS_MAX];
    int count = 0, input = -1;
    for (bool more = true; more && count < PROGRAMS_MAX;) {
        char **next, **mine = *words;
        const char *separator = cut(mine, &next);
        int ends[2] = {-1, -1};
        more = separator && strcmp(separator, HONE_JAIL_PIPE) == 0;
        if (more && pipe2(ends, O_CLOEXEC))
            jail_fail("cannot make a pipe between programs");
        pids[count++] = start_program(mine, input, ends[1], bound_processes(plan));
        if (input >= 0)
            close(input);
        if (ends[1] >= 0)
            close(ends[1]);
        input = ends[0];
        *words = next;
    }
    return wait_for(pids, count);
}

_Noreturn void jail_init(const struct job *job, int alive) {
    const char *step = "cannot be told of the supervisor's end";
    struct pollfd polled = {.fd = alive, .events = POLLIN};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || poll(&polled, 1, 0) != 0 || confine(job, &step))
        jail_fail(step);
    struct hone_jail_end end = {0};
    if (job->plan.mechanisms & HONE_JAIL_PROBE)
        probe(job);
    else
        for (char **words = job->arguments; *words && end.status == 0;)
            end.status = run_pipe(&job->plan, &words);
    _exit(write(HONE_JAIL_SOCKET, &end, sizeof end) == (ssize_t)sizeof end ? 0 : 1);
}
