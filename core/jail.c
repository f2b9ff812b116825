#include "core/jail.h"

#include "core/error.h"
#include "core/jail_folder.h"
#include "core/jail_protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
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
    pid_t child;
    int socket;      /* to the child: closing it ends the job */
    int diagnostics; /* read end; -1 at its end */
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

static int find_program(char path[512], struct hone_error *error) {
    const char *given = getenv("HONE_JAIL_PROGRAM");
    if (given && given[0]) {
        snprintf(path, 512, "%s", given);
        return 0;
    }
    ssize_t length = readlink("/proc/self/exe", path, 512 - sizeof "hone");
    if (length <= 0)
        return hone_fail(error, -ENOENT, "cannot find this program itself: /proc is not mounted");
    path[length] = '\0';
    char *name = strrchr(path, '/') + 1;
    if (strcmp(name, "hone") != 0)
        memcpy(name, "hone", sizeof "hone");
    return 0;
}

/* argv of the child: "hone jail CPU MEMORY FILE -- compiler ...". Only the array is allocated. */
static char **make_arguments(const struct hone_compile_job *job, char numbers[3][24]) {
    size_t count = 0;
    while (job->arguments[count])
        count++;
    char **arguments = calloc(HONE_JAIL_ARGUMENTS + count + 1, sizeof *arguments);
    if (!arguments)
        return NULL;
    snprintf(numbers[0], sizeof *numbers, "%u", job->cpu_limit_s);
    snprintf(numbers[1], sizeof *numbers, "%llu", (unsigned long long)job->memory_limit_bytes);
    snprintf(numbers[2], sizeof *numbers, "%llu", (unsigned long long)job->output_limit_bytes);
    char *head[HONE_JAIL_ARGUMENTS] = {"hone", "jail", numbers[0], numbers[1], numbers[2], "--"};
    memcpy(arguments, head, sizeof head);
    for (size_t i = 0; i < count; i++) /* execve() takes char *const [], and changes nothing */
        memcpy(&arguments[HONE_JAIL_ARGUMENTS + i], &job->arguments[i], sizeof(char *));
    return arguments;
}

static int spawn(struct run *run, const char *program, char **arguments, int output, int socket) {
    /* The folder is the working directory: diagnostics show no path of it. */
    char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TMPDIR=.", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    /* The ends come from above the numbers they are put on (high()), so none is overwritten. */
    int result = posix_spawn_file_actions_addfchdir_np(&actions, run->folder.fd);
    result =
        result ? result : posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    result = result ? result : posix_spawn_file_actions_adddup2(&actions, output, 1);
    result = result ? result : posix_spawn_file_actions_adddup2(&actions, output, 2);
    result = result ? result : posix_spawn_file_actions_adddup2(&actions, socket, HONE_JAIL_SOCKET);
    result = result
                 ? result
                 : posix_spawn(&run->child, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -result;
}

/* The same descriptor under a number above those the child gives a meaning. */
static int high(int fd) {
    int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HONE_JAIL_SOCKET + 1);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return moved;
}

static int start(struct run *run, const struct hone_compile_job *job, struct hone_error *error) {
    char program[512], numbers[3][24];
    int pair[2] = {-1, -1}, output[2] = {-1, -1};
    char **arguments = NULL;
    int result = find_program(program, error);
    if (result)
        return result;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || pipe2(output, O_CLOEXEC) ||
        (pair[1] = high(pair[1])) < 0 || (output[1] = high(output[1])) < 0 ||
        fcntl(output[0], F_SETFL, O_NONBLOCK)) {
        result = hone_fail(error, -errno, "cannot make a pipe to a compiler: %s", strerror(errno));
        goto out;
    }
    arguments = make_arguments(job, numbers);
    result = arguments ? spawn(run, program, arguments, output[1], pair[1]) : -ENOMEM;
    if (result) {
        run->child = -1;
        hone_fail(error, result, "cannot start %s jail: %s", program, strerror(-result));
        goto out;
    }
    run->socket = pair[0];
    run->diagnostics = output[0];
    pair[0] = output[0] = -1;
