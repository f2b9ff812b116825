#include "hardware/cuda/cuda.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPEN_LIMIT_NS 60000000000ull /* a driver that sleeps takes its time to wake up */
#define OPEN_TRIES 3                 /* after something died there */
#define REAP_LIMIT_MS 10000

uint64_t hone_cuda_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Between vfork() and exec: system calls only. The driver reads its environment, which is ours. */
static _Noreturn void become_launcher(char *const *arguments, int socket, int mail, int null) {
    extern char **environ;
    if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
        dup2(socket, HONE_LAUNCHER_SOCKET) < 0 || dup2(mail, HONE_LAUNCHER_MAIL) < 0 ||
        close_range(HONE_LAUNCHER_MAIL + 1, ~0u, 0))
        _exit(126);
    execve(arguments[0], arguments, environ);
    _exit(127);
}

static pid_t spawn(char *const *arguments, int socket, int mail, int null) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        become_launcher(arguments, socket, mail, null);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* The same descriptor under a number above those that the launcher gives a meaning. */
static int high(int fd) {
    int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HONE_LAUNCHER_MAIL + 1);
    if (fd >= 0)
        close(fd);
    return moved;
}

int hone_cuda_worker_start(struct cuda *cuda, struct worker **started, struct hone_error *error) {
    char *const arguments[] = {
        cuda->launcher,  cuda->libcuda, cuda->libcupti, cuda->libcublas, cuda->libcudnn,
        cuda->operators, NULL};
    int pair[2] = {-1, -1}, result = 0;
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return hone_cuda_fail(error, -ENOMEM, "no memory for a launcher");
    *worker = (struct worker){.cuda = cuda, .pid = -1, .pidfd = -1, .socket = -1};
    int null = high(open("/dev/null", O_RDWR | O_CLOEXEC));
    int mail = high(memfd_create("hone-mail", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (null < 0 || mail < 0 || ftruncate(mail, HONE_LAUNCHER_MAIL_BYTES) ||
        fcntl(mail, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
        (pair[1] = high(pair[1])) < 0) {
        result = hone_cuda_fail(error, -EMFILE, "cannot make a socket for the launcher: %s",
                                strerror(errno));
        goto out;
    }
    worker->socket = pair[0];
    pair[0] = -1;
    void *mapped =
        mmap(NULL, HONE_LAUNCHER_MAIL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, mail, 0);
    if (mapped == MAP_FAILED) {
        result = hone_cuda_fail(error, -ENOMEM, "no memory for a launcher's mail");
        goto out;
    }
    worker->mail = mapped;
    worker->pid = spawn(arguments, pair[1], mail, null);
    worker->pidfd = worker->pid > 0 ? pidfd_open(worker->pid, 0) : -1;
    if (worker->pidfd < 0)
        result = hone_cuda_fail(error, -EAGAIN, "cannot start %s", cuda->launcher);
out:
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
    if (null >= 0)
        close(null);
    if (mail >= 0)
        close(mail);
    if (result)
        hone_cuda_worker_destroy(worker);
    else
        *started = worker;
    return result;
}

static int send_request(struct worker *worker, const struct hone_launcher_request *request,
                        const int *fds, uint32_t fd_count) {
    union {
        char bytes[CMSG_SPACE(HONE_LAUNCHER_FDS_MAX * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct hone_launcher_request whole = *request;
    struct iovec vector = {&whole, sizeof whole};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    whole.version = HONE_LAUNCHER_VERSION;
    if (fd_count > HONE_LAUNCHER_FDS_MAX)
        return -E2BIG;
    if (fd_count) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(fd_count * sizeof(int)),
                                   .cmsg_level = SOL_SOCKET,
                                   .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
    }
    return sendmsg(worker->socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof whole ? 0 : -EPIPE;
}

static int await(struct worker *worker, uint64_t deadline_ns) {
    for (;;) {
        const uint64_t now = hone_cuda_now_ns();
        const uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
        const struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        struct pollfd polled = {.fd = worker->socket, .events = POLLIN};
        int ready = ppoll(&polled, 1, &timeout, NULL);
        if (ready > 0)
            return 0;
        if (ready == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -EPIPE;
    }
}

int hone_cuda_worker_ask(struct worker *worker, const struct hone_launcher_request *request,
                         const int *fds, uint32_t fd_count, uint64_t limit_ns,
                         struct hone_launcher_reply *reply) {
    *reply = (struct hone_launcher_reply){0};
    int result = send_request(worker, request, fds, fd_count);
    if (result == 0)
        result = await(worker, hone_cuda_now_ns() + limit_ns);
    if (result)
        return result;
    ssize_t got = recv(worker->socket, reply, sizeof *reply, 0);
    if (got != (ssize_t)sizeof *reply || reply->kind != request->kind)
        return -EPIPE;
    reply->text[sizeof reply->text - 1] = reply->note[sizeof reply->note - 1] = '\0';
    return 0;
}

int hone_cuda_worker_destroy(struct worker *worker) {
    int result = 0;
    if (!worker)
        return 0;
    if (worker->socket >= 0)
        close(worker->socket);
    if (worker->pidfd >= 0) {
        struct pollfd polled = {.fd = worker->pidfd, .events = POLLIN};
        pidfd_send_signal(worker->pidfd, SIGKILL, NULL, 0);
        if (poll(&polled, 1, REAP_LIMIT_MS) == 0)
            result = -ETIMEDOUT;
        else
            waitpid(worker->pid, NULL, 0);
        close(worker->pidfd);
    }
    if (worker->mail)
        munmap(worker->mail, HONE_LAUNCHER_MAIL_BYTES);
    free(worker);
    return result;
}

static int open_once(struct cuda *cuda, uint32_t index, struct worker **opened,
                     struct hone_error *error) {
    const struct hone_launcher_request request = {.kind = HONE_LAUNCHER_OPEN, .device = index};
    struct cuda_device *device = &cuda->devices[index];
    struct hone_launcher_reply reply;
    struct worker *worker;
    int result = hone_cuda_worker_start(cuda, &worker, error);
    if (result)
        return result;
    result = hone_cuda_worker_ask(worker, &request, NULL, 0, OPEN_LIMIT_NS, &reply);
    if (result == 0 && reply.status == HONE_LAUNCHER_DONE) {
        snprintf(device->records, sizeof device->records, "%s",
                 reply.has_records ? "" : reply.note);
        *opened = worker;
        return 0;
    }
    hone_cuda_worker_destroy(worker);
    return hone_cuda_fail(error, -EIO, "cuda:%u cannot be used: %s", index,
                          result == -ETIMEDOUT ? "it does not answer"
                          : result             ? "the launcher died while opening it"
                                               : reply.text);
}

/* Quarantine is no state that somebody has to end: a device is used when it has sung, and not when
 * it has not. */
int hone_cuda_worker_open(struct cuda *cuda, uint32_t index, struct worker **worker,
                          struct hone_error *error) {
    struct cuda_device *device = &cuda->devices[index];
    struct hone_error why = {""};
    int result = -EIO;
    for (int i = 0; result && i < (device->suspect ? OPEN_TRIES : 1); i++)
        result = open_once(cuda, index, worker, &why);
    device->suspect = result != 0;
    device->quarantine[0] = '\0';
    if (result == 0)
        return 0;
    snprintf(device->quarantine, sizeof device->quarantine, "%.120s", why.text);
    return hone_cuda_fail(error, result, "%s; the device is left alone until it can be opened",
                          why.text);
}
