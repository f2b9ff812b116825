#include "core/error.h"
#include "core/session_private.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define HELLO_WITHIN_NS 10000000000u
#define READ_BYTES 65536u
#define OUTPUT_MAX (16u << 20)

static void socket_ready(void *context, uint32_t events);

static void flush_output(struct hone_lane *lane) {
    struct hone_buffer *output = &lane->output;
    size_t sent = 0;
    while (sent < output->used) {
        ssize_t count = send(lane->socket, output->bytes + sent, output->used - sent,
                             MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno != EAGAIN)
            hone_lane_doom(lane, "%s", "");
        if (count < 0)
            break;
        sent += (size_t)count;
    }
    output->used -= sent;
    memmove(output->bytes, output->bytes + sent, output->used);
    uint32_t events = EPOLLIN | EPOLLRDHUP | (output->used ? (uint32_t)EPOLLOUT : 0);
    (void)hone_loop_change(lane->session->loop, lane->socket, events);
}

static int reserve(struct hone_buffer *buffer, size_t more) {
    if (buffer->used + more <= buffer->capacity)
        return 0;
    size_t capacity = buffer->capacity ? buffer->capacity : 4096;
    while (capacity < buffer->used + more)
        capacity *= 2;
    char *bytes = realloc(buffer->bytes, capacity);
    if (!bytes)
        return -ENOMEM;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return 0;
}

void hone_lane_send(struct hone_lane *lane, const char *bytes, size_t count) {
    if (lane->output.used + count > OUTPUT_MAX || reserve(&lane->output, count)) {
        hone_lane_doom(lane, "it does not read its replies");
        return;
    }
    memcpy(lane->output.bytes + lane->output.used, bytes, count);
    lane->output.used += count;
    flush_output(lane);
}

