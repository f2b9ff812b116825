#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ATTACH_NS 10000000000u

int hone_client_fail(struct hone_client_error *error, int code, const char *format, ...) {
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

static void unmap(struct hone_mapping *mapping) {
    if (mapping->base)
        munmap(mapping->base, mapping->bytes);
    *mapping = (struct hone_mapping){0};
}

struct hone *hone_client_create(int socket) {
    struct hone *hone = calloc(1, sizeof *hone);
    if (!hone)
        return NULL;
    hone->socket = socket;
    hone_spin_init(&hone->spin);
    return hone;
}

void hone_client_destroy(struct hone *hone) {
    unmap(&hone->ctl);
    unmap(&hone->up);
    unmap(&hone->down);
    if (hone->socket >= 0)
        close(hone->socket);
    free(hone);
}

/* The welcome is one flat JSON object from a server we trust; these find what stands behind a key.
 */
static const char *find_value(const char *line, const char *key) {
    char pattern[32];
    snprintf(pattern, sizeof pattern, "\"%s\":", key);
    const char *found = strstr(line, pattern);
    if (!found)
        return "";
    found += strlen(pattern);
    while (*found == ' ')
        found++;
    return found;
}

static void find_text(const char *line, const char *key, char *to, size_t size) {
    const char *from = find_value(line, key);
    size_t used = 0;
    if (*from++ == '"') {
        for (; *from && *from != '"' && used + 1 < size; from++) {
            if (*from == '\\' && from[1])
                from++;
            to[used++] = *from;
        }
    }
    to[used] = '\0';
}

static uint64_t find_number(const char *line, const char *key) {
    const char *text = find_value(line, key);
    return strtoull(text, NULL, 10);
}

struct welcome {
    char line[2048];
    size_t used;
    int descriptors[3]; /* CTL, UP, DOWN */
    int count;
};

static void take_descriptors(struct welcome *welcome, struct msghdr *message) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(part) + i * sizeof descriptor, sizeof descriptor);
            if (welcome->count < 3)
                welcome->descriptors[welcome->count++] = descriptor;
            else
                close(descriptor);
        }
    }
}

static int receive_some(int socket, struct welcome *welcome) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(8 * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = welcome->line + welcome->used,
                         .iov_len = sizeof welcome->line - 1 - welcome->used};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    take_descriptors(welcome, &message);
    welcome->used += (size_t)count;
    welcome->line[welcome->used] = '\0';
    if (count == 0 || (message.msg_flags & MSG_CTRUNC))
        return -ECONNRESET;
    return 0;
}

static int receive_welcome(int socket, struct welcome *welcome, uint64_t deadline_ns,
                           struct hone_client_error *error) {
    while (!strchr(welcome->line, '\n')) {
        uint64_t now = hone_client_now_ns();
        if (now >= deadline_ns)
            return hone_client_fail(error, -ETIMEDOUT, "the server did not answer the hello");
        struct pollfd look = {.fd = socket, .events = POLLIN};
        int left_ms = (int)((deadline_ns - now) / 1000000u) + 1;
        if (poll(&look, 1, left_ms) < 0 && errno != EINTR)
            return hone_client_fail(error, -errno, "waiting for the server: %s", strerror(errno));
        int status = look.revents ? receive_some(socket, welcome) : 0;
        if (!status && welcome->used == sizeof welcome->line - 1)
            status = -EPROTO;
        if (status)
            return hone_client_fail(error, status, "the server closed before it welcomed us: %s",
                                    strerror(-status));
    }
    return 0;
}

static int say_hello(int socket, const struct hone_attach_options *options,
                     struct hone_client_error *error) {
    static const char *const wakes[] = {"futex", "semaphore", "socket"};
    static const char *const maps[] = {"memfd", "named"};
    if (options->wake > HONE_WAKE_SOCKET || options->map > HONE_MAP_NAMED)
        return hone_client_fail(error, -EINVAL, "unknown wake or map choice");
    char line[256];
    int count = snprintf(
        line, sizeof line,
        "{\"hone\":\"hello\",\"major\":%d,\"minor\":%d,\"layout\":\"%016llx\","
        "\"slots\":%u,\"map\":\"%s\",\"wake\":\"%s\",\"token\":\"%016" PRIx64 "\"}\n",
        HONE_LAYOUT_MAJOR, HONE_LAYOUT_MINOR, HONE_LAYOUT_HASH, options->slots ? options->slots : 1,
        maps[options->map], wakes[options->wake], options->token);
    ssize_t sent = send(socket, line, (size_t)count, MSG_NOSIGNAL);
    /* A server that refuses at the door has closed already, and its reason waits to be read. */
    if (sent != count && errno != EPIPE && errno != ECONNRESET)
        return hone_client_fail(error, -errno, "the hello could not be sent: %s", strerror(errno));
    return 0;
}