out:
    free(arguments);
    for (int i = 0; i < 2; i++) {
        close_if_open(&pair[i]);
        close_if_open(&output[i]);
    }
    return result;
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
    for (int i = 0; i < 16 && run->diagnostics >= 0; i++) {
        ssize_t got = read(run->diagnostics, bytes, sizeof bytes);
        if (got > 0)
            keep(run, bytes, (uint64_t)got);
        else if (got == 0)
            close_if_open(&run->diagnostics);
        else if (errno != EINTR)
            return;
    }
}

static void read_end(struct run *run) {
    struct hone_jail_end end;
    ssize_t got = recv(run->socket, &end, sizeof end, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got == (ssize_t)sizeof end) {
        run->end = end;
        run->ended = true;
    }
    close_if_open(&run->socket);
}

/* Until the child has said how it ended, or closed its socket, or must be ended. */
static void watch(struct run *run, uint64_t deadline_ns, const atomic_int *cancel) {
    while (run->socket >= 0) {
        uint64_t now = now_ns();
        run->cancelled = cancel && atomic_load_explicit(cancel, memory_order_relaxed);
        run->timed_out = !run->cancelled && now >= deadline_ns;
        if (run->cancelled || run->timed_out)
            return;
        uint64_t left_ms = (deadline_ns - now) / 1000000 + 1;
        int timeout = cancel && left_ms > CANCEL_POLL_MS ? CANCEL_POLL_MS
                      : left_ms > 1000                   ? 1000
                                                         : (int)left_ms;
        struct pollfd polled[] = {{.fd = run->socket, .events = POLLIN},
                                  {.fd = run->diagnostics, .events = POLLIN}};
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
    close_if_open(&run->socket);
    uint64_t deadline = now_ns() + END_LIMIT_NS;
    int pidfd = pidfd_open(run->child, 0);
    struct pollfd polled = {.fd = pidfd, .events = POLLIN};
    while (pidfd >= 0 && now_ns() < deadline && poll(&polled, 1, 100) <= 0)
        ;
    if (pidfd < 0 || !polled.revents)
        kill(run->child, SIGKILL);
    while (waitpid(run->child, NULL, 0) < 0 && errno == EINTR)
        ;
    close_if_open(&pidfd);
    run->child = -1;
    read_diagnostics(run);
    close_if_open(&run->diagnostics);
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

static int work(struct run *run, const struct hone_compile_job *job, const atomic_int *cancel,
                uint64_t begun, struct hone_jail_result *result, struct hone_error *error) {
    run->text = malloc(HONE_JAIL_DIAGNOSTICS_BYTES + 512); /* with room for two notes */
    if (!run->text)
        return hone_fail(error, -ENOMEM, "no memory for a compiler's diagnostics");
    int failed = hone_jail_folder_make(&run->folder, error);
    failed =
        failed ? failed : hone_jail_folder_fill(&run->folder, job->files, job->file_count, error);
    failed = failed ? failed : start(run, job, error);
    if (failed)
        return failed;
    watch(run, begun + job->wall_limit_s * NANOSECONDS, cancel);
    end(run);
    if (run->cancelled)
        return hone_fail(error, -ECANCELED, "the compile job was cancelled");
    run->text[run->text_bytes] = '\0';
    if (!run->timed_out && !run->ended)
        return hone_fail(error, -ECHILD, "hone jail ended without an answer: %.200s",
                         run->text_bytes ? run->text : "was it killed?");
    if (run->ended && run->end.error)
        return hone_fail(error, -run->end.error, "cannot start the compiler %s: %s",
                         job->arguments[0], strerror(run->end.error));
    return collect(run, job, result, error);
}

int hone_jail_run(const struct hone_compile_job *job, const atomic_int *cancel,
                  struct hone_jail_result *result, struct hone_error *error) {
    struct run run = {
        .folder = {.fd = -1, .lock = -1}, .child = -1, .socket = -1, .diagnostics = -1};
    uint64_t begun = now_ns();
    *result = (struct hone_jail_result){0};
    int failed = work(&run, job, cancel, begun, result, error);
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
