#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
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
 * The filter kills by SIGSYS what it cannot name. */
static void note_end(const struct process *process, struct hone_go_result *mine) {
    if (!WIFSIGNALED(process->status)) {
        mine->status = HONE_GO_EXITED;
        mine->code = WEXITSTATUS(process->status);
    } else if (WTERMSIG(process->status) == SIGSYS) {
        mine->status = HONE_GO_FORBIDDEN;
        mine->code = -1;
        snprintf(mine->text, sizeof mine->text,
                 "under another ABI, int 0x80 or an x32 number (a kernel only computes)");
    } else {
        mine->status = HONE_GO_CRASHED;
        mine->signal = WTERMSIG(process->status);
    }
}

static int end_forbidden(struct process *process, int code, const char *text,
                         struct hone_go_result *mine) {
    mine->status = HONE_GO_FORBIDDEN;
    mine->code = code;
    snprintf(mine->text, sizeof mine->text, "%s", text);
    return kill_process(process) ? lost(mine) : 0;
}

/* It will not be heard of again: it has died, or it has tampered with its pipe. */
static int end_silent(struct process *process, struct hone_go_result *mine) {
    struct pollfd polled = {.fd = process->pidfd, .events = POLLIN};
    if (poll(&polled, 1, DEATH_LIMIT_MS) == 0)
        return end_forbidden(process, SYS_close,
                             "close or write: it spoke while parked, or closed its pipe", mine);
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

static bool is_filtered(const struct process *process) {
    return process->runner->features & HONE_FEATURE_FILTER;
}

static void hear(struct process *process, uint64_t deadline_ns, uint64_t now_ns,
                 struct hearing *hearing) {
    if (is_filtered(process))
        hone_cpu_listener_hear(process, deadline_ns, now_ns, hearing);
    else
        hone_cpu_pipes_hear(process, deadline_ns, now_ns, hearing);
}

/* Until the guest and the process itself have said how it begins: its end, or that it can be heard.
 * 0, or a negative errno. */
static int await_start(struct process *process, uint64_t deadline_ns) {
    const bool filtered = is_filtered(process);
    while (!process->answered ||
           (filtered && process->listener < 0 && !process->said.kind && !process->ended)) {
        int result = hone_cpu_runner_listen(process->runner,
                                            deadline_ns + (process->answered ? 0 : REAP_LIMIT_NS));
        if (result)
            return result;
    }
    return 0;
}

/* It ended before it could run: by its own word, or without one. */
static int end_unstarted(struct process *process, struct hone_go_result *mine) {
    if (process->pidfd < 0) {
        snprintf(mine->text, sizeof mine->text, "the guest cannot fork: %s",
                 strerror(process->status));
        return -process->status;
    }
    if (kill_process(process))
        return lost(mine);
    const struct hone_guest_reply *said = &process->said;
    note_end(process, mine);
    if (said->kind == HONE_REPLY_REFUSED) {
        mine->status = HONE_GO_REFUSED;
        snprintf(mine->text, sizeof mine->text, "%s", said->text);
    } else if (said->kind == HONE_REPLY_BROKEN) {
        snprintf(mine->text, sizeof mine->text, "%s: %s", said->text,
                 strerror(said->status > 0 ? said->status : EPROTO));
        return said->status > 0 ? -said->status : -EPROTO;
    }
    return 0;
}

/* The guest's answer, then the process's own word that it has loaded. */
static int await_ready(struct process *process, uint64_t limit_ns, struct hone_go_result *mine) {
    const uint64_t deadline = hone_cpu_now_ns() + clamp(limit_ns);
    struct hearing hearing = {.heard = HEARD_END};
    int result = await_start(process, deadline);
    if (result == -ETIMEDOUT && process->answered)
        return end_timed_out(process, mine);
    if (result)
        return lost(mine);
    if (process->ended || process->said.kind)
        return end_unstarted(process, mine);
    if (is_filtered(process))
        hone_cpu_listener_meet(process, deadline, &hearing);
    else
        hone_cpu_pipes_hear(process, deadline, hone_cpu_now_ns(), &hearing);
    if (hearing.heard == HEARD_NOTHING)
        return end_timed_out(process, mine);
    if (hearing.heard == HEARD_DONE && hearing.done.kind == HONE_DONE_READY)
        return 0;
    return end_unstarted(process, mine);
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
                                    .listener = -1,
                                    .go = -1,
                                    .go_reader = -1,
                                    .done = -1,
                                    .pidfd = -1};
        runner->processes[slot] = process;
        return process;
    }
    return NULL;
}

