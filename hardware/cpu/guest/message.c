#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    char bytes[CMSG_SPACE(HONE_GUEST_FDS_MAX * sizeof(int))];
    struct cmsghdr align;
};

void hone_reply(const struct hone_guest_reply *reply, int fd) {
    struct iovec vector = {(void *)reply, sizeof *reply};
    union control control;
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof fd);
        memset(control.bytes, 0, CMSG_SPACE(sizeof fd));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    if (sendmsg(HONE_GUEST_SOCKET, &message, MSG_NOSIGNAL) < 0)
        _exit(1);
}

static int collect_fds(struct msghdr *message, int *fds) {
    int count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t bytes = header->cmsg_len - CMSG_LEN(0);
        memcpy(fds + count, CMSG_DATA(header), bytes);
        count += (int)(bytes / sizeof *fds);
    }
    return count;
}

long hone_receive(void *room, size_t room_bytes, int *fds, int *fd_count) {
    union control control;
    struct iovec vector = {room, room_bytes};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t got;
    do
        got = recvmsg(HONE_GUEST_SOCKET, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        _exit(0);
    *fd_count = collect_fds(&message, fds);
    return message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -1 : got;
}
