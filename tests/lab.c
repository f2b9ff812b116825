#include "tests/lab.h"
#include "tests/orphan.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void lab_die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2); /* servers have asked for our death signal */
}

const char *lab_program(const char *name) {
    static char path[512];
    const char *build = getenv("HONE_BUILD");
    snprintf(path, sizeof path, "%s/%s", build ? build : "build/release", name);
    return path;
}

uint64_t lab_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void lab_pause_ns(uint64_t ns) {
    struct timespec pause = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    nanosleep(&pause, NULL);
}

uint64_t lab_random(uint64_t *state, uint64_t below) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

static void set_folder(const char *variable, const char *path) {
    if (mkdir(path, 0700) && errno != EEXIST)
        lab_die("%s: %s", path, strerror(errno));
    char *absolute = realpath(path, NULL);
    if (!absolute || setenv(variable, absolute, 1))
        lab_die("%s: %s", path, strerror(errno));
    free(absolute);
}

void lab_open(struct lab *lab) {
    *lab = (struct lab){0};
    strcpy(lab->root, "/tmp/lab-XXXXXX");
    if (!mkdtemp(lab->root))
        lab_die("%s: %s", lab->root, strerror(errno));
    snprintf(lab->name, sizeof lab->name, "lab-%d", (int)getpid());
    snprintf(lab->directory, sizeof lab->directory, "%s/hone", lab->root);
    char path[128];
    set_folder("XDG_RUNTIME_DIR", lab->root);
    snprintf(path, sizeof path, "%s/state", lab->root);
    set_folder("XDG_STATE_HOME", path);
    snprintf(path, sizeof path, "%s/tmp", lab->root);
    set_folder("TMPDIR", path);
    /* The tests' too, so that oracles stay built; unless another user's tests made it. */
    set_folder("XDG_CACHE_HOME", lab_program("test-cache"));
    if (access(getenv("XDG_CACHE_HOME"), W_OK)) {
        snprintf(path, sizeof path, "%s/cache", lab->root);
        set_folder("XDG_CACHE_HOME", path);
    }
    char *program = realpath(lab_program("hone"), NULL);
    if (!program)
        lab_die("%s: %s; `make all` builds it", lab_program("hone"), strerror(errno));
    setenv("HONE_SERVER", program, 1);
    free(program);
    signal(SIGPIPE, SIG_IGN);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path) && errno != ENOENT ? -1 : 0;
}

