#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELLO_LIMIT_NS 5000000000ull
#define FIRST_UID 60001u
#define UIDS 1000u

pid_t hone_cpu_pidfd_pid(int pidfd) {
    char path[48], line[128];
    int pid = -1;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Pid: %d", &pid) == 1)
            break;
    if (file)
        fclose(file);
    return pid > 0 ? pid : -1;
}

/* At most one descriptor comes with a reply; any other would leak. */
static int take_fd(struct msghdr *message) {
    int fd = -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
            header->cmsg_len == CMSG_LEN(sizeof fd))
            memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

int hone_cpu_reply_receive(int socket, struct hone_guest_reply *reply, int *fd) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec vector = {reply, sizeof *reply};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return -EAGAIN;
    *fd = got >= 0 ? take_fd(&message) : -1;
    if (got == (ssize_t)sizeof *reply && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return 0;
    if (*fd >= 0)
        close(*fd);
    return -EPROTO;
}

/* Between vfork() and exec: system calls only, and everything is the parent's memory. The guest
 * gets its address space without randomisation, so that layouts repeat from run to run. */
static _Noreturn void become_guest(const char *program, char *const *arguments, int socket,
                                   int null) {
    static char *const nothing[] = {NULL};
    personality(ADDR_NO_RANDOMIZE); /* some containers forbid it; layouts then vary */
    if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
        dup2(socket, HONE_GUEST_SOCKET) < 0 || close_range(HONE_GUEST_SOCKET + 1, ~0u, 0))
        _exit(126);
    execve(program, arguments, nothing);
    _exit(127);
}

static pid_t spawn(const char *program, char *const *arguments, int socket, int null) {
    sigset_t all, before;
    sigfillset(&all);
    /* A handler of ours must not run in the shared memory; the guest clears its mask. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0)
        become_guest(program, arguments, socket, null);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* The same descriptor under a number above those that the guest gives a meaning. */
static int high(int fd) {
    int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HONE_GUEST_SOCKET + 1);
    if (fd >= 0)
        close(fd);
    return moved;
}

/* The measuring thread and what it measures share a core: a wake-up is cheapest there. */
static int pin(const struct runner *runner, struct hone_error *error) {
    if (runner->cpu->measuring_cpu < 0)
        return 0;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)runner->cpu->measuring_cpu, &set);
    if (sched_setaffinity(runner->guest, sizeof set, &set))
        return hone_cpu_fail(error, -errno, "cannot pin the guest to core %d: %s",
                             runner->cpu->measuring_cpu, strerror(errno));
    return 0;
}