static int check_welcome(const struct welcome *welcome, struct hone_client_error *error) {
    char kind[16], hash[24], own[24], text[400];
    find_text(welcome->line, "hone", kind, sizeof kind);
    if (!strcmp(kind, "refused")) {
        int code = (int)strtol(find_value(welcome->line, "errno"), NULL, 10);
        find_text(welcome->line, "message", text, sizeof text);
        return hone_client_fail(error, code < 0 ? code : -EPROTO, "%s", text);
    }
    if (strcmp(kind, "welcome"))
        return hone_client_fail(error, -EPROTO, "what answers on this socket is no hone server");
    find_text(welcome->line, "layout", hash, sizeof hash);
    snprintf(own, sizeof own, "%016llx", HONE_LAYOUT_HASH);
    uint64_t major = find_number(welcome->line, "major");
    uint64_t minor = find_number(welcome->line, "minor");
    if (major != HONE_LAYOUT_MAJOR || (minor == HONE_LAYOUT_MINOR && strcmp(hash, own)))
        return hone_client_fail(error, -EPROTO,
                                "this library has session layout %d.%d (%s), the server %u.%u (%s):"
                                " use a client and a server of the same version",
                                HONE_LAYOUT_MAJOR, HONE_LAYOUT_MINOR, own, (unsigned)major,
                                (unsigned)minor, hash);
    return 0;
}

static int open_segment(const struct welcome *welcome, int index, bool named,
                        struct hone_client_error *error) {
    static const char *const names[] = {"ctl_name", "up_name", "down_name"};
    if (!named) {
        int descriptor = index < welcome->count ? welcome->descriptors[index] : -1;
        int seals = descriptor < 0 ? 0 : fcntl(descriptor, F_GET_SEALS);
        if (seals < 0 || !(seals & F_SEAL_SHRINK))
            return hone_client_fail(error, -EPROTO,
                                    "the server's memory did not come, or came unsealed");
        return descriptor;
    }
    char name[96];
    find_text(welcome->line, names[index], name, sizeof name);
    int descriptor = shm_open(name, index == 1 ? O_RDWR : O_RDONLY, 0);
    if (descriptor < 0)
        return hone_client_fail(error, -errno, "shared memory %s: %s", name, strerror(errno));
    return descriptor;
}

static int map_segment(const struct welcome *welcome, int index, bool named,
                       struct hone_mapping *mapping, struct hone_client_error *error) {
    static const char *const sizes[] = {"ctl_bytes", "up_bytes", "down_bytes"};
    static const size_t least[] = {sizeof(struct hone_ctl), sizeof(struct hone_up),
                                   sizeof(struct hone_down)};
    int descriptor = open_segment(welcome, index, named, error);
    if (descriptor < 0)
        return descriptor;
    uint64_t bytes = find_number(welcome->line, sizes[index]);
    struct stat facts;
    int status = 0;
    if (fstat(descriptor, &facts) || (uint64_t)facts.st_size != bytes || bytes < least[index]) {
        status = hone_client_fail(error, -EPROTO, "a segment has not the size that was announced");
    } else {
        int access = index == 1 ? PROT_READ | PROT_WRITE : PROT_READ;
        void *base = mmap(NULL, bytes, access, MAP_SHARED, descriptor, 0);
        if (base == MAP_FAILED)
            status = hone_client_fail(error, -errno, "shared memory cannot be mapped: %s",
                                      strerror(errno));
        else
            *mapping = (struct hone_mapping){base, bytes};
    }
    if (named)
        close(descriptor);
    return status;
}

static bool header_fits(const struct hone_header *header, uint32_t kind, uint64_t bytes) {
    if (__atomic_load_n(&header->ready, __ATOMIC_ACQUIRE) != 1 ||
        header->magic != HONE_LAYOUT_MAGIC || header->major != HONE_LAYOUT_MAJOR ||
        header->endian != HONE_LAYOUT_ENDIAN || header->kind != kind ||
        header->total_bytes != bytes)
        return false;
    if (header->minor == HONE_LAYOUT_MINOR && header->layout_hash != HONE_LAYOUT_HASH)
        return false;
    if (kind == HONE_SEGMENT_CTL)
        return (uint64_t)header->text_offset + header->text_bytes < bytes;
    uint64_t ring_end =
        header->ring_offset + (uint64_t)header->line_count * sizeof(struct hone_line);
    uint64_t end = header->block_offset + (uint64_t)header->block_count * header->block_bytes;
    return header->line_count && !(header->line_count & (header->line_count - 1)) &&
           header->line_bytes == sizeof(struct hone_line) && ring_end <= header->block_offset &&
           header->slots == header->block_count && header->slots <= HONE_SLOTS_MAX &&
           header->block_bytes > sizeof(struct hone_observation) && end <= bytes;
}