/* The guest for it. What calls a library is trusted, and so are operators; the guest without one
 * refuses its image, and the other any that stands alone. */
static int choose_runner(const struct hone_process_request *request, struct runner **runner,
                         struct hone_go_result *mine) {
    struct hone_error error = {""};
    const bool operators = request->flags & HONE_PROCESS_OPERATORS;
    if (!(request->flags & HONE_PROCESS_LIBRARY) && !operators)
        return 0;
    int failed = hone_cpu_runner_library(*runner, !operators, runner, &error);
    if (failed) {
        mine->status = HONE_GO_LOST;
        snprintf(mine->text, sizeof mine->text, "%.120s", error.text);
    }
    return failed;
}

int hone_cpu_process_start(void *self, const struct hone_process_request *request, void **started,
                           struct hone_go_result *result) {
    struct runner *runner = self;
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    *started = NULL;
    int unfound = choose_runner(request, &runner, &mine);
    if (unfound) {
        finish_result(result, &mine);
        return unfound;
    }
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
        process->clock = process_clock(hone_cpu_pidfd_pid(process->pidfd));
        process->has_clock = process->clock != CLOCK_MONOTONIC;
        *started = process;
    }
    finish_result(result, &mine);
    return failed;
}

/* Told by the process, so for messages only. */
static void describe_fault(const struct hone_guest_done *done, struct hone_go_result *mine) {
    mine->status = HONE_GO_CRASHED;
    mine->signal = done->code;
    mine->address = done->address;
    mine->write_fault = done->detail == HONE_FAULT_WRITE;
    if (done->detail == HONE_FAULT_COUNTER)
        snprintf(mine->text, sizeof mine->text,
                 "reading a clock of the processor (rdtsc and the like), which is not to be had");
    else if (done->detail == HONE_FAULT_STACK)
        snprintf(mine->text, sizeof mine->text,
                 "the stack is full; large arrays belong in static ones or in a workspace");
    else if (done->detail == HONE_FAULT_GENERAL)
        snprintf(mine->text, sizeof mine->text,
                 "a privileged instruction, a misaligned vector or an impossible address");
}

static int judge_done(struct process *process, const struct hone_guest_go *go,
                      const struct hone_guest_done *done, struct hone_go_result *mine) {
    if (done->kind == HONE_DONE_FAULT && is_crash(done->code)) {
        if (kill_process(process))
            return lost(mine);
        if (!hone_cpu_read_report(process, mine))
            describe_fault(done, mine);
        return 0;
    }
    /* Through the filter only one done can come after a go. */
    if (done->kind != HONE_DONE_CALLED || (!is_filtered(process) && done->sequence != go->sequence))
        return end_forbidden(process, is_filtered(process) ? SYS_getppid : SYS_write,
                             "of its own, a done that answers no go (return from the kernel)",
                             mine);
    return 0;
}

static int judge_call(struct process *process, int call, struct hone_go_result *mine) {
    char text[HONE_CPU_TEXT_SIZE];
    hone_cpu_filter_name(call, text);
    return end_forbidden(process, call, text, mine);
}

/* Some processors, those of virtual machines above all, switch slowly between a thread that may
 * read the time-stamp counter and one that may not: 9 us for there and back, within the clock. So
 * this thread does without as well while a candidate runs, and without signals, whose handlers
 * might read it. */
static void enter_go(const struct process *process, sigset_t *before) {
    sigset_t all;
    if (!(process->runner->features & HONE_FEATURE_NO_TSC))
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
    prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
}

