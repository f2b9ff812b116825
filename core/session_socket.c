#include "core/error.h"

#include "core/clock.h"
#include "core/session_private.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

#define HELLO_WITHIN_NS 10000000000u
#define LOOK_AWAY_NS 100000000u
#define READ_BYTES 65536u
#define OUTPUT_MAX (16u << 20)

/* One line that an agent of either kind understands as a refusal. */
static void refuse_socket(int socket, int code, const char *text) {
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

void hone_lane_refuse(struct hone_lane *lane, int code, const char *text) {
    refuse_socket(lane->socket, code, text);
    hone_lane_gone(lane);
}

static void flush_output(struct hone_lane *lane) {
    struct hone_buffer *output = &lane->output;
    size_t sent = 0;
    while (sent < output->used) {
        ssize_t count = send(lane->socket, output->bytes + sent, output->used - sent,
                             MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno != EAGAIN)
            hone_lane_gone(lane);
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

static void first_line(struct hone_lane *lane, const char *line, size_t count) {
    json_t *root = json_loadb(line, count, 0, NULL);
    if (json_object_get(root, "hone")) {
        hone_lane_greet(lane, root);
    } else if (json_is_object(root) || json_is_array(root)) {
        lane->state = HONE_LANE_JSON;
        hone_json_input(lane, line, count);
    } else {
        hone_lane_refuse(lane, -EPROTO, "the first line is neither a hello nor a JSON-RPC request");
    }
    json_decref(root);
}

/* False: a bell, or nothing. */
static bool take_line(struct hone_lane *lane, const char *line, size_t count) {
    if (count && line[count - 1] == '\r')
        count--;
    if (!count)
        return false;
    if (lane->state == HONE_LANE_NEW)
        first_line(lane, line, count);
    else if (lane->state == HONE_LANE_JSON)
        hone_json_input(lane, line, count);
    else
        hone_lane_strike(lane, "bytes other than line ends on the socket");
    return true;
}

static void take_lines(struct hone_lane *lane) {
    struct hone_buffer *input = &lane->input;
    size_t done = 0;
    lane->more = false;
    for (int taken = 0; !lane->doomed;) {
        const char *start = input->bytes + done;
        const char *end = memchr(start, '\n', input->used - done);
        if (!end)
            break;
        if (taken == HONE_LINES_AT_ONCE) {
            lane->more = true;
            break;
        }
        done += (size_t)(end - start) + 1;
        taken += take_line(lane, start, (size_t)(end - start));
    }
    input->used -= done;
    memmove(input->bytes, input->bytes + done, input->used);
    /* A source grows at most sixfold as a JSON string. */
    if (!lane->more && input->used > 6u * lane->session->options.action_bytes + READ_BYTES)
        hone_lane_doom(lane, "a line of more than %zu bytes", input->used);
}

bool hone_lane_read_on(struct hone_lane *lane) {
    if (!lane->more || lane->doomed)
        return false;
    take_lines(lane);
    return true;
}

static void socket_ready(void *context, uint32_t events) {
    struct hone_lane *lane = context;
    if (lane->doomed)
        return;
    if (events & EPOLLOUT)
        flush_output(lane);
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP | EPOLLERR)) || lane->more)
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
        hone_lane_gone(lane);
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
    refuse_socket(socket, status, why);
    close(socket);
}

static void listen_again(void *context) {
    struct hone_session *session = context;
    session->listen_timer = 0;
    (void)hone_loop_change(session->loop, session->listener, EPOLLIN);
}

/* Nobody can be taken, nor told so: the caller would keep the loop awake until descriptors are free
 * again. */
static void look_away(struct hone_session *session) {
    int64_t timer =
        hone_loop_at(session->loop, hone_now_ns() + LOOK_AWAY_NS, listen_again, session);
    if (timer <= 0)
        return;
    session->listen_timer = timer;
    (void)hone_loop_change(session->loop, session->listener, 0);
}

static void callers_wait(void *context, uint32_t events) {
    struct hone_session *session = context;
    (void)events;
    for (int i = 0; i < 16; i++) {
        int socket = accept4(session->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0 && (errno == EMFILE || errno == ENFILE))
            look_away(session);
        if (socket < 0)
            return;
        take_caller(session, socket);
    }
}

/* No agent has a descriptor to give us, and closing one may block for as long as its sender likes
 * (a TCP socket that lingers): such a message fails at the sender. Kernels before 6.16 cannot
 * refuse it. Sockets of callers inherit this from the listener. */
static void refuse_descriptors(int socket) {
    (void)setsockopt(socket, SOL_SOCKET, SO_PASSRIGHTS, &(int){0}, sizeof(int));
}

int hone_session_listen(struct hone_session *session, struct hone_error *error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, session->socket_path, sizeof address.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0)
        return hone_fail(error, -errno, "no socket: %s", strerror(errno));
    session->listener = listener;
    refuse_descriptors(listener);
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
    refuse_descriptors(socket);
    int status = add_lane(session, socket, geteuid());
    if (status)
        return hone_fail(error, status, "descriptor %d is no connected socket: %s", socket,
                         strerror(-status));
    return 0;
}
