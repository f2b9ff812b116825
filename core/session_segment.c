#include "core/error.h"
#include "core/session_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif

#define PAGE 4096u

static int create_sealed(void) {
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int descriptor = memfd_create("hone", flags | MFD_NOEXEC_SEAL);
    if (descriptor < 0 && errno == EINVAL) /* before Linux 6.3 */
        descriptor = memfd_create("hone", flags);
    return descriptor < 0 ? -errno : descriptor;
}

/* The lock says that a server lives, so a name is ours only once it is locked and still linked: a
 * sweep may have come between. */
static int create_named(const char *name) {
    for (int attempt = 0; attempt < 8; attempt++) {
        int descriptor = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
        if (descriptor < 0)
            return -errno;
        struct stat facts;
        if (!flock(descriptor, LOCK_EX | LOCK_NB) && !fstat(descriptor, &facts) && facts.st_nlink)
            return descriptor;
        close(descriptor);
    }
    return -EBUSY;
}

/* An empty name: sealed memory. */
static int create_segment(struct hone_segment *segment, const char *name, uint64_t bytes,
                          struct hone_error *error) {
    bool named = name[0] != '\0';
    *segment = (struct hone_segment){.descriptor = -1, .bytes = bytes};
    int descriptor = named ? create_named(name) : create_sealed();
    if (descriptor < 0)
        return hone_fail(error, descriptor, "shared memory %s cannot be created: %s", name,
                         strerror(-descriptor));
    segment->descriptor = descriptor;
    snprintf(segment->name, sizeof segment->name, "%s", name);
    int status = ftruncate(descriptor, (off_t)bytes) ? -errno : 0;
    /* A name lives in /dev/shm, which is often small: better no room now than a SIGBUS in the agent
     * later. */
    if (!status && named)
        status = -posix_fallocate(descriptor, 0, (off_t)bytes);
    if (!status) {
        segment->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (segment->base == MAP_FAILED) {
            status = -errno;
            segment->base = NULL;
        }
    }
    if (status) {
        hone_segment_destroy(segment);
        return hone_fail(error, status, "no room for %llu bytes of shared memory: %s",
                         (unsigned long long)bytes, strerror(-status));
    }
    return 0;
}

static int seal(const struct hone_segment *segment, bool read_only) {
    if (segment->name[0])
        return 0;
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (read_only ? F_SEAL_FUTURE_WRITE : 0);
    return fcntl(segment->descriptor, F_ADD_SEALS, seals) ? -errno : 0;
}

void hone_segment_destroy(struct hone_segment *segment) {
    if (segment->base)
        munmap(segment->base, segment->bytes);
    if (segment->descriptor >= 0) {
        if (segment->name[0])
            shm_unlink(segment->name);
        close(segment->descriptor);
    }
    *segment = (struct hone_segment){.descriptor = -1};
}

static uint32_t ring_offset(uint32_t kind) {
    return kind == HONE_SEGMENT_UP ? sizeof(struct hone_up) : sizeof(struct hone_down);
}

static uint32_t line_count(uint32_t slots) {
    uint32_t lines = 16;
    while (lines < 2 * slots)
        lines *= 2;
    return lines;
}

static uint32_t block_offset(uint32_t kind, uint32_t slots) {
    uint32_t end = ring_offset(kind) + line_count(slots) * (uint32_t)sizeof(struct hone_line);
    return (end + PAGE - 1) / PAGE * PAGE;
}

static void write_header(const struct hone_session *session, const struct hone_lane *lane,
                         const struct hone_segment *segment, uint32_t kind) {
    struct hone_header header = {
        .magic = HONE_LAYOUT_MAGIC,
        .major = HONE_LAYOUT_MAJOR,
        .minor = HONE_LAYOUT_MINOR,
        .endian = HONE_LAYOUT_ENDIAN,
        .layout_hash = HONE_LAYOUT_HASH,
        .session_id = session->id,
        .header_bytes = sizeof header,
        .kind = kind,
        .total_bytes = segment->bytes,
        .server_pid = getpid(),
    };
    if (lane) {
        header.lane = lane->id;
        header.slots = lane->slots;
        header.line_bytes = sizeof(struct hone_line);
        header.line_count = line_count(lane->slots);
        header.ring_offset = ring_offset(kind);
        header.block_offset = block_offset(kind, lane->slots);
        header.block_bytes = kind == HONE_SEGMENT_UP ? session->options.action_bytes
                                                     : session->options.observation_bytes;
        header.block_count = lane->slots;
    } else {
        header.text_offset = sizeof(struct hone_ctl);
        header.text_bytes = (uint32_t)strlen(session->catalogue);
    }
    struct hone_header *shared = (void *)segment->base;
    *shared = header;
    __atomic_store_n(&shared->ready, 1u, __ATOMIC_RELEASE);
}

