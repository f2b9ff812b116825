#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HELLO_LIMIT_MS 5000
#define WORDS_BYTES (HONE_WORDS_BYTES * HONE_GUEST_PROCESSES_MAX)

uint64_t hone_cpu_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* splitmix64 over a secret start: a candidate that has seen one number cannot tell the next. It
 * could invert the mix if it saw the whole output, so only half of it is shown, twice. */
static uint64_t mix(uint64_t *state) {
    uint64_t value = *state += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

uint64_t hone_cpu_runner_nonce(struct runner *runner) {
    uint64_t high = mix(&runner->nonce) & 0xffffffff00000000u;
    return high | mix(&runner->nonce) >> 32;
}

static void lose(struct runner *runner) {
    runner->lost = true;
    if (runner->guest_pidfd >= 0)
        pidfd_send_signal(runner->guest_pidfd, SIGKILL, NULL, 0);
}

static struct process *find_process(struct runner *runner, uint64_t id) {
    for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
        if (runner->processes[i] && runner->processes[i]->id == id)
            return runner->processes[i];
    return NULL;
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

static int note_reply(struct runner *runner, const struct hone_guest_reply *reply, int fd) {
    struct process *process = find_process(runner, reply->id);
    bool forked = reply->kind == HONE_REPLY_FORKED;
    if (!process || process->ended || process->answered != (reply->kind == HONE_REPLY_ENDED) ||
        forked != (fd >= 0)) {
        if (fd >= 0)
            close(fd);
        return -EPROTO;
    }
    process->answered = true;
    process->status = reply->status;
    process->ended = !forked;
    if (forked)
        process->pidfd = fd;
    return 0;
}

static int receive(struct runner *runner) {
    struct hone_guest_reply reply;
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec vector = {&reply, sizeof reply};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t got = recvmsg(runner->socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    int fd = got >= 0 ? take_fd(&message) : -1;
    if (got == (ssize_t)sizeof reply && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return note_reply(runner, &reply, fd);
    if (fd >= 0)
        close(fd);
    return -EPROTO;
}

int hone_cpu_runner_listen(struct runner *runner, uint64_t deadline_ns) {
    if (runner->lost)
        return -EIO;
    uint64_t now = hone_cpu_now_ns();
    uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
    struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
    struct pollfd polled = {.fd = runner->socket, .events = POLLIN};
    int ready = ppoll(&polled, 1, &timeout, NULL);
    if (ready < 0 && errno == EINTR)
        return 0;
    if (ready == 0)
        return -ETIMEDOUT;
    if (ready < 0 || receive(runner)) {
        lose(runner);
        return -EIO;
    }
    return 0;
}

/* Between vfork() and exec: system calls only, and everything is the parent's memory. The guest
 * gets its address space without randomisation, so that layouts repeat from run to run. */
static _Noreturn void become_guest(const char *program, int socket, int null) {
    static char *const nothing[] = {NULL};
    static char name[] = "hone-guest";
    char *const arguments[] = {name, NULL};
    personality(ADDR_NO_RANDOMIZE); /* some containers forbid it; layouts then vary */
    if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
        dup2(socket, HONE_GUEST_SOCKET) < 0 || close_range(HONE_GUEST_SOCKET + 1, ~0u, 0))
        _exit(126);
    execve(program, arguments, nothing);
    _exit(127);
}

static pid_t spawn(const char *program, int socket, int null) {
    sigset_t all, before;
    sigfillset(&all);
    /* A handler of ours must not run in the shared memory; the guest clears its mask. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0)
        become_guest(program, socket, null);
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

static int start_guest(struct runner *runner, struct hone_error *error) {
    char program[HONE_CPU_PATH_SIZE + 16];
    int pair[2] = {-1, -1}, result = 0;
    snprintf(program, sizeof program, "%s/hone-guest", runner->cpu->library);
    int null = high(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (null < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
        (pair[1] = high(pair[1])) < 0) {
        result = hone_cpu_fail(error, -EMFILE, "cannot make a socket for the guest: %s",
                               strerror(errno));
        goto out;
    }
    runner->guest = spawn(program, pair[1], null);
    if (runner->guest < 0) {
        result = hone_cpu_fail(error, -EAGAIN, "cannot start %s: no more processes", program);
        goto out;
    }
    runner->socket = pair[0];
    pair[0] = -1;
    runner->guest_pidfd = pidfd_open(runner->guest, 0);
    if (runner->guest_pidfd < 0) {
        result = hone_cpu_fail(error, -errno, "no pidfd for the guest: %s", strerror(errno));
        goto out;
    }
    /* The measuring thread and what it measures share a core: a wake-up is cheapest there. */
    if (runner->cpu->measuring_cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)runner->cpu->measuring_cpu, &set);
        if (sched_setaffinity(runner->guest, sizeof set, &set))
            result = hone_cpu_fail(error, -errno, "cannot pin the guest to core %d: %s",
                                   runner->cpu->measuring_cpu, strerror(errno));
    }
out:
    if (null >= 0)
        close(null);
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
    return result;
}

/* An exec that failed, a guest of another build, a kernel that forbids what it needs: say so now.
 */
static int await_hello(struct runner *runner, struct hone_error *error) {
    struct hone_guest_reply hello = {0};
    struct pollfd polled = {.fd = runner->socket, .events = POLLIN};
    int status = 0;
    if (poll(&polled, 1, HELLO_LIMIT_MS) == 1 &&
        recv(runner->socket, &hello, sizeof hello, MSG_DONTWAIT) == (ssize_t)sizeof hello &&
        hello.kind == HONE_REPLY_HELLO && hello.status == HONE_GUEST_VERSION)
        return 0;
    if (hello.kind == HONE_REPLY_HELLO)
        return hone_cpu_fail(error, -EPROTO,
                             "%s/hone-guest is of another build (version %d, not %d)",
                             runner->cpu->library, hello.status, HONE_GUEST_VERSION);
    if (waitpid(runner->guest, &status, WNOHANG) == runner->guest)
        runner->guest = -1;
    return hone_cpu_fail(error, -EIO, "%s/hone-guest does not start (wait status 0x%x)",
                         runner->cpu->library, (unsigned)status);
}

/* Words go to candidates through pages that we write and they can only read: the descriptor they
 * get was opened so, and no mprotect() changes that. */
static int make_words(struct runner *runner, struct hone_error *error) {
    char path[64];
    int fd = memfd_create("hone-words", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, WORDS_BYTES))
        goto fail;
    runner->words = mmap(NULL, WORDS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (runner->words == MAP_FAILED) {
        runner->words = NULL;
        goto fail;
    }
    madvise(runner->words, WORDS_BYTES, MADV_DONTFORK);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    runner->words_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (runner->words_fd < 0)
        goto fail;
    close(fd);
    return 0;
fail:;
    int result = -errno;
    if (fd >= 0)
        close(fd);
    return hone_cpu_fail(error, result, "cannot make memory for the words of calls: %s",
                         strerror(-result));
}

int hone_cpu_runner_open(void *self, uint32_t device, void **opened, struct hone_error *error) {
    if (device != 0)
        return hone_cpu_fail(error, -ENODEV, "the cpu backend has one device, not %u", device + 1);
    struct runner *runner = calloc(1, sizeof *runner);
    if (!runner)
        return hone_cpu_fail(error, -ENOMEM, "no memory for a runner");
    *runner = (struct runner){
        .cpu = self, .guest = -1, .guest_pidfd = -1, .socket = -1, .words_fd = -1, .next_id = 1};
    int result = 0;
    if (getrandom(&runner->nonce, sizeof runner->nonce, 0) != (ssize_t)sizeof runner->nonce)
        result = hone_cpu_fail(error, -EIO, "no random numbers from the kernel");
    result = result ? result : make_words(runner, error);
    result = result ? result : start_guest(runner, error);
    result = result ? result : await_hello(runner, error);
    if (result) {
        hone_cpu_runner_close(runner);
        return result;
    }
    *opened = runner;
    return 0;
}

void hone_cpu_runner_close(void *closed) {
    struct runner *runner = closed;
    if (!runner)
        return;
    for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
        hone_cpu_process_stop(runner->processes[i]);
    if (runner->socket >= 0)
        close(runner->socket);
    if (runner->guest > 0) {
        kill(runner->guest, SIGKILL);
        while (waitpid(runner->guest, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (runner->guest_pidfd >= 0)
        close(runner->guest_pidfd);
    if (runner->words_fd >= 0)
        close(runner->words_fd);
    if (runner->words)
        munmap(runner->words, WORDS_BYTES);
    free(runner);
}
