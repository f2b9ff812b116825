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
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOTS_BYTES (HONE_SLOT_BYTES * HONE_GUEST_PROCESSES_MAX)
#define REPORTS_BYTES (HONE_REPORT_BYTES * HONE_GUEST_PROCESSES_MAX)

/* By the kernel, since libc's reads the time-stamp counter, which is not to be had during a go. */
uint64_t hone_cpu_now_ns(void) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* splitmix64 over a secret start: a candidate that has seen one number cannot tell the next. It
 * could invert the mix if it saw the whole output, so only half of it is shown, twice. */
static uint64_t mix(uint64_t *state) {
    uint64_t value = *state += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

uint64_t hone_cpu_runner_nonce(struct runner *runner) {
    uint64_t high = mix(&runner->nonce) & 0xffffffff00000000u;
    return high | mix(&runner->nonce) >> 32;
}

static void lose(struct runner *runner) {
    runner->lost = true;
    if (runner->guest_pidfd >= 0)
        pidfd_send_signal(runner->guest_pidfd, SIGKILL, NULL, 0);
}

static struct process *find_process(struct runner *runner, uint64_t id) {
    for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
        if (runner->processes[i] && runner->processes[i]->id == id)
            return runner->processes[i];
    return NULL;
}

/* Whether the reply may come now, and where its descriptor goes. */
static bool is_due(struct process *process, uint32_t kind, int **place) {
    switch (kind) {
    case HONE_REPLY_FORKED:
        *place = &process->pidfd;
        return !process->answered;
    case HONE_REPLY_FAILED:
        return !process->answered;
    case HONE_REPLY_LISTENER: /* of the process itself: perhaps before the guest speaks of it */
        *place = &process->listener;
        return process->listener < 0 && !process->said.kind;
    case HONE_REPLY_REFUSED:
    case HONE_REPLY_BROKEN:
        return process->listener < 0 && !process->said.kind;
    case HONE_REPLY_ENDED:
        return process->answered;
    default:
        return false;
    }
}

static int note_reply(struct runner *runner, struct hone_guest_reply *reply, int fd) {
    struct process *process = find_process(runner, reply->id);
    int *place = NULL;
    if (!process || process->ended || !is_due(process, reply->kind, &place) ||
        (place != NULL) != (fd >= 0)) {
        if (fd >= 0)
            close(fd);
        return -EPROTO;
    }
    if (place)
        *place = fd;
    reply->text[sizeof reply->text - 1] = '\0';
    if (reply->kind == HONE_REPLY_REFUSED || reply->kind == HONE_REPLY_BROKEN)
        process->said = *reply;
    process->answered |= reply->kind == HONE_REPLY_FORKED || reply->kind == HONE_REPLY_FAILED;
    process->ended = reply->kind == HONE_REPLY_FAILED || reply->kind == HONE_REPLY_ENDED;
    if (process->ended)
        process->status = reply->status;
    return 0;
}

static int receive(struct runner *runner) {
    struct hone_guest_reply reply;
    int fd, result = hone_cpu_reply_receive(runner->socket, &reply, &fd);
    return result == -EAGAIN ? 0 : result ? result : note_reply(runner, &reply, fd);
}

int hone_cpu_runner_listen(struct runner *runner, uint64_t deadline_ns) {
    if (runner->lost)
        return -EIO;
    uint64_t now = hone_cpu_now_ns();
    uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
    struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
    struct pollfd polled = {.fd = runner->socket, .events = POLLIN};
    int ready = ppoll(&polled, 1, &timeout, NULL);
    if (ready < 0 && errno == EINTR)
        return 0;
    if (ready == 0)
        return -ETIMEDOUT;
    if (ready < 0 || receive(runner)) {
        lose(runner);
        return -EIO;
    }
    return 0;
}

/* Words go to candidates through pages that we write and they can only read: the descriptor they
 * get was opened so, and no mprotect() changes that. */
static int make_words(struct runner *runner, struct hone_error *error) {
    char path[64];
    int fd = memfd_create("hone-words", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, SLOTS_BYTES))
        goto fail;
    runner->slots = mmap(NULL, SLOTS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (runner->slots == MAP_FAILED) {
        runner->slots = NULL;
        goto fail;
    }
    madvise(runner->slots, SLOTS_BYTES, MADV_DONTFORK);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    runner->words_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (runner->words_fd < 0)
        goto fail;
    close(fd);
    return 0;
fail:;
    int result = -errno;
    if (fd >= 0)
        close(fd);
    return hone_cpu_fail(error, result, "cannot make memory for the words of calls: %s",
                         strerror(-result));
}

/* What processes report comes by pages that they write. */
static int make_reports(struct runner *runner, struct hone_error *error) {
    runner->reports_fd = memfd_create("hone-reports", MFD_CLOEXEC);
    if (runner->reports_fd >= 0 && ftruncate(runner->reports_fd, REPORTS_BYTES) == 0) {
        runner->reports =
            mmap(NULL, REPORTS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, runner->reports_fd, 0);
        if (runner->reports != MAP_FAILED)
            return 0;
        runner->reports = NULL;
    }
    return hone_cpu_fail(error, -errno, "cannot make memory for reports: %s", strerror(errno));
}

int hone_cpu_runner_open_with(struct cpu *cpu, uint32_t features, struct runner **opened,
                              uint32_t *unfit, struct hone_error *error) {
    struct runner *runner = calloc(1, sizeof *runner);
    if (!runner)
        return hone_cpu_fail(error, -ENOMEM, "no memory for a runner");
    *runner = (struct runner){.cpu = cpu,
                              .guest = -1,
                              .guest_pidfd = -1,
                              .socket = -1,
                              .words_fd = -1,
                              .reports_fd = -1,
                              .next_id = 1};
    int result = 0;
    if (getrandom(&runner->nonce, sizeof runner->nonce, 0) != (ssize_t)sizeof runner->nonce)
        result = hone_cpu_fail(error, -EIO, "no random numbers from the kernel");
    result = result ? result : make_words(runner, error);
    result = result ? result : make_reports(runner, error);
    result = result ? result : hone_cpu_guest_start(runner, features, unfit, error);
    if (result) {
        hone_cpu_runner_close(runner);
        return result;
    }
    *opened = runner;
    return 0;
}

int hone_cpu_runner_open(void *self, uint32_t device, void **opened, struct hone_error *error) {
    struct cpu *cpu = self;
    struct runner *runner;
    uint32_t unfit;
    if (device != 0)
        return hone_cpu_fail(error, -ENODEV, "the cpu backend has one device, not %u", device + 1);
    int result = hone_cpu_runner_open_with(cpu, cpu->level.features, &runner, &unfit, error);
    if (result == 0)
        *opened = runner;
    return result;
}

int hone_cpu_runner_library(struct runner *runner, bool openblas, struct runner **library,
                            struct hone_error *error) {
    uint32_t unfit;
    if (openblas && !runner->cpu->openblas.there)
        return hone_cpu_fail(error, -ENOTSUP, "no openblas: %s", runner->cpu->openblas.text);
    int result = runner->library
                     ? 0
                     : hone_cpu_runner_open_with(runner->cpu,
                                                 runner->cpu->level.features | HONE_FEATURE_LIBRARY,
                                                 &runner->library, &unfit, error);
    *library = runner->library;
    return result;
}

void hone_cpu_runner_close(void *closed) {
    struct runner *runner = closed;
    if (!runner)
        return;
    hone_cpu_runner_close(runner->library);
    for (int i = 0; i < HONE_GUEST_PROCESSES_MAX; i++)
        hone_cpu_process_stop(runner->processes[i]);
    if (runner->socket >= 0)
        close(runner->socket);
    if (runner->guest > 0) {
        kill(runner->guest, SIGKILL);
        while (waitpid(runner->guest, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (runner->guest_pidfd >= 0)
        close(runner->guest_pidfd);
    if (runner->words_fd >= 0)
        close(runner->words_fd);
    if (runner->slots)
        munmap(runner->slots, SLOTS_BYTES);
    if (runner->reports_fd >= 0)
        close(runner->reports_fd);
    if (runner->reports)
        munmap(runner->reports, REPORTS_BYTES);
    free(runner);
}