/* One line that an agent of either kind understands as a refusal. */
static void send_refusal(int socket, int code, const char *text) {
    json_t *line =
        json_pack("{s:s, s:s, s:n, s:{s:i, s:s, s:{s:i}}}", "hone", "refused", "jsonrpc", "2.0",
                  "id", "error", "code", -32000, "message", text, "data", "errno", code);
    char *bytes = line ? json_dumps(line, JSON_COMPACT) : NULL;
    if (bytes) {
        size_t count = strlen(bytes);
        bytes[count] = '\n'; /* in place of the NUL */
        (void)send(socket, bytes, count + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    free(bytes);
    json_decref(line);
}

static void refuse(struct hone_lane *lane, int code, const char *text) {
    send_refusal(lane->socket, code, text);
    hone_lane_doom(lane, "%s", "");
}

static void peer_died(void *context, uint32_t events) {
    (void)events;
    hone_lane_doom(context, "%s", "");
}

/* The process behind a socket may end while a child of it keeps the socket open. */
static void watch_peer(struct hone_lane *lane) {
    int pidfd = -1;
    socklen_t size = sizeof pidfd;
    if (getsockopt(lane->socket, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size)) {
        struct ucred peer = {0};
        size = sizeof peer;
        if (getsockopt(lane->socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) || peer.pid <= 0)
            return;
        pidfd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
    }
    if (pidfd < 0)
        return;
    if (hone_loop_add(lane->session->loop, pidfd, EPOLLIN, peer_died, lane))
        close(pidfd);
    else
        lane->pidfd = pidfd;
}

static bool hung_up(int socket) {
    struct pollfd look = {.fd = socket, .events = POLLRDHUP};
    return poll(&look, 1, 0) > 0 && look.revents;
}

/* A token names one agent: its earlier lane must be gone, and may be so without our having noticed
 * yet. */
static int leave_earlier(struct hone_lane *lane, uint64_t token) {
    struct hone_session *session = lane->session;
    for (uint32_t i = 0; i < session->lane_count; i++) {
        struct hone_lane *other = session->lanes[i];
        if (other == lane || !other->attached || other->token != token)
            continue;
        if (!other->doomed && !hung_up(other->socket))
            return -EBUSY;
        hone_lane_doom(other, "%s", "");
        hone_session_bury(session);
        return 0;
    }
    return 0;
}

int hone_lane_attach(struct hone_lane *lane, uint32_t slots, uint64_t token,
                     struct hone_error *error) {
    struct hone_session *session = lane->session;
    if (slots < 1 || slots > session->options.slots_max)
        return hone_fail(error, -EINVAL, "asked for %u slots, this server gives 1 to %u", slots,
                         session->options.slots_max);
    bool returning = token != 0;
    if (returning && leave_earlier(lane, token))
        return hone_fail(error, -EBUSY, "an agent with this token is attached already");
    while (!token)
        if (getrandom(&token, sizeof token, 0) != sizeof token)
            return hone_fail(error, -EIO, "no random numbers");
    lane->slot = lane->slot ? lane->slot : calloc(slots, sizeof *lane->slot);
    if (!lane->slot)
        return hone_fail(error, -ENOMEM, "the server is out of memory");
    lane->slots = slots;
    lane->token = token;
    int status =
        session->events.attached(session->events.context, lane, slots, token, returning, error);
    if (status)
        return status;
    lane->attached = true;
    struct hone_counters *counters = hone_session_counters(session);
    counters->lanes++;
    counters->lanes_attached++;
    watch_peer(lane);
    hone_loop_forget(session->loop, lane->hello_timer);
    lane->hello_timer = 0;
    return 0;
}

struct hello {
    int major, minor;
    const char *layout, *map, *wake, *token;
    uint32_t slots;
};

static const char *text_of(const json_t *root, const char *key, const char *fallback) {
    const char *text = json_string_value(json_object_get(root, key));
    return text ? text : fallback;
}

static int check_version(const struct hello *hello, struct hone_error *error) {
    char hash[24];
    snprintf(hash, sizeof hash, "%016llx", HONE_LAYOUT_HASH);
    bool same = hello->major == HONE_LAYOUT_MAJOR &&
                (hello->minor != HONE_LAYOUT_MINOR || !strcmp(hello->layout, hash));
    if (same)
        return 0;
    return hone_fail(error, -EPROTO,
                     "the server has session layout %d.%d (%s), the agent %d.%d (%.16s): use a "
                     "client and a server of the same version",
                     HONE_LAYOUT_MAJOR, HONE_LAYOUT_MINOR, hash, hello->major, hello->minor,
                     hello->layout);
}

static int choose_bell(struct hone_lane *lane, const char *wake, struct hone_error *error) {
    if (!strcmp(wake, "futex"))
        lane->bell = HONE_BELL_FUTEX;
    else if (!strcmp(wake, "socket"))
        lane->bell = HONE_BELL_SOCKET;
    else if (!strcmp(wake, "semaphore") && lane->session->semaphores)
        lane->bell = HONE_BELL_SEMAPHORE;
    else if (!strcmp(wake, "semaphore"))
        return hone_fail(error, -EOPNOTSUPP,
                         "this server cannot ring semaphores: ask for futex or socket");
    else
        return hone_fail(error, -EINVAL, "wake '%.20s' is none of futex, semaphore, socket", wake);
    return 0;
}

static int choose_map(const struct hone_lane *lane, const char *map, bool *named,
                      struct hone_error *error) {
    *named = !strcmp(map, "named");
    if (!*named && strcmp(map, "memfd"))
        return hone_fail(error, -EINVAL, "map '%.20s' is none of memfd, named", map);
    if (*named && !lane->session->options.named_segments)
        return hone_fail(error, -EOPNOTSUPP,
                         "this server does not offer shared memory by name: ask for memfd");
    if (*named && lane->uid != geteuid())
        return hone_fail(error, -EACCES, "shared memory by name is for the server's own user");
    return 0;
}

static int send_with_descriptors(struct hone_lane *lane, const char *line, size_t count,
                                 bool named) {
    int descriptors[3] = {lane->session->ctl.descriptor, lane->up.descriptor,
                          lane->down.descriptor};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof descriptors)];
    } control = {.bytes = {0}};
    struct iovec part = {.iov_base = (char *)(uintptr_t)line, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (!named) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof descriptors);
        memcpy(CMSG_DATA(rights), descriptors, sizeof descriptors);
    }
    ssize_t sent = sendmsg(lane->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == (ssize_t)count ? 0 : -EIO;
}

