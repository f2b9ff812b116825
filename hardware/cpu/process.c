#include "hardware/cpu/cpu.h"

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
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u
#define NANOSECONDS 1000000000ull
#define REAP_LIMIT_NS (10 * NANOSECONDS) /* freeing gigabytes takes its time */
#define LIMIT_NS_MAX (3600 * NANOSECONDS)
#define DEATH_LIMIT_MS 200 /* from a closed pipe to a dead process */
#define STACK_BYTES_MIN 65536u

/* The clock of another process, as <linux/posix-timers.h> forms it: readable from outside. */
static clockid_t process_clock(pid_t pid) {
    clockid_t clock;
    return clock_getcpuclockid(pid, &clock) ? CLOCK_MONOTONIC : clock;
}

static uint64_t read_clock(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

/* The kernel says whom a pidfd means in the pid namespace of the reader. */
static pid_t read_pid(int pidfd) {
    char path[48], line[128];
    int pid = -1;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Pid: %d", &pid) == 1)
            break;
    if (file)
        fclose(file);
    return pid;
}

static void finish_result(struct hone_go_result *result, const struct hone_go_result *mine) {
    struct hone_go_result whole = *mine;
    size_t size = result->size && result->size < sizeof whole ? result->size : sizeof whole;
    whole.size = (uint32_t)size;
    memcpy(result, &whole, size);
}

static int lost(struct hone_go_result *mine) {
    mine->status = HONE_GO_LOST;
    snprintf(mine->text, sizeof mine->text, "the guest died");
    return -EIO;
}

/* Until the guest has reaped the process. 0, or -EIO: lost. */
static int wait_end(struct process *process) {
    uint64_t deadline = hone_cpu_now_ns() + REAP_LIMIT_NS;
    while (!process->ended)
        if (hone_cpu_runner_listen(process->runner, deadline)) {
            process->runner->lost = true;
            return -EIO;
        }
    return 0;
}

static int kill_process(struct process *process) {
    if (process->pidfd >= 0 && !process->ended)
        pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
    return wait_end(process);
}

/* What the wait status says: it comes from the kernel by way of the guest, not from the candidate.
 */
static void note_end(const struct process *process, struct hone_go_result *mine) {
    if (WIFSIGNALED(process->status)) {
        mine->status = HONE_GO_CRASHED;
        mine->signal = WTERMSIG(process->status);
    } else {
        mine->status = HONE_GO_EXITED;
        mine->code = WEXITSTATUS(process->status);
    }
}

static int end_forbidden(struct process *process, int code, const char *text,
                         struct hone_go_result *mine) {
    mine->status = HONE_GO_FORBIDDEN;
    mine->code = code;
    snprintf(mine->text, sizeof mine->text, "%s", text);
    return kill_process(process) ? lost(mine) : 0;
}

/* The pipe is closed: the process has died, or the candidate has closed it. */
static int end_closed(struct process *process, struct hone_go_result *mine) {
    struct pollfd polled = {.fd = process->pidfd, .events = POLLIN};
    if (poll(&polled, 1, DEATH_LIMIT_MS) == 0)
        return end_forbidden(process, SYS_close, "close: it closed the pipe to the supervisor",
                             mine);
    if (kill_process(process))
        return lost(mine);
    note_end(process, mine);
    return 0;
}

static int end_timed_out(struct process *process, struct hone_go_result *mine) {
    mine->status = HONE_GO_TIMED_OUT;
    return kill_process(process) ? lost(mine) : 0;
}

static bool is_crash(int signal) {
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE;
}

/* So that no caller's "for ever" overflows. */
static uint64_t clamp(uint64_t limit_ns) {
    return limit_ns < LIMIT_NS_MAX ? limit_ns : LIMIT_NS_MAX;
}

/* A packet of the candidate's process, if there is one: its size, cut to one byte more than a done
 * has; 0 when the pipe is closed; -EAGAIN when there is none. */
static ssize_t take(const struct process *process, struct hone_guest_done *done) {
    struct iovec vectors[2] = {{done, sizeof *done}, {&(char){0}, 1}};
    ssize_t got;
    do
        got = readv(process->done, vectors, 2);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

/* The same, or -ETIMEDOUT when the deadline passes first. */
static ssize_t hear(const struct process *process, struct hone_guest_done *done,
                    uint64_t deadline_ns, uint64_t now) {
    for (;; now = hone_cpu_now_ns()) {
        struct pollfd polled[] = {{.fd = process->done, .events = POLLIN},
                                  {.fd = process->pidfd, .events = POLLIN}};
        uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
        struct timespec timeout = {(time_t)(left / NANOSECONDS), (long)(left % NANOSECONDS)};
        int ready = ppoll(polled, 2, &timeout, NULL);
        if (ready == 0)
            return -ETIMEDOUT;
        if (ready < 0)
            continue;
        ssize_t got = take(process, done);
        if (got != -EAGAIN)
            return got < 0 ? 0 : got;
        if (polled[1].revents)
            return 0; /* dead, though some other process holds the pipe */
    }
}

/* Starting ------------------------------------------------------------------------------------ */

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
    uint32_t count;
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
    for (*index = HONE_FD_REGIONS; *index < parcel->count; ++*index)
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
                       struct hone_go_result *mine) {
    if (request->region_count > HONE_GUEST_REGIONS_MAX) {
        snprintf(mine->text, sizeof mine->text, "%u regions, at most %d", request->region_count,
                 HONE_GUEST_REGIONS_MAX);
        return -E2BIG;
    }
    for (uint32_t i = 0; i < request->region_count; i++) {
        const struct hone_region *region = &request->regions[i];
        uint32_t index;
        if (!is_sound(region)) {
            snprintf(mine->text, sizeof mine->text,
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

/* The parcel is too large for the stack of a measuring thread. */
static int order(struct process *process, const struct hone_process_request *request,
                 struct hone_go_result *mine) {
    struct parcel *parcel = calloc(1, sizeof *parcel);
    if (!parcel)
        return -ENOMEM;
    int image = make_image(request), result = image < 0 ? image : 0;
    if (result)
        goto out;
    add_fd(parcel, image, true);
    result = add_pipes(process, parcel);
    if (result)
        goto out;
    add_fd(parcel, process->runner->words_fd, false);
    parcel->start.id = process->id;
    parcel->start.image_bytes = request->image_bytes;
    parcel->start.stack_bytes =
        request->stack_bytes > STACK_BYTES_MIN ? request->stack_bytes : STACK_BYTES_MIN;
    parcel->start.memory_limit_bytes = request->memory_limit_bytes;
    parcel->start.words_offset = process->slot * HONE_WORDS_BYTES;
    result = add_regions(parcel, request, mine);
    if (result == 0)
        result = send_parcel(process->runner, parcel);
out:
    close_parcel(parcel);
    free(parcel);
    return result;
}

/* The guest's answer, then the process's own word that it has loaded. */
static int await_ready(struct process *process, uint64_t limit_ns, struct hone_go_result *mine) {
    uint64_t deadline = hone_cpu_now_ns() + clamp(limit_ns);
    struct hone_guest_done done;
    while (!process->answered) {
        int result = hone_cpu_runner_listen(process->runner, deadline + REAP_LIMIT_NS);
        if (result)
            return lost(mine);
    }
    if (process->pidfd < 0) {
        snprintf(mine->text, sizeof mine->text, "the guest cannot fork: %s",
                 strerror(process->status));
        return -process->status;
    }
    ssize_t got = hear(process, &done, deadline, hone_cpu_now_ns());
    if (got == -ETIMEDOUT)
        return end_timed_out(process, mine);
    if (got == 0)
        return end_closed(process, mine);
    if (got != (ssize_t)sizeof done)
        return end_forbidden(process, SYS_write, "write: a message that is not of the guest", mine);
    if (done.kind == HONE_DONE_READY)
        return 0;
    done.text[sizeof done.text - 1] = '\0';
    snprintf(mine->text, sizeof mine->text, "%s", done.text);
    mine->status = HONE_GO_REFUSED;
    if (kill_process(process))
        return lost(mine);
    return done.kind == HONE_DONE_REFUSED ? 0 : done.code > 0 ? -done.code : -EPROTO;
}

static struct process *claim(struct runner *runner) {
    for (uint32_t slot = 0; slot < HONE_GUEST_PROCESSES_MAX; slot++) {
        if (runner->processes[slot])
            continue;
        struct process *process = calloc(1, sizeof *process);
        if (!process)
            return NULL;
        *process = (struct process){.runner = runner,
                                    .id = runner->next_id++,
                                    .slot = slot,
                                    .go = -1,
                                    .go_reader = -1,
                                    .done = -1,
                                    .pidfd = -1};
        runner->processes[slot] = process;
        return process;
    }
    return NULL;
}

int hone_cpu_process_start(void *self, const struct hone_process_request *request, void **started,
                           struct hone_go_result *result) {
    struct runner *runner = self;
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    *started = NULL;
    struct process *process = runner->lost ? NULL : claim(runner);
    int failed = process ? order(process, request, &mine) : runner->lost ? -EIO : -EAGAIN;
    if (failed && process)
        process->ended = process->pidfd < 0; /* never asked for: nothing to reap */
    if (failed == 0)
        failed = await_ready(process, request->start_limit_ns, &mine);
    if (failed == -EIO)
        lost(&mine);
    else if (failed)
        mine.status = HONE_GO_LOST;
    if (failed || mine.status != HONE_GO_DONE) {
        hone_cpu_process_stop(process);
    } else {
        process->clock = process_clock(read_pid(process->pidfd));
        process->has_clock = process->clock != CLOCK_MONOTONIC;
        *started = process;
    }
    finish_result(result, &mine);
    return failed;
}

/* Going --------------------------------------------------------------------------------------- */

static int judge_done(struct process *process, const struct hone_guest_go *go,
                      const struct hone_guest_done *done, ssize_t got,
                      struct hone_go_result *mine) {
    if (got != (ssize_t)sizeof *done)
        return end_forbidden(process, SYS_write, "write: a message that is not of the guest", mine);
    if (done->kind == HONE_DONE_FAULT && is_crash(done->code)) {
        if (kill_process(process))
            return lost(mine);
        mine->status = HONE_GO_CRASHED;
        mine->signal = done->code;
        mine->address = done->address;
        mine->write_fault = done->write_fault != 0;
        return 0;
    }
    if (done->kind != HONE_DONE_CALLED || done->sequence != go->sequence)
        return end_forbidden(process, SYS_write, "write: a done that answers no go", mine);
    return 0;
}

static int run(struct process *process, const struct hone_guest_go *go, uint64_t limit_ns,
               struct hone_go_result *mine) {
    struct hone_guest_done done;
    uint64_t cpu_begin = process->has_clock ? read_clock(process->clock) : 0;
    uint64_t begin = hone_cpu_now_ns();
    if (write(process->go, go, sizeof *go) != (ssize_t)sizeof *go)
        return end_closed(process, mine);
    ssize_t got = hear(process, &done, begin + clamp(limit_ns), begin);
    mine->wall_ns = hone_cpu_now_ns() - begin;
    uint64_t cpu_end = process->has_clock ? read_clock(process->clock) : 0;
    mine->cpu_ns = cpu_end > cpu_begin ? cpu_end - cpu_begin : 0;
    if (got == -ETIMEDOUT)
        return end_timed_out(process, mine);
    if (got == 0)
        return end_closed(process, mine);
    return judge_done(process, go, &done, got, mine);
}

int hone_cpu_process_go(void *self, const struct hone_go *go, struct hone_go_result *result) {
    struct process *process = self;
    struct runner *runner = process->runner;
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    uint64_t words = (uint64_t)go->count * go->word_count;
    if (process->ended || go->count == 0 || go->limit_ns == 0 ||
        go->count > UINT32_MAX / sizeof(uint64_t) || words > HONE_WORDS_BYTES / sizeof *go->words)
        return process->ended ? -ESRCH : words ? -E2BIG : -EINVAL;
    if (words)
        memcpy((char *)runner->words + process->slot * HONE_WORDS_BYTES, go->words,
               words * sizeof *go->words);
    struct hone_guest_go message = {.sequence = hone_cpu_runner_nonce(runner),
                                    .entry = go->entry,
                                    .count = go->count,
                                    .word_count = go->word_count};
    /* Nothing may be in the pipe of a parked process: what is, was meant to be the next done. */
    struct hone_guest_done early;
    ssize_t quiet = take(process, &early);
    int failed = quiet == -EAGAIN ? run(process, &message, go->limit_ns, &mine)
                 : quiet <= 0
                     ? end_closed(process, &mine)
                     : end_forbidden(process, SYS_write, "write: a message while parked", &mine);
    finish_result(result, &mine);
    return failed;
}

void hone_cpu_process_stop(void *self) {
    struct process *process = self;
    if (!process)
        return;
    if (!process->runner->lost)
        kill_process(process);
    else if (process->pidfd >= 0 && !process->ended)
        pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
    process->runner->processes[process->slot] = NULL;
    const int owned[] = {process->go, process->go_reader, process->done, process->pidfd};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        if (owned[i] >= 0)
            close(owned[i]);
    free(process);
}
