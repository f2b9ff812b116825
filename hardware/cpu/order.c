#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAGE 4096u
#define STACK_BYTES_MIN 65536u
#define CHECKING_STACK_BYTES (16u << 20) /* more: instrumented frames are larger */

static int make_image(const struct hone_process_request *request) {
    int fd = memfd_create("hone-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    const char *at = request->image;
    for (uint64_t left = request->image_bytes; left;) {
        ssize_t written = write(fd, at, left);
        if (written < 0 && errno != EINTR) {
            int result = -errno;
            close(fd);
            return result;
        }
        at += written < 0 ? 0 : written;
        left -= written < 0 ? 0 : (uint64_t)written;
    }
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
        int result = -errno;
        close(fd);
        return result;
    }
    return fd;
}

/* Everything that goes along with a start message; `owned` are ours to close. */
struct parcel {
    struct hone_guest_start start;
    int fds[HONE_GUEST_FDS_MAX];
    bool owned[HONE_GUEST_FDS_MAX];
    struct {
        int fd;
        uint32_t writable;
    } origin[HONE_GUEST_FDS_MAX];
    uint32_t count, fixed; /* descriptors; how many of them are no regions' */
};

static void add_fd(struct parcel *parcel, int fd, bool owned) {
    parcel->fds[parcel->count] = fd;
    parcel->owned[parcel->count] = owned;
    parcel->origin[parcel->count].fd = -1;
    parcel->count++;
}

static void close_parcel(struct parcel *parcel) {
    for (uint32_t i = 0; i < parcel->count; i++)
        if (parcel->owned[i])
            close(parcel->fds[i]);
    parcel->count = 0;
}

/* Read-only memory goes over as a descriptor opened for reading, whatever the host's own can do:
 * then no mprotect() of the candidate's makes it writable. */
static int find_fd(struct parcel *parcel, const struct hone_region *region, uint32_t *index) {
    uint32_t writable = region->writable != 0;
    for (*index = parcel->fixed; *index < parcel->count; ++*index)
        if (parcel->origin[*index].fd == region->fd && parcel->origin[*index].writable == writable)
            return 0;
    int fd = region->fd;
    if (!writable) {
        char path[48];
        snprintf(path, sizeof path, "/proc/self/fd/%d", region->fd);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return -errno;
    }
    add_fd(parcel, fd, !writable);
    parcel->origin[*index].fd = region->fd;
    parcel->origin[*index].writable = writable;
    return 0;
}

static bool is_sound(const struct hone_region *region) {
    return region->bytes && region->address % PAGE == 0 && region->offset % PAGE == 0 &&
           region->bytes % PAGE == 0 && region->address >= HONE_GUEST_END &&
           region->bytes < (1ull << 47) && region->address < (1ull << 47) - region->bytes;
}

static int add_regions(struct parcel *parcel, const struct hone_process_request *request,
                       char text[HONE_CPU_TEXT_SIZE]) {
    if (request->region_count > HONE_GUEST_REGIONS_MAX) {
        snprintf(text, HONE_CPU_TEXT_SIZE, "%u regions, at most %d", request->region_count,
                 HONE_GUEST_REGIONS_MAX);
        return -E2BIG;
    }
    for (uint32_t i = 0; i < request->region_count; i++) {
        const struct hone_region *region = &request->regions[i];
        uint32_t index;
        if (!is_sound(region)) {
            snprintf(text, HONE_CPU_TEXT_SIZE,
                     "region %u (0x%llx, %llu bytes) is not on pages above 0x%llx", i,
                     (unsigned long long)region->address, (unsigned long long)region->bytes,
                     HONE_GUEST_END);
            return -EINVAL;
        }
        int result = find_fd(parcel, region, &index);
        if (result)
            return result;
        parcel->start.regions[i] = (struct hone_guest_region){
            region->address, region->offset, region->bytes, index, region->writable != 0};
    }
    parcel->start.region_count = request->region_count;
    return 0;
}

static int send_parcel(const struct runner *runner, struct parcel *parcel) {
    union {
        char bytes[CMSG_SPACE(HONE_GUEST_FDS_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    size_t bytes = parcel->count * sizeof(int);
    struct iovec vector = {&parcel->start,
                           offsetof(struct hone_guest_start, regions) +
                               parcel->start.region_count * sizeof *parcel->start.regions};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(bytes),
    };
    memset(control.bytes, 0, CMSG_SPACE(bytes));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(header), parcel->fds, bytes);
    parcel->start.fd_count = parcel->count;
    return sendmsg(runner->socket, &message, MSG_NOSIGNAL) < 0 ? -EIO : 0;
}

static int add_pipes(struct process *process, struct parcel *parcel) {
    int go[2], done[2];
    if (pipe2(go, O_CLOEXEC | O_DIRECT))
        return -errno;
    process->go_reader = go[0];
    process->go = go[1];
    if (pipe2(done, O_CLOEXEC | O_DIRECT))
        return -errno;
    process->done = done[0];
    add_fd(parcel, go[0], false);
    add_fd(parcel, done[1], true);
    return fcntl(done[0], F_SETFL, O_NONBLOCK | O_DIRECT) ? -errno : 0;
}

int hone_cpu_process_order(struct process *process, const struct hone_process_request *request,
                           char text[HONE_CPU_TEXT_SIZE]) {
    /* Too large for the stack of a measuring thread. */
    struct parcel *parcel = calloc(1, sizeof *parcel);
    if (!parcel)
        return -ENOMEM;
    int image = make_image(request), result = image < 0 ? image : 0;
    if (result)
        goto out;
    add_fd(parcel, image, true);
    add_fd(parcel, process->runner->words_fd, false);
    add_fd(parcel, process->runner->reports_fd, false);
    if (!(process->runner->features & HONE_FEATURE_FILTER))
        result = add_pipes(process, parcel);
    if (result)
        goto out;
    parcel->fixed = parcel->count;
    parcel->start.id = process->id;
    parcel->start.image_bytes = request->image_bytes;
    parcel->start.stack_bytes =
        request->stack_bytes > STACK_BYTES_MIN ? request->stack_bytes : STACK_BYTES_MIN;
    parcel->start.memory_limit_bytes = request->memory_limit_bytes;
    parcel->start.words_offset = process->slot * HONE_SLOT_BYTES;
    parcel->start.report_offset = process->slot * HONE_REPORT_BYTES;
    parcel->start.checking = (request->flags & HONE_PROCESS_CHECKING) != 0;
    parcel->start.untimed = (request->flags & HONE_PROCESS_UNTIMED) != 0;
    if (parcel->start.checking && parcel->start.stack_bytes < CHECKING_STACK_BYTES)
        parcel->start.stack_bytes = CHECKING_STACK_BYTES;
    hone_cpu_control_begin(process, request, parcel->start.stack_bytes);
    parcel->start.blocks = process->blocks;
    result = add_regions(parcel, request, text);
    if (result == 0)
        result = send_parcel(process->runner, parcel);
out:
    close_parcel(parcel);
    free(parcel);
    return result;
}
