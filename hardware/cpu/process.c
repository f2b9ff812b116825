#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000ull
#define REAP_LIMIT_NS (10 * NANOSECONDS) /* freeing gigabytes takes its time */
#define LIMIT_NS_MAX (3600 * NANOSECONDS)
#define DEATH_LIMIT_MS 200 /* from a closed pipe to a dead process */

/* CLOCK_MONOTONIC stands for none. */
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
    int failed = process        ? hone_cpu_process_order(process, request, mine.text)
                 : runner->lost ? -EIO
                                : -EAGAIN;
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