static int start(struct runner *runner, const char *program, char *const *arguments,
                 struct hone_error *error) {
    int pair[2] = {-1, -1}, result = 0;
    int null = high(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (null < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
        (pair[1] = high(pair[1])) < 0) {
        result = hone_cpu_fail(error, -EMFILE, "cannot make a socket for the guest: %s",
                               strerror(errno));
        goto out;
    }
    runner->guest = spawn(program, arguments, pair[1], null);
    if (runner->guest < 0) {
        result = hone_cpu_fail(error, -EAGAIN, "cannot start %s: no more processes", program);
        goto out;
    }
    runner->socket = pair[0];
    pair[0] = -1;
    runner->guest_pidfd = pidfd_open(runner->guest, 0);
    if (runner->guest_pidfd < 0)
        result = hone_cpu_fail(error, -errno, "no pidfd for the guest: %s", strerror(errno));
    else
        result = pin(runner, error);
out:
    if (null >= 0)
        close(null);
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
    return result;
}

/* The uids need no entry in any list, and nobody logs in by them. */
static int send_setup(struct runner *runner, uint32_t features, struct hone_error *error) {
    struct cpu *cpu = runner->cpu;
    struct hone_guest_setup setup = {
        .version = HONE_GUEST_VERSION,
        .features = features,
        .uid = FIRST_UID + atomic_fetch_add_explicit(&cpu->runners, 1, memory_order_relaxed) % UIDS,
        .filter_count = features & HONE_FEATURE_FILTER ? cpu->filter_count : 0,
    };
    memcpy(setup.filter, cpu->filter, setup.filter_count * sizeof *setup.filter);
    size_t bytes =
        offsetof(struct hone_guest_setup, filter) + setup.filter_count * sizeof *setup.filter;
    if (send(runner->socket, &setup, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
        return hone_cpu_fail(error, -EIO, "the guest of %s does not start", cpu->library);
    return 0;
}

/* From now on the guest is the process in the namespaces; who made it has ended. */
static int take_born(struct runner *runner, int pidfd, struct hone_error *error) {
    while (waitpid(runner->guest, NULL, 0) < 0 && errno == EINTR)
        ;
    close(runner->guest_pidfd);
    runner->guest_pidfd = pidfd;
    runner->guest = hone_cpu_pidfd_pid(pidfd);
    return runner->guest > 0 ? 0 : hone_cpu_fail(error, -ESRCH, "the guest died while it started");
}

static int take_hello(struct runner *runner, const struct hone_guest_reply *hello,
                      uint32_t features, struct hone_error *error) {
    if (hello->status != HONE_GUEST_VERSION || (features & ~hello->feature))
        return hone_cpu_fail(error, -EPROTO,
                             "the guest of %s is of another build (version %d, not %d)",
                             runner->cpu->library, hello->status, HONE_GUEST_VERSION);
    runner->features = hello->feature;
    return 0;
}

static int say_silent(struct runner *runner, struct hone_error *error) {
    int status = 0;
    if (waitpid(runner->guest, &status, WNOHANG) == runner->guest)
        runner->guest = -1;
    return hone_cpu_fail(error, -EIO, "the guest of %s does not start (wait status 0x%x)",
                         runner->cpu->library, (unsigned)status);
}

/* A birth, where there is one to come, then hello. */
static int await_hello(struct runner *runner, uint32_t features, uint32_t *unfit,
                       struct hone_error *error) {
    const uint64_t deadline = hone_cpu_now_ns() + HELLO_LIMIT_NS;
    bool born = !(features & HONE_FEATURE_SEPARATE), greeted = false;
    while (!greeted) {
        struct pollfd polled = {.fd = runner->socket, .events = POLLIN};
        struct hone_guest_reply reply;
        uint64_t now = hone_cpu_now_ns();
        int fd, result = 0;
        if (now >= deadline || poll(&polled, 1, (int)((deadline - now) / 1000000u) + 1) == 0)
            return say_silent(runner, error);
        int received = hone_cpu_reply_receive(runner->socket, &reply, &fd);
        if (received == -EAGAIN)
            continue;
        if (received)
            return say_silent(runner, error);
        reply.text[sizeof reply.text - 1] = '\0';
        if (reply.kind == HONE_REPLY_BORN && !born && fd >= 0) {
            born = true;
            result = take_born(runner, fd, error);
        } else if (reply.kind == HONE_REPLY_HELLO && born && fd < 0) {
            greeted = true;
            result = take_hello(runner, &reply, features, error);
        } else if (reply.kind == HONE_REPLY_UNFIT && fd < 0) {
            *unfit = reply.feature;
            result = hone_cpu_fail(error, reply.status > 0 ? -reply.status : -EIO, "%s: %s",
                                   reply.text, strerror(reply.status));
        } else {
            if (fd >= 0)
                close(fd);
            result = say_silent(runner, error);
        }
        if (result)
            return result;
    }
    return 0;
}

int hone_cpu_guest_start(struct runner *runner, uint32_t features, uint32_t *unfit,
                         struct hone_error *error) {
    struct cpu *cpu = runner->cpu;
    const bool library = features & HONE_FEATURE_LIBRARY;
    char program[HONE_CPU_PATH_SIZE + 16];
    /* What lies in a guest's memory, candidates can read: no path of this machine for them. */
    char name[] = "hone-guest";
    char *const arguments[] = {name, library ? cpu->openblas.path : NULL, cpu->openblas.core, NULL};
    snprintf(program, sizeof program, "%s/%s", cpu->library,
             library ? "hone-library" : "hone-guest");
    *unfit = 0;
    int result = start(runner, program, arguments, error);
    result = result ? result : send_setup(runner, features, error);
    return result ? result : await_hello(runner, features, unfit, error);
}