/* What a segment begins with. One that has a name may be cut short from the moment it has it. */
struct filling {
    const struct hone_session *session;
    const struct hone_lane *lane; /* NULL: of CTL */
    const struct hone_segment *segment;
    uint32_t kind;
};

static void fill(void *context) {
    const struct filling *filling = context;
    const struct hone_session *session = filling->session;
    char *base = filling->segment->base;
    if (filling->kind == HONE_SEGMENT_CTL)
        memcpy(base + sizeof(struct hone_ctl), session->catalogue, strlen(session->catalogue));
    if (filling->kind == HONE_SEGMENT_UP)
        hone_bell_prepare((void *)base);
    write_header(session, filling->lane, filling->segment, filling->kind);
}

static int fill_segment(struct filling filling, struct hone_error *error) {
    int status = hone_guard(fill, &filling);
    if (status)
        return hone_fail(error, status, "shared memory %s was truncated", filling.segment->name);
    status = seal(filling.segment, filling.kind != HONE_SEGMENT_UP);
    if (status)
        return hone_fail(error, status, "shared memory cannot be sealed: %s", strerror(-status));
    return 0;
}

static uint64_t ctl_bytes(const struct hone_session *session) {
    return sizeof(struct hone_ctl) + strlen(session->catalogue) + 1;
}

static int fill_ctl(struct hone_session *session, struct hone_segment *ctl, const char *name,
                    struct hone_error *error) {
    int status = create_segment(ctl, name, ctl_bytes(session), error);
    if (status)
        return status;
    status = fill_segment((struct filling){session, NULL, ctl, HONE_SEGMENT_CTL}, error);
    if (status) /* another agent may find its own whole */
        hone_segment_destroy(ctl);
    return status;
}

int hone_session_create_ctl(struct hone_session *session, struct hone_error *error) {
    return fill_ctl(session, &session->ctl, "", error);
}

static void segment_name(char *name, size_t size, const struct hone_session *session,
                         const char *end) {
    snprintf(name, size, "/hone.%s.%016llx.%s", session->name, (unsigned long long)session->id,
             end);
}

static int name_ctl(struct hone_session *session, struct hone_error *error) {
    if (session->named_ctl.base)
        return 0;
    char name[96];
    segment_name(name, sizeof name, session, "ctl");
    return fill_ctl(session, &session->named_ctl, name, error);
}

static void copy_counters(void *context) {
    struct hone_session *session = context;
    const struct hone_ctl *from = (const void *)session->ctl.base;
    struct hone_ctl *to = (void *)session->named_ctl.base;
    to->counters = from->counters;
}

void hone_session_refresh_ctl(struct hone_session *session) {
    /* Whoever truncated it loses its own counters only. */
    if (session->named_ctl.base)
        (void)hone_guard(copy_counters, session);
}

static int create_half(struct hone_lane *lane, struct hone_segment *segment, uint32_t kind,
                       bool named, struct hone_error *error) {
    const struct hone_session *session = lane->session;
    char name[96] = "", end[32];
    bool up = kind == HONE_SEGMENT_UP;
    snprintf(end, sizeof end, "%u.%s", lane->id, up ? "up" : "down");
    if (named)
        segment_name(name, sizeof name, session, end);
    uint64_t stride = up ? session->options.action_bytes : session->options.observation_bytes;
    int status = create_segment(segment, name,
                                block_offset(kind, lane->slots) + lane->slots * stride, error);
    if (status)
        return status;
    return fill_segment((struct filling){session, lane, segment, kind}, error);
}

int hone_lane_create_segments(struct hone_lane *lane, bool named, struct hone_error *error) {
    int status = named ? name_ctl(lane->session, error) : 0;
    if (!status)
        status = create_half(lane, &lane->up, HONE_SEGMENT_UP, named, error);
    if (!status)
        status = create_half(lane, &lane->down, HONE_SEGMENT_DOWN, named, error);
    if (status)
        return status;
    uint32_t lines = line_count(lane->slots);
    lane->requests =
        (struct hone_ring){(void *)(lane->up.base + ring_offset(HONE_SEGMENT_UP)), lines, 1};
    lane->replies =
        (struct hone_ring){(void *)(lane->down.base + ring_offset(HONE_SEGMENT_DOWN)), lines, 1};
    lane->actions = lane->up.base + block_offset(HONE_SEGMENT_UP, lane->slots);
    lane->observations = lane->down.base + block_offset(HONE_SEGMENT_DOWN, lane->slots);
    lane->held_capacity = lines + lane->slots;
    lane->held = calloc(lane->held_capacity, sizeof *lane->held);
    return lane->held ? 0 : hone_fail(error, -ENOMEM, "out of memory");
}