static int use_segments(struct hone *hone, struct hone_client_error *error) {
    hone->up_header = *(const struct hone_header *)(const void *)hone->up.base;
    hone->down_header = *(const struct hone_header *)(const void *)hone->down.base;
    const struct hone_header *ctl = (const void *)hone->ctl.base;
    if (!header_fits(ctl, HONE_SEGMENT_CTL, hone->ctl.bytes) ||
        !header_fits(&hone->up_header, HONE_SEGMENT_UP, hone->up.bytes) ||
        !header_fits(&hone->down_header, HONE_SEGMENT_DOWN, hone->down.bytes) ||
        hone->up_header.session_id != ctl->session_id ||
        hone->down_header.session_id != ctl->session_id ||
        hone->up_header.slots != hone->down_header.slots)
        return hone_client_fail(error, -EPROTO,
                                "the headers of the shared memory are not what this library knows");
    hone->slots = hone->up_header.slots;
    hone->requests = (struct hone_ring){(void *)(hone->up.base + hone->up_header.ring_offset),
                                        hone->up_header.line_count, 1};
    hone->replies = (struct hone_ring){(void *)(hone->down.base + hone->down_header.ring_offset),
                                       hone->down_header.line_count, 1};
    return 0;
}

int hone_client_greet(struct hone *hone, const struct hone_attach_options *options,
                      uint64_t deadline_ns, struct hone_client_error *error) {
    struct welcome welcome = {.line = ""};
    struct hone_mapping *maps[] = {&hone->ctl, &hone->up, &hone->down};
    hone->wake = options->wake;
    int status = say_hello(hone->socket, options, error);
    if (!status)
        status = receive_welcome(hone->socket, &welcome, deadline_ns, error);
    if (!status)
        status = check_welcome(&welcome, error);
    for (int i = 0; i < 3 && !status; i++)
        status = map_segment(&welcome, i, options->map == HONE_MAP_NAMED, maps[i], error);
    if (!status)
        status = use_segments(hone, error);
    char token[24];
    find_text(welcome.line, "token", token, sizeof token);
    hone->token = strtoull(token, NULL, 16);
    for (int i = 0; i < welcome.count; i++)
        close(welcome.descriptors[i]);
    return status;
}

static int check_directory(const char *path, struct hone_client_error *error) {
    struct stat facts;
    if (lstat(path, &facts))
        return -errno;
    if (!S_ISDIR(facts.st_mode) || facts.st_uid != geteuid() || (facts.st_mode & 022))
        return hone_client_fail(error, -EPERM,
                                "%s is not a directory that only you can write: no server is "
                                "looked for in it",
                                path);
    return 0;
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0)
        return -errno;
    if (connect(made, (const void *)&address, sizeof address)) {
        int status = -errno;
        close(made);
        return status;
    }
    return made;
}

static int find_server(const char *name, const char *wanted, struct hone_client_error *error) {
    char directories[2][256] = {"", ""}, path[512];
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (strchr(name, '/')) {
        int made = connect_to(name);
        return made >= 0 ? made
                         : hone_client_fail(error, made, "no server answers on %s: %s", name,
                                            strerror(-made));
    }
    if (wanted)
        snprintf(directories[0], sizeof directories[0], "%s", wanted);
    else if (runtime && runtime[0] == '/')
        snprintf(directories[0], sizeof directories[0], "%s/hone", runtime);
    if (!wanted)
        snprintf(directories[1], sizeof directories[1], "/tmp/hone-%u", (unsigned)geteuid());
    int status = -ENOENT;
    for (int i = 0; i < 2; i++) {
        if (!directories[i][0])
            continue;
        /* A directory the caller names may be another user's, who shares a server with a group. */
        int checked = wanted ? 0 : check_directory(directories[i], error);
        if (checked == -EPERM)
            return checked;
        int length = snprintf(path, sizeof path, "%s/%s.sock", directories[i], name);
        int made = checked ? checked : length < (int)sizeof path ? connect_to(path) : -ENAMETOOLONG;
        if (made >= 0)
            return made;
        if (made != -ENOENT)
            status = made;
    }
    return hone_client_fail(
        error, status, "no server named '%s' answers (%s): start one with hone serve %s",
        name, strerror(-status), name);
}

int hone_attach(struct hone **made, const char *name, const struct hone_attach_options *options,
                struct hone_client_error *error) {
    struct hone_attach_options wanted = {0};
    if (options)
        wanted = *options;
    *made = NULL;
    int socket = find_server(name ? name : "default", wanted.directory, error);
    if (socket < 0)
        return socket;
    struct hone *hone = hone_client_create(socket);
    if (!hone) {
        close(socket);
        return hone_client_fail(error, -ENOMEM, "out of memory");
    }
    uint64_t within = wanted.timeout_ns ? wanted.timeout_ns : ATTACH_NS;
    int status = hone_client_greet(hone, &wanted, hone_client_now_ns() + within, error);
    if (status)
        hone_client_destroy(hone);
    else
        *made = hone;
    return status;
}