static void leave_go(const struct process *process, const sigset_t *before) {
    if (!(process->runner->features & HONE_FEATURE_NO_TSC))
        return;
    prctl(PR_SET_TSC, PR_TSC_ENABLE);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* Until it is heard, has used its CPU time, or the wall clock ends it: a limit of CPU time is
 * looked at whenever it could have been used up. */
static void hear_within(struct process *process, const struct hone_go *go, uint64_t cpu_begin,
                        uint64_t begin, struct hearing *hearing) {
    const uint64_t last = begin + clamp(go->limit_ns);
    uint64_t left = process->has_clock && go->cpu_limit_ns ? go->cpu_limit_ns : go->limit_ns;
    for (uint64_t now = begin;; now = hone_cpu_now_ns()) {
        const uint64_t deadline = now + clamp(left) < last ? now + clamp(left) : last;
        hear(process, deadline, now, hearing);
        if (hearing->heard != HEARD_NOTHING || deadline == last)
            return;
        const uint64_t used = read_clock(process->clock) - cpu_begin;
        if (used >= go->cpu_limit_ns)
            return;
        left = go->cpu_limit_ns - used;
    }
}

static int run(struct process *process, const struct hone_guest_go *message,
               const struct hone_go *go, struct hone_go_result *mine) {
    struct hearing hearing = {.heard = HEARD_END};
    sigset_t before;
    uint64_t cpu_begin = process->has_clock ? read_clock(process->clock) : 0;
    enter_go(process, &before);
    uint64_t begin = hone_cpu_now_ns();
    if ((is_filtered(process) ? hone_cpu_listener_go : hone_cpu_pipes_go)(process, message))
        hear_within(process, go, cpu_begin, begin, &hearing);
    leave_go(process, &before);
    mine->wall_ns = hearing.when_ns > begin ? hearing.when_ns - begin : 0;
    uint64_t cpu_end = process->has_clock ? read_clock(process->clock) : 0;
    mine->cpu_ns = cpu_end > cpu_begin ? cpu_end - cpu_begin : 0;
    switch (hearing.heard) {
    case HEARD_DONE:
        return judge_done(process, message, &hearing.done, mine);
    case HEARD_CALL:
        return judge_call(process, hearing.call, mine);
    case HEARD_FORGERY:
        return end_forbidden(process, hearing.call,
                             "of its own, a done not by the guest (return from the kernel)", mine);
    case HEARD_NOTHING:
        return end_timed_out(process, mine);
    default:
        return end_silent(process, mine);
    }
}

static char *words_of(const struct process *process) {
    return process->runner->slots + process->slot * HONE_SLOT_BYTES + HONE_CONTROL_BYTES;
}

int hone_cpu_process_go(void *self, const struct hone_go *go, struct hone_go_result *result) {
    struct process *process = self;
    struct runner *runner = process->runner;
    struct hone_go_result mine = {.status = HONE_GO_DONE};
    uint64_t words = (uint64_t)go->count * go->word_count;
    if (process->ended || go->limit_ns == 0 || go->count > UINT32_MAX / sizeof(uint64_t) ||
        words > HONE_WORDS_BYTES / sizeof *go->words)
        return process->ended ? -ESRCH : words ? -E2BIG : -EINVAL;
    if (words)
        memcpy(words_of(process), go->words, words * sizeof *go->words);
    if (words * sizeof *go->words > process->words_bytes)
        process->words_bytes = words * sizeof *go->words;
    hone_cpu_control(process)->order = go->order;
    hone_cpu_control(process)->order_seed = go->order_seed;
    struct hone_guest_go message = {.sequence = hone_cpu_runner_nonce(runner),
                                    .entry = go->entry,
                                    .count = go->count,
                                    .word_count = go->word_count};
    int failed = run(process, &message, go, &mine);
    finish_result(result, &mine);
    return failed;
}

/* The next one in this place shall not read sizes that were kept from it. */
static void forget_words(const struct process *process) {
    if (process->words_bytes)
        memset(words_of(process), 0, process->words_bytes);
}

void hone_cpu_process_stop(void *self) {
    struct process *process = self;
    if (!process)
        return;
    if (!process->runner->lost)
        kill_process(process);
    else if (process->pidfd >= 0 && !process->ended)
        pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
    forget_words(process);
    process->runner->processes[process->slot] = NULL;
    const int owned[] = {process->go, process->go_reader, process->done, process->pidfd,
                         process->listener};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        if (owned[i] >= 0)
            close(owned[i]);
    free(process);
}