void lab_close(struct lab *lab) {
    nftw(lab->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void lab_start(struct lab *lab, const char *const *extra) {
    const char *words[40] = {lab_program("hone"), "serve", lab->name};
    for (uint32_t i = 0; extra && extra[i] && i < 36; i++)
        words[3 + i] = extra[i];
    char log[96];
    snprintf(log, sizeof log, "%s/log", lab->root);
    pid_t self = getpid();
    lab->pid = fork();
    if (lab->pid < 0)
        lab_die("fork: %s", strerror(errno));
    if (lab->pid)
        return;
    hone_test_die_with(self);
    setsid();
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(file, STDERR_FILENO);
    char *arguments[40];
    memcpy(arguments, words, sizeof arguments);
    execv(words[0], arguments);
    _exit(127);
}

struct hone *lab_try_attach(const struct lab *lab, uint32_t slots,
                            struct hone_client_error *error) {
    struct hone_attach_options options = {.slots = slots, .directory = lab->directory};
    struct hone *hone = NULL;
    return hone_attach(&hone, lab->name, &options, error) ? NULL : hone;
}

struct hone *lab_attach(const struct lab *lab, uint32_t slots) {
    struct hone_client_error error = {""};
    struct hone *hone = lab_try_attach(lab, slots, &error);
    if (!hone)
        lab_die("attach: %s", error.text);
    return hone;
}

void lab_serve(struct lab *lab, const char *const *extra) {
    lab_start(lab, extra);
    struct hone_client_error error = {""};
    for (uint32_t tries = 0; tries < 3000; tries++) {
        struct hone *hone = lab_try_attach(lab, 1, &error);
        if (hone) {
            hone_close(hone);
            return;
        }
        if (waitpid(lab->pid, NULL, WNOHANG))
            lab_die("the server ended at its start: see %s/log", lab->root);
        lab_pause_ns(10000000);
    }
    lab_die("the server does not come up: %s", error.text);
}

void lab_stop(struct lab *lab) {
    if (!lab->pid)
        return;
    kill(lab->pid, SIGTERM);
    waitpid(lab->pid, NULL, 0);
    lab->pid = 0;
}

static size_t read_small(pid_t pid, const char *what, char *text, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, text, size - 1);
    if (file >= 0)
        close(file);
    text[got > 0 ? got : 0] = '\0';
    return got > 0 ? (size_t)got : 0;
}

static int32_t count_descriptors(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    if (!folder)
        return -1;
    int32_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static int32_t count_mappings(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *file = fopen(path, "re");
    int32_t count = 0;
    for (int byte; file && (byte = getc(file)) != EOF;)
        count += byte == '\n';
    if (file)
        fclose(file);
    return count ? count : -1;
}

static uint64_t field_kib(const char *text, const char *name) {
    const char *at = strstr(text, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void look_closer(struct lab_process *process) {
    char text[4096];
    read_small(process->pid, "status", text, sizeof text);
    process->resident_bytes =
        1024 * (field_kib(text, "\nRssAnon:") + field_kib(text, "\nRssShmem:"));
    process->descriptors = count_descriptors(process->pid);
    process->mappings = count_mappings(process->pid);
}

/* Fields of /proc/PID/stat; the name before them may hold anything but is in parentheses. */
static bool look_at(pid_t pid, pid_t session, bool whole, struct lab_process *process) {
    char text[1024];
    read_small(pid, "stat", text, sizeof text);
    const char *after = strrchr(text, ')');
    char state;
    int parent, its_session;
    long threads;
    if (!after ||
        sscanf(after + 1, " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld",
               &state, &parent, &its_session, &threads) != 4 ||
        state == 'Z' || state == 'X' || its_session != session)
        return false;
    *process = (struct lab_process){.pid = pid,
                                    .parent = parent,
                                    .threads = (uint32_t)threads,
                                    .descriptors = -1,
                                    .mappings = -1};
    if (whole)
        look_closer(process);
    size_t length = read_small(pid, "cmdline", process->command, sizeof process->command);
    for (size_t i = 0; i < length; i++)
        if (!process->command[i])
            process->command[i] = ' ';
    return true;
}

static uint32_t scan(pid_t session, bool whole, struct lab_process *list, uint32_t capacity) {
    DIR *proc = opendir("/proc");
    uint32_t count = 0;
    for (struct dirent *item; proc && (item = readdir(proc));) {
        struct lab_process process;
        if (!isdigit((unsigned char)item->d_name[0]) ||
            !look_at(atoi(item->d_name), session, whole, &process))
            continue;
        if (count < capacity)
            list[count] = process;
        count++;
    }
    if (proc)
        closedir(proc);
    return count < capacity ? count : capacity;
}

uint32_t lab_processes(pid_t session, struct lab_process *list, uint32_t capacity) {
    return scan(session, true, list, capacity);
}

uint32_t lab_processes_quick(pid_t session, struct lab_process *list, uint32_t capacity) {
    return scan(session, false, list, capacity);
}

static char *read_all(int file, size_t *bytes) {
    size_t used = 0, room = 1 << 16;
    char *text = malloc(room);
    for (ssize_t got = 1; text && got > 0;) {
        if (used + 1 == room)
            text = realloc(text, room *= 2);
        got = text ? read(file, text + used, room - used - 1) : -1;
        used += got > 0 ? (size_t)got : 0;
    }
    if (!text)
        lab_die("out of memory");
    text[used] = '\0';
    if (bytes)
        *bytes = used;
    return text;
}

char *lab_run(int *status, const char *const *words) {
    char *arguments[40] = {(char *)(uintptr_t)lab_program("hone")};
    for (uint32_t i = 0; words[i] && i < 38; i++)
        memcpy(&arguments[1 + i], &words[i], sizeof(char *));
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        lab_die("pipe: %s", strerror(errno));
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        hone_test_die_with(self);
        dup2(ends[1], STDOUT_FILENO);
        execv(arguments[0], arguments);
        _exit(127);
    }
    close(ends[1]);
    char *text = read_all(ends[0], NULL);
    close(ends[0]);
    int raw = 0;
    waitpid(child, &raw, 0);
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 256 + WTERMSIG(raw);
    return text;
}

uint32_t lab_entries(const char *folder, const char *prefix, char *name, size_t size) {
    DIR *listing = opendir(folder);
    uint32_t count = 0;
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
            !strncmp(entry->d_name, prefix, strlen(prefix))) {
            count++;
            if (name)
                snprintf(name, size, "%s/%s", folder, entry->d_name);
        }
    if (listing)
        closedir(listing);
    return count;
}

char *lab_read(const char *path, size_t *bytes) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        lab_die("%s: %s", path, strerror(errno));
    char *text = read_all(file, bytes);
    close(file);
    return text;
}

void lab_write(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    if (!file || fputs(text, file) < 0 || fclose(file))
        lab_die("%s: %s", path, strerror(errno));
}

void lab_put(struct hone *hone, uint32_t slot, const char *source, size_t bytes) {
    size_t capacity = 0;
    char *buffer = hone_action_buffer(hone, slot, &capacity);
    if (!buffer || bytes > capacity)
        lab_die("slot %u has no room for a source of %zu bytes", slot, bytes);
    memcpy(buffer, source, bytes);
}

void lab_reset(struct hone *hone, uint32_t slot, const char *task) {
    const struct hone_observation *first;
    if (hone_reset(hone, slot, task, 1, &first))
        lab_die("reset: %s", hone_message(hone));
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double lab_quantile(const double *sorted, uint32_t count, double q) {
    return sorted[(uint32_t)(q * (count - 1) + 0.5)];
}

double lab_median(double *values, uint32_t count) {
    qsort(values, count, sizeof *values, compare);
    return lab_quantile(values, count, 0.5);
}
