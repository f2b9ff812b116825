#include "core/process_state.h"

#include "core/error.h"

#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* More than any plugin has reason to keep open. */
#define DESCRIPTORS_MOST 256
#define GROWTH_MOST ((uint64_t)1 << 30)

static int keep_environment(struct hone_process_state *state) {
    size_t count = 0;
    while (environ && environ[count])
        count++;
    state->environment_bytes = (count + 1) * sizeof(char *);
    state->environment = calloc(count + 1, sizeof(char *));
    state->working = calloc(count + 1, sizeof(char *));
    if (!state->environment || !state->working)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        state->environment[i] = environ[i];
    memcpy(state->working, state->environment, state->environment_bytes);
    environ = state->working;
    return 0;
}

/* Two are the C library's own, and two can never be changed: those are left out. */
static void keep_signals(struct hone_process_state *state) {
    for (int i = 1; i < HONE_STATE_SIGNALS; i++)
        state->signals[i].known =
            i != SIGKILL && i != SIGSTOP && !sigaction(i, NULL, &state->signals[i].action);
}

static int lowest_free(void) {
    int file = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (file >= 0)
        close(file);
    return file < 0 ? DESCRIPTORS_MOST + 1 : file;
}

int hone_process_state_keep(struct hone_process_state *state, struct hone_error *error) {
    struct stat status;
    *state = (struct hone_process_state){.pid = getpid(), .folder = -1, .mask = umask(022)};
    umask(state->mask);
    if (keep_environment(state))
        return hone_fail(error, -ENOMEM, "out of memory");
    state->folder = open(".", O_PATH | O_CLOEXEC);
    if (state->folder < 0)
        return hone_fail(error, -errno, "the working folder: %s", strerror(errno));
    for (int i = 0; i < HONE_STATE_FILES; i++) {
        if (fstat(i, &status))
            continue;
        state->files[i].open = true;
        state->files[i].device = status.st_dev;
        state->files[i].inode = status.st_ino;
    }
    state->lowest_free = lowest_free();
    keep_signals(state);
    return 0;
}

void hone_process_state_drop(struct hone_process_state *state) {
    if (state->working && environ == state->working)
        environ = state->environment; /* that libc may still read it */
    else
        free(state->environment);
    free(state->working);
    if (state->folder >= 0)
        close(state->folder);
}

/* Exceptions, rounding, flushing to zero: all of what results depend on. */
static void restore_arithmetic(void) {
    fesetenv(FE_DFL_ENV);
}

/* Whoever ignores SIGCHLD never learns how a compiler ended. */
static void restore_signals(const struct hone_process_state *state) {
    static const struct itimerval none = {{0, 0}, {0, 0}};
    sigset_t nothing;
    setitimer(ITIMER_REAL, &none, NULL);
    setitimer(ITIMER_VIRTUAL, &none, NULL);
    setitimer(ITIMER_PROF, &none, NULL);
    signal(SIGALRM, SIG_IGN); /* one that waits, blocked, would end the process below */
    signal(SIGVTALRM, SIG_IGN);
    signal(SIGPROF, SIG_IGN);
    for (int i = 1; i < HONE_STATE_SIGNALS; i++)
        if (state->signals[i].known)
            sigaction(i, &state->signals[i].action, NULL);
    sigemptyset(&nothing);
    sigprocmask(SIG_SETMASK, &nothing, NULL);
}

static void restore_names(const struct hone_process_state *state) {
    uselocale(LC_GLOBAL_LOCALE);
    const char *locale = setlocale(LC_ALL, NULL);
    if (!locale || strcmp(locale, "C"))
        setlocale(LC_ALL, "C"); /* a decimal comma would change what numbers are read */
    if (environ != state->working ||
        memcmp(state->working, state->environment, state->environment_bytes)) {
        memcpy(state->working, state->environment, state->environment_bytes);
        environ = state->working;
    }
    umask(state->mask);
    (void)!fchdir(state->folder);
}

static const char *look_at_files(struct hone_process_state *state) {
    static const char *const gone[HONE_STATE_FILES] = {
        "closed or replaced descriptor 0, which is its host's",
        "closed or replaced descriptor 1, which is its host's",
        "closed or replaced descriptor 2, which is its host's",
        "closed or replaced descriptor 3, which is its host's"};
    struct stat status;
    for (int i = 0; i < HONE_STATE_FILES; i++)
        if (!state->files[i].open)
            continue;
        else if (fstat(i, &status) || status.st_dev != state->files[i].device ||
                 status.st_ino != state->files[i].inode)
            return gone[i];
    const int before = state->lowest_free;
    state->lowest_free = lowest_free();
    return state->lowest_free > DESCRIPTORS_MOST && state->lowest_free > before
               ? "leaves descriptors open, more than 256 by now"
               : NULL;
}

const char *hone_process_state_restore(struct hone_process_state *state) {
    if (getpid() != state->pid)
        _exit(0); /* forked by the plugin: one answer is enough */
    restore_arithmetic();
    restore_signals(state);
    restore_names(state);
    return look_at_files(state);
}

static uint64_t own_bytes(void) {
    unsigned long long total, resident, shared;
    FILE *file = fopen("/proc/self/statm", "re");
    bool read = file && fscanf(file, "%llu %llu %llu", &total, &resident, &shared) == 3;
    if (file)
        fclose(file);
    return read && resident > shared ? (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

void hone_process_state_weigh(struct hone_process_state *state) {
    state->own_bytes = own_bytes();
}

uint64_t hone_process_state_excess(const struct hone_process_state *state) {
    const uint64_t now = own_bytes();
    return now > state->own_bytes && now - state->own_bytes > GROWTH_MOST ? now - state->own_bytes
                                                                          : 0;
}
