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
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

static void peer_died(void *context, uint32_t events) {
    (void)events;
    hone_lane_gone(context);
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
        hone_lane_gone(other);
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
    free(lane->slot); /* of an attempt that was refused, for another number of slots */
    lane->slot = calloc(slots, sizeof *lane->slot);
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

void hone_lane_greet(struct hone_lane *lane, const struct json_t *root) {
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
        hone_lane_refuse(lane, status, error.text);
        return;
    }
    lane->state = HONE_LANE_SHARED;
    if (send_welcome(lane, &hello, named, token != 0))
        hone_lane_gone(lane);
}
