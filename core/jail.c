#include "core/jail.h"

#include "core/error.h"
#include "core/jail_header.h"
#include "core/jail_level.h"
#include "core/jail_plan.h"
#include "core/jail_spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CANCEL_POLL_MS 20
#define END_LIMIT_NS 5000000000ull /* for the child to take everything down */
#define NANOSECONDS 1000000000ull

/* One job while it runs. */
struct run {
    struct hone_jail_folder folder;
    struct hone_jail_child child;
    char *text;
    uint64_t text_bytes, text_lost;
    struct hone_jail_end end;
    bool ended; /* `end` holds what the child said */
    bool timed_out, cancelled;
};

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

static void close_if_open(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Keep the first bytes, count the rest; a NUL would cut the text for its readers. */
static void keep(struct run *run, const char *bytes, uint64_t count) {
    uint64_t room = HONE_JAIL_DIAGNOSTICS_BYTES - run->text_bytes;
    uint64_t kept = count < room ? count : room;
    for (uint64_t i = 0; i < kept; i++)
        run->text[run->text_bytes++] = bytes[i] ? bytes[i] : '?';
    run->text_lost += count - kept;
}

/* A flood is drained, but only so much at a time: the limits have to be looked at in between. */
static void read_diagnostics(struct run *run) {
    char bytes[16384];
    for (int i = 0; i < 16 && run->child.diagnostics >= 0; i++) {
        ssize_t got = read(run->child.diagnostics, bytes, sizeof bytes);
        if (got > 0)
            keep(run, bytes, (uint64_t)got);
        else if (got == 0)
            close_if_open(&run->child.diagnostics);
        else if (errno != EINTR)
            return;
    }
}

static void read_end(struct run *run) {
    struct hone_jail_end end;
    ssize_t got = recv(run->child.socket, &end, sizeof end, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got == (ssize_t)sizeof end) {
        run->end = end;
        run->ended = true;
    }
    close_if_open(&run->child.socket);
}

/* Until the child has said how it ended, or closed its socket, or must be ended. */
static void watch(struct run *run, uint64_t deadline_ns, const atomic_int *cancel) {
    while (run->child.socket >= 0) {
        uint64_t now = now_ns();
        run->cancelled = cancel && atomic_load_explicit(cancel, memory_order_relaxed);
        run->timed_out = !run->cancelled && now >= deadline_ns;
        if (run->cancelled || run->timed_out)
            return;
        uint64_t left_ms = (deadline_ns - now) / 1000000 + 1;
        int timeout = cancel && left_ms > CANCEL_POLL_MS ? CANCEL_POLL_MS
                      : left_ms > 1000                   ? 1000
                                                         : (int)left_ms;
        struct pollfd polled[] = {{.fd = run->child.socket, .events = POLLIN},
                                  {.fd = run->child.diagnostics, .events = POLLIN}};
        if (poll(polled, 2, timeout) <= 0)
            continue;
        if (polled[1].revents)
            read_diagnostics(run);
        if (polled[0].revents)
            read_end(run);
    }
}

/* Closing the socket tells the child to kill what is below it; then it ends by itself. */
static void end(struct run *run) {
    close_if_open(&run->child.socket);
    uint64_t deadline = now_ns() + END_LIMIT_NS;
    int pidfd = pidfd_open(run->child.pid, 0);
    struct pollfd polled = {.fd = pidfd, .events = POLLIN};
    while (pidfd >= 0 && now_ns() < deadline && poll(&polled, 1, 100) <= 0)
        ;
    if (pidfd < 0 || !polled.revents)
        kill(run->child.pid, SIGKILL);
    while (waitpid(run->child.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close_if_open(&pidfd);
    run->child.pid = -1;
    read_diagnostics(run);
    close_if_open(&run->child.diagnostics);
}

static void note(struct run *run, const char *format, unsigned long long value) {
    int length = snprintf(run->text + run->text_bytes, 128, format, value);
    run->text_bytes += length > 0 ? (uint64_t)length : 0;
}

static int collect(struct run *run, const struct hone_compile_job *job,
                   struct hone_jail_result *result, struct hone_error *error) {
    uint64_t count = 0;
    if (run->text_lost)
        note(run, "\n[%llu more bytes of diagnostics were dropped]\n", run->text_lost);
    if (!run->timed_out) {
        int taken = hone_jail_folder_take(&run->folder, job->output, job->output_limit_bytes,
                                          &result->bytes, &count);
        if (taken == -EFBIG)
            note(run, "\n[the output is larger than %llu bytes]\n", job->output_limit_bytes);
        else if (taken)
            return hone_fail(error, taken, "cannot read %s/%s: %s", run->folder.path, job->output,
                             strerror(-taken));
    }
    run->text[run->text_bytes] = '\0';
    result->diagnostics = run->text;
    result->output = (struct hone_compile_output){
        .size = sizeof result->output,
        .status = run->end.status,
        .timed_out = run->timed_out,
        .diagnostics = run->text,
        .diagnostics_bytes = run->text_bytes,
        .bytes = result->bytes,
        .byte_count = count,
    };
    run->text = NULL;
    return 0;
}

/* What went wrong that was not the source's doing. */
static int check_end(struct run *run, struct hone_error *error) {
    run->text[run->text_bytes] = '\0';
    if (!run->timed_out && !run->ended)
        return hone_fail(error, -ECHILD, "hone-jail ended without an answer: %.200s",
                         run->text_bytes ? run->text : "was it killed?");
    run->end.step[sizeof run->end.step - 1] = '\0';
    if (run->ended && run->end.error)
        return hone_fail(error, -run->end.error, "%s: %s", run->end.step, strerror(run->end.error));
    return 0;
}

/* Those headers that are there compiled, as pairs of a name in the job's folder and a path. True
 * when all are. */
static bool find_headers(const struct hone_compile_job *job, const atomic_int *cancel,
                         char paths[HONE_JOB_HEADERS_MAX][HONE_JAIL_HEADER_PATH],
                         const char *links[2 * HONE_JOB_HEADERS_MAX + 1]) {
    const uint32_t count = job->header ? (job->header_count ? job->header_count : 1) : 0;
    size_t found = 0;
    for (uint32_t i = 0; i < count && i < HONE_JOB_HEADERS_MAX; i++) {
        if (!hone_jail_header_find(job, &job->header[i], cancel, paths[i]))
            continue;
        links[found++] = job->header[i].output;
        links[found++] = paths[i];
    }
    links[found] = NULL;
    return found == 2 * (size_t)count;
}

static int work(struct run *run, const struct hone_compile_job *job, const atomic_int *cancel,
                struct hone_jail_result *result, struct hone_error *error) {
    char paths[HONE_JOB_HEADERS_MAX][HONE_JAIL_HEADER_PATH];
    const char *links[2 * HONE_JOB_HEADERS_MAX + 1];
    const struct hone_jail_walls *walls;
    int failed = hone_jail_walls(&walls, error);
    if (failed)
        return failed;
    run->text = malloc(HONE_JAIL_DIAGNOSTICS_BYTES + 512); /* with room for two notes */
    if (!run->text)
        return hone_fail(error, -ENOMEM, "no memory for a compiler's diagnostics");
    struct hone_compile_job chosen = *job;
    if (!find_headers(job, cancel, paths, links) && job->without_headers)
        chosen.arguments = job->without_headers;
    uint64_t begun = now_ns();
    failed = hone_jail_folder_make(&run->folder, hone_jail_user(walls), error);
    failed =
        failed ? failed : hone_jail_folder_fill(&run->folder, job->files, job->file_count, error);
    failed =
        failed ? failed : hone_jail_spawn(&chosen, walls, &run->folder, links, &run->child, error);
    if (failed)
        return failed;
    watch(run, begun + job->wall_limit_s * NANOSECONDS, cancel);
    end(run);
    if (run->cancelled)
        return hone_fail(error, -ECANCELED, "the compile job was cancelled");
    failed = check_end(run, error);
    return failed ? failed : collect(run, job, result, error);
}

int hone_jail_run(const struct hone_compile_job *job, const atomic_int *cancel,
                  struct hone_jail_result *result, struct hone_error *error) {
    struct run run = {.folder = HONE_JAIL_FOLDER_NONE,
                      .child = {.pid = -1, .socket = -1, .diagnostics = -1}};
    uint64_t begun = now_ns();
    *result = (struct hone_jail_result){0};
    int failed = work(&run, job, cancel, result, error);
    hone_jail_folder_remove(&run.folder);
    free(run.text);
    if (failed)
        hone_jail_finish(result);
    result->wall_ns = now_ns() - begun;
    return failed;
}

void hone_jail_finish(struct hone_jail_result *result) {
    if (!result)
        return;
    free(result->diagnostics);
    free(result->bytes);
    *result = (struct hone_jail_result){0};
}
