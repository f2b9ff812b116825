#include "core/watch.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/process_state.h"
#include "core/text.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared with the process that waits, which believes none of it beyond a text to print. */
struct board {
    char doing[200], left[80];
    _Atomic uint64_t until_ns; /* 0: no plugin runs */
    _Atomic uint32_t finished;
};

struct hone_watch {
    struct board *board;
    struct hone_process_state state;
};

void hone_watch_begin(struct hone_watch *watch, uint32_t limit_ms, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(watch->board->doing, sizeof watch->board->doing, format, arguments);
    va_end(arguments);
    atomic_store(&watch->board->until_ns, hone_now_ns() + limit_ms * (uint64_t)1000000);
}

void hone_watch_end(struct hone_watch *watch) {
    const char *left = hone_process_state_restore(&watch->state);
    if (left) {
        snprintf(watch->board->left, sizeof watch->board->left, "%s", left);
        _exit(1);
    }
    atomic_store(&watch->board->until_ns, 0);
}

/* False when a plugin has used up its time. */
static bool wait_in_time(pid_t child, const struct board *board, int *status) {
    struct pollfd ended = {.fd = pidfd_open(child, 0), .events = POLLIN};
    bool late = false;
    while (ended.fd >= 0 && !late && poll(&ended, 1, 50) <= 0) {
        const uint64_t until = atomic_load(&board->until_ns);
        late = until && hone_now_ns() > until;
    }
    if (ended.fd >= 0)
        close(ended.fd);
    if (late)
        kill(-child, SIGKILL);
    siginfo_t info;
    while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) && errno == EINTR)
        ;
    kill(-child, SIGKILL); /* what a plugin forked, while the group's number is still its own */
    while (waitpid(child, status, 0) < 0 && errno == EINTR)
        ;
    return !late;
}

static int explain(struct board *board, bool in_time, int status, struct hone_error *error) {
    board->doing[sizeof board->doing - 1] = board->left[sizeof board->left - 1] = '\0';
    hone_text_line(board->doing);
    hone_text_line(board->left);
    char doing[280] = "before any plugin ran";
    const bool idle = !atomic_load(&board->until_ns);
    if (*board->doing)
        snprintf(doing, sizeof doing, "%s%s", idle ? "while no plugin was called, after " : "",
                 board->doing);
    if (*board->left)
        return hone_fail(error, -EREMOTEIO, "%s: it %s", doing, board->left);
    if (!in_time)
        return hone_fail(error, -EREMOTEIO, "%s: missed its deadline", doing);
    if (WIFSIGNALED(status))
        return hone_fail(error, -EREMOTEIO, "%s: crashed with signal %d (%s)", doing,
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
    return hone_fail(error, -EREMOTEIO, "%s: ended the process with exit status %d", doing,
                     WEXITSTATUS(status));
}

static int run_child(struct board *board, pid_t parent,
                     int (*work)(void *context, struct hone_watch *watch), void *context) {
    struct hone_watch watch = {.board = board};
    struct hone_error error;
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN); /* a group of its own is a terminal's background: it may print */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return 1; /* that ended before it could take this process along */
    if (hone_process_state_keep(&watch.state, &error)) {
        fprintf(stderr, "hone: %s\n", error.text);
        return 1;
    }
    int status = work(context, &watch);
    hone_process_state_drop(&watch.state);
    if (fflush(stdout) || ferror(stdout)) {
        fputs("hone: the output could not be written\n", stderr);
        status = status ? status : 1;
    }
    atomic_store(&board->finished, 1);
    return status;
}

int hone_watch_try(int (*work)(void *context, struct hone_watch *watch), void *context,
                   struct hone_error *error) {
    struct board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        return hone_fail(error, -errno, "memory for a process: %s", strerror(errno));
    fflush(stdout);
    const pid_t parent = getpid();
    pid_t child = fork();
    if (!child)
        _exit(run_child(board, parent, work, context));
    int status = 0, result;
    if (child < 0) {
        result = hone_fail(error, -errno, "a process: %s", strerror(errno));
    } else {
        bool in_time = wait_in_time(child, board, &status);
        result = in_time && WIFEXITED(status) && atomic_load(&board->finished)
                     ? WEXITSTATUS(status)
                     : explain(board, in_time, status, error);
    }
    munmap(board, sizeof *board);
    return result;
}

int hone_watch_run(const char *command, int (*work)(void *context, struct hone_watch *watch),
                   void *context) {
    struct hone_error error;
    int result = hone_watch_try(work, context, &error);
    if (result >= 0)
        return result;
    fprintf(stderr, "hone %s: %s\n", command, error.text);
    return 1;
}

struct trial {
    const char *name;
    enum hone_kind kind;
};

static int load(const struct trial *trial, struct hone_loaded *loaded, struct hone_error *error) {
    return trial->kind ? hone_load(trial->name, trial->kind, loaded, error)
                       : hone_load_any(trial->name, loaded, error);
}

/* Whether it loads is not asked, only whether one comes back from it. */
static int try_load(void *context, struct hone_watch *watch) {
    const struct trial *trial = context;
    struct hone_loaded loaded;
    hone_watch_begin(watch, HONE_WATCH_LOAD_MS, "%s: loading it", trial->name);
    (void)load(trial, &loaded, NULL);
    hone_watch_end(watch);
    return 0;
}

int hone_watch_load(const char *name, enum hone_kind kind, struct hone_loaded *loaded,
                    struct hone_error *error) {
    struct trial trial = {name, kind};
    int failed = hone_watch_try(try_load, &trial, error);
    return failed ? failed : load(&trial, loaded, error);
}