/* Flat on purpose: a client in C finds its keys without a JSON library. */
static int send_welcome(struct hone_lane *lane, const struct hello *hello, bool named,
                        bool returning) {
    const struct hone_session *session = lane->session;
    const struct hone_segment *ctl = named ? &session->named_ctl : &session->ctl;
    char line[1024];
    int count = snprintf(
        line, sizeof line,
        "{\"hone\":\"welcome\",\"major\":%d,\"minor\":%d,\"layout\":\"%016llx\","
        "\"session\":\"%016" PRIx64 "\",\"lane\":%u,\"slots\":%u,\"token\":\"%016" PRIx64 "\","
        "\"returning\":%s,\"map\":\"%s\",\"wake\":\"%s\",\"ctl_bytes\":%" PRIu64
        ",\"up_bytes\":%" PRIu64 ",\"down_bytes\":%" PRIu64
        ",\"ctl_name\":\"%s\",\"up_name\":\"%s\",\"down_name\":\"%s\"}\n",
        HONE_LAYOUT_MAJOR, HONE_LAYOUT_MINOR, HONE_LAYOUT_HASH, session->id, lane->id, lane->slots,
        lane->token, returning ? "true" : "false", named ? "named" : "memfd", hello->wake,
        ctl->bytes, lane->up.bytes, lane->down.bytes, ctl->name, lane->up.name, lane->down.name);
    return send_with_descriptors(lane, line, (size_t)count, named);
}

static void greet(struct hone_lane *lane, const json_t *root) {
    struct hello hello = {
        .major = (int)json_integer_value(json_object_get(root, "major")),
        .minor = (int)json_integer_value(json_object_get(root, "minor")),
        .layout = text_of(root, "layout", ""),
        .map = text_of(root, "map", "memfd"),
        .wake = text_of(root, "wake", "futex"),
        .token = text_of(root, "token", "0"),
        .slots = 1,
    };
    json_int_t slots = json_integer_value(json_object_get(root, "slots"));
    if (slots)
        hello.slots = slots > 0 && slots <= HONE_SLOTS_MAX ? (uint32_t)slots : HONE_SLOTS_MAX + 1;
    uint64_t token = strtoull(hello.token, NULL, 16);
    struct hone_error error = {.text = ""};
    bool named = false;
    int status = check_version(&hello, &error);
    if (!status)
        status = choose_map(lane, hello.map, &named, &error);
    if (!status)
        status = choose_bell(lane, hello.wake, &error);
    if (!status)
        status = hone_lane_attach(lane, hello.slots, token, &error);
    if (!status)
        status = hone_lane_create_segments(lane, named, &error);
    if (status) {
        refuse(lane, status, error.text);
        return;
    }
    lane->state = HONE_LANE_SHARED;
    if (send_welcome(lane, &hello, named, token != 0))
        hone_lane_doom(lane, "%s", "");
}

static void first_line(struct hone_lane *lane, const char *line, size_t count) {
    json_t *root = json_loadb(line, count, 0, NULL);
    if (json_object_get(root, "hone")) {
        greet(lane, root);
    } else if (json_is_object(root) || json_is_array(root)) {
        lane->state = HONE_LANE_JSON;
        hone_json_input(lane, line, count);
    } else {
        refuse(lane, -EPROTO, "the first line is neither a hello nor a JSON-RPC request");
    }
    json_decref(root);
}

static void take_line(struct hone_lane *lane, const char *line, size_t count) {
    if (count && line[count - 1] == '\r')
        count--;
    if (!count) /* a bell, or nothing */
        return;
    if (lane->state == HONE_LANE_NEW)
        first_line(lane, line, count);
    else if (lane->state == HONE_LANE_JSON)
        hone_json_input(lane, line, count);
    else
        hone_lane_strike(lane, "bytes other than line ends on the socket");
}

static void take_lines(struct hone_lane *lane) {
    struct hone_buffer *input = &lane->input;
    size_t done = 0;
    while (!lane->doomed) {
        const char *start = input->bytes + done;
        const char *end = memchr(start, '\n', input->used - done);
        if (!end)
            break;
        done += (size_t)(end - start) + 1;
        take_line(lane, start, (size_t)(end - start));
    }
    input->used -= done;
    memmove(input->bytes, input->bytes + done, input->used);
    /* A source grows at most sixfold as a JSON string. */
    if (input->used > 6u * lane->session->options.action_bytes + READ_BYTES)
        hone_lane_doom(lane, "a line of more than %zu bytes", input->used);
}

