#include "core/scorer_process.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Loading plugins, and exec on a machine that is busy. */
#define START_LIMIT_NS 20000000000u

/* Kills the child's whole group, compilers included, while its number is still its own, and reaps
 * it. A child that has already ended keeps the status it ended with. */
static int end_child(struct hone_scorer *scorer) {
    int status = 0;
    if (scorer->pid > 0) {
        kill(-scorer->pid, SIGKILL);
        while (waitpid(scorer->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    if (scorer->socket >= 0)
        close(scorer->socket);
    scorer->pid = 0;
    scorer->socket = -1;
    scorer->pending = false;
    return status;
}

void hone_scorer_stop(struct hone_scorer *scorer) {
    end_child(scorer);
}

/* Who was running: copied once, since the page was the child's to write. */
static void running(const struct hone_scorer *scorer, char plugin[80], char operation[32]) {
    const struct hone_wire_status *status = scorer->exchange;
    memcpy(plugin, status->plugin, 80);
    memcpy(operation, status->operation, 32);
    plugin[79] = operation[31] = '\0';
    for (char *at = plugin; *at; at++)
        *at = *at < ' ' || *at > '~' ? '?' : *at;
    for (char *at = operation; *at; at++)
        *at = *at < ' ' || *at > '~' ? '?' : *at;
    if (!*plugin)
        snprintf(plugin, 80, "scorer");
    if (!*operation)
        snprintf(operation, 32, "no plugin");
}

static int report_late(struct hone_scorer *scorer, struct hone_error *error) {
    char plugin[80], operation[32];
    end_child(scorer);
    running(scorer, plugin, operation);
    return hone_fail(
        error, -EREMOTEIO,
        "%s: %s missed its deadline of %.0f ms; the scorer was stopped and starts anew", plugin,
        operation, (double)scorer->limit_ns / 1e6);
}

/* The socket closed: the child has ended or is about to. */
static int report_end(struct hone_scorer *scorer, struct hone_error *error) {
    char plugin[80], operation[32];
    /* A dying child closes its socket before it can be reaped; its own end is the one to report. */
    struct pollfd ended = {.fd = pidfd_open(scorer->pid, 0), .events = POLLIN};
    if (ended.fd >= 0) {
        while (poll(&ended, 1, 2000) < 0 && errno == EINTR)
            ;
        close(ended.fd);
    }
    int status = end_child(scorer);
    running(scorer, plugin, operation);
    if (WIFSIGNALED(status))
        return hone_fail(error, -EREMOTEIO,
                         "%s: %s crashed with signal %d (%s); the scorer starts anew", plugin,
                         operation, WTERMSIG(status), strsignal(WTERMSIG(status)));
    return hone_fail(
        error, -EREMOTEIO,
        "%s: %s ended the scorer, or its connection, with exit status %d; it starts anew", plugin,
        operation, WEXITSTATUS(status));
}

bool hone_scorer_answered(const struct hone_scorer *scorer) {
    struct pollfd poll_for = {.fd = scorer->socket, .events = POLLIN};
    return !scorer->pending || poll(&poll_for, 1, 0) != 0 || hone_now_ns() >= scorer->deadline_ns;
}

/* Wait until there is something to read. False when the plugin that runs has used up its time. */
static bool wait_readable(struct hone_scorer *scorer) {
    struct hone_wire_status *status = scorer->exchange;
    for (;;) {
        uint64_t now = hone_now_ns();
        uint64_t left = now < scorer->deadline_ns ? scorer->deadline_ns - now : 0;
        uint64_t left_ms = (left + 999999) / 1000000;
        struct pollfd poll_for = {.fd = scorer->socket, .events = POLLIN};
        int ready = poll(&poll_for, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (ready > 0)
            return true;
        if (ready < 0 || left_ms > 0)
            continue;
        uint32_t calls = atomic_load_explicit(&status->calls, memory_order_acquire);
        if (calls == scorer->calls || !scorer->extensions)
            return false;
        scorer->calls = calls;
        scorer->extensions--;
        scorer->deadline_ns = hone_now_ns() + scorer->limit_ns;
    }
}

int hone_scorer_receive(struct hone_scorer *scorer, struct hone_wire_reply *reply,
                        struct hone_error *error) {
    if (!wait_readable(scorer))
        return report_late(scorer, error);
    ssize_t size;
    do
        size = recv(scorer->socket, reply, sizeof *reply, 0);
    while (size < 0 && errno == EINTR);
    if (size <= 0)
        return report_end(scorer, error);
    scorer->pending = false;
    if (size != (ssize_t)sizeof *reply || reply->magic != HONE_WIRE_MAGIC ||
        reply->sequence != scorer->sequence || reply->bytes > HONE_WIRE_ROOM_BYTES ||
        reply->status > 0) {
        char plugin[80], operation[32];
        end_child(scorer);
        running(scorer, plugin, operation);
        return hone_fail(error, -EREMOTEIO,
                         "%s: %s broke the scorer's reply; the scorer starts anew", plugin,
                         operation);
    }
    reply->text[sizeof reply->text - 1] = '\0';
    if (reply->last)
        end_child(scorer);
    if (reply->status)
        hone_fail(error, reply->status, "%.500s", reply->text);
    return reply->status;
}

static int spawn(struct hone_scorer *scorer, const char *program, int child_socket) {
    /* Where the descriptors go must not be where one of them still is. */
    int from[3] = {fcntl(child_socket, F_DUPFD_CLOEXEC, 10),
                   fcntl(scorer->settings_file, F_DUPFD_CLOEXEC, 10),
                   fcntl(scorer->exchange_file, F_DUPFD_CLOEXEC, 10)};
    static const int to[3] = {HONE_WIRE_SOCKET, HONE_WIRE_SETTINGS, HONE_WIRE_EXCHANGE};
    char *const arguments[] = {"hone", "scorer", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, every;
    int result = from[0] < 0 || from[1] < 0 || from[2] < 0 ? -errno : 0;
    sigemptyset(&none);
    sigfillset(&every);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (result)
        goto out;
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &every);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, from[i], to[i]);
    posix_spawn_file_actions_addclosefrom_np(&actions, HONE_WIRE_EXCHANGE + 1);
    result = -posix_spawn(&scorer->pid, program, &actions, &attributes, arguments, environ);
    if (result)
        scorer->pid = 0;
out:
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    for (int i = 0; i < 3; i++)
        if (from[i] >= 0)
            close(from[i]);
    return result;
}

int hone_scorer_start(struct hone_scorer *scorer, struct hone_error *error) {
    struct hone_places places;
    struct hone_wire_reply ready;
    int ends[2];
    int result = hone_places(&places, error);
    if (result)
        return result;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return hone_fail(error, -errno, "a socket for a scorer: %s", strerror(errno));
    memset(scorer->exchange, 0, sizeof(struct hone_wire_status));
    result = spawn(scorer, places.program, ends[1]);
    close(ends[1]);
    scorer->socket = ends[0];
    if (result) {
        end_child(scorer);
        return hone_fail(error, result, "%s scorer: %s", places.program, strerror(-result));
    }
    scorer->sequence = 0;
    scorer->calls = 0;
    scorer->extensions = 0;
    scorer->limit_ns = START_LIMIT_NS;
    scorer->deadline_ns = hone_now_ns() + START_LIMIT_NS;
    scorer->pending = true;
    result = hone_scorer_receive(scorer, &ready, error);
    if (result)
        hone_scorer_stop(scorer);
    return result;
}

static int send_packet(const struct hone_scorer *scorer, const struct hone_wire_request *request,
                       int descriptor) {
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec packet = {.iov_base = (void *)(uintptr_t)request, .iov_len = sizeof *request};
    struct msghdr message = {.msg_iov = &packet, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    }
    ssize_t sent;
    do
        sent = sendmsg(scorer->socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int hone_scorer_send(struct hone_scorer *scorer, struct hone_wire_request *request, int descriptor,
                     uint64_t limit_ns, uint32_t calls, struct hone_error *error) {
    if (scorer->pending)
        return hone_fail(error, -EBUSY, "scorer: a request is still open");
    /* A child that died while nobody asked it anything costs no request. */
    for (int attempt = 0; attempt < 2; attempt++) {
        struct hone_wire_status *status = scorer->exchange;
        int result = scorer->socket < 0 ? hone_scorer_start(scorer, error) : 0;
        if (result)
            return result;
        scorer->calls = atomic_load_explicit(&status->calls, memory_order_acquire);
        scorer->extensions = calls;
        request->magic = HONE_WIRE_MAGIC;
        request->sequence = ++scorer->sequence;
        scorer->limit_ns = limit_ns;
        scorer->deadline_ns = hone_now_ns() + limit_ns;
        result = send_packet(scorer, request, descriptor);
        if (!result) {
            scorer->pending = true;
            return 0;
        }
        if (result != -EPIPE && result != -ECONNRESET)
            return hone_fail(error, result, "scorer: a request: %s", strerror(-result));
        hone_scorer_stop(scorer);
    }
    return hone_fail(error, -EIO, "scorer: it ends as soon as it starts");
}