static void socket_ready(void *context, uint32_t events) {
    struct hone_lane *lane = context;
    if (lane->doomed)
        return;
    if (events & EPOLLOUT)
        flush_output(lane);
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP | EPOLLERR)))
        return;
    if (reserve(&lane->input, READ_BYTES)) {
        hone_lane_doom(lane, "the server is out of memory");
        return;
    }
    ssize_t count =
        recv(lane->socket, lane->input.bytes + lane->input.used, READ_BYTES, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        hone_lane_doom(lane, "%s", "");
        return;
    }
    lane->input.used += (size_t)count;
    take_lines(lane);
}

static void said_nothing(void *context) {
    struct hone_lane *lane = context;
    lane->hello_timer = 0;
    hone_lane_doom(lane, "it never said hello");
}

static int add_lane(struct hone_session *session, int socket, uid_t uid) {
    struct hone_lane *lane = hone_lane_create(session, socket);
    if (!lane)
        return -ENOMEM;
    lane->uid = uid;
    int status = hone_loop_add(session->loop, socket, EPOLLIN | EPOLLRDHUP, socket_ready, lane);
    if (status) {
        free(lane);
        return status;
    }
    if (!session->is_private) {
        int64_t timer =
            hone_loop_at(session->loop, hone_now_ns() + HELLO_WITHIN_NS, said_nothing, lane);
        lane->hello_timer = timer > 0 ? timer : 0;
    }
    session->lanes[session->lane_count++] = lane;
    return 0;
}

static bool in_group(int socket, gid_t primary, gid_t group) {
    if (primary == group)
        return true;
    gid_t groups[256];
    socklen_t size = sizeof groups;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
        return false;
    for (size_t i = 0; i < size / sizeof groups[0]; i++)
        if (groups[i] == group)
            return true;
    return false;
}

static void take_caller(struct hone_session *session, int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    const char *why = NULL;
    int status = -EACCES;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size))
        why = "the caller cannot be identified";
    else if (peer.uid != geteuid() && peer.uid != 0 &&
             (session->group == (gid_t)-1 || !in_group(socket, peer.gid, session->group)))
        why = "this server is another user's: start it with --group to share it";
    else if (session->lane_count == session->options.lanes_max) {
        why = "every lane of this server is taken";
        status = -EUSERS;
    } else if (add_lane(session, socket, peer.uid)) {
        why = "the server is out of memory";
        status = -ENOMEM;
    }
    if (!why)
        return;
    send_refusal(socket, status, why);
    close(socket);
}

static void callers_wait(void *context, uint32_t events) {
    struct hone_session *session = context;
    (void)events;
    for (int i = 0; i < 16; i++) {
        int socket = accept4(session->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0)
            return;
        take_caller(session, socket);
    }
}

int hone_session_listen(struct hone_session *session, struct hone_error *error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, session->socket_path, sizeof address.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0)
        return hone_fail(error, -errno, "no socket: %s", strerror(errno));
    session->listener = listener;
    bool shared = session->group != (gid_t)-1;
    /* The lock is ours, so a socket of this name is a dead server's. */
    unlink(session->socket_path);
    mode_t mask = umask(0177);
    int status = bind(listener, (const void *)&address, sizeof address) ? -errno : 0;
    umask(mask);
    if (!status && shared &&
        (chown(session->socket_path, (uid_t)-1, session->group) ||
         chmod(session->socket_path, 0660)))
        status = -errno;
    if (!status && listen(listener, 128))
        status = -errno;
    if (!status)
        status = hone_loop_add(session->loop, listener, EPOLLIN, callers_wait, session);
    if (status)
        return hone_fail(error, status, "cannot listen on %s: %s", session->socket_path,
                         strerror(-status));
    return 0;
}

int hone_session_adopt(struct hone_session *session, int socket, struct hone_error *error) {
    int status = add_lane(session, socket, geteuid());
    if (status)
        return hone_fail(error, status, "descriptor %d is no connected socket: %s", socket,
                         strerror(-status));
    return 0;
}
