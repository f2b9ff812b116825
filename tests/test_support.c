#include "tests/orphan.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *hone_test_program(void) {
    static char path[512];
    const char *build = getenv("HONE_BUILD");
    snprintf(path, sizeof path, "%s/hone", build ? build : "build/release");
    return path;
}

static void set_folders(const struct hone_test_server *server) {
    setenv("XDG_RUNTIME_DIR", server->root, 1);
    setenv("XDG_STATE_HOME", server->root, 1);
    /* Shared, so that each image and oracle is compiled once for all tests. */
    char cache[512];
    snprintf(cache, sizeof cache, "%s/test-cache",
             getenv("HONE_BUILD") ? getenv("HONE_BUILD") : "build/release");
    char *absolute = mkdir(cache, 0700) && errno != EEXIST ? NULL : realpath(cache, NULL);
    if (absolute)
        setenv("XDG_CACHE_HOME", absolute, 1);
    free(absolute);
}

void hone_test_folders(struct hone_test_server *server) {
    *server = (struct hone_test_server){0};
    strcpy(server->root, "/tmp/hone-test-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(server->root), NULL));
    snprintf(server->name, sizeof server->name, "test-%d", (int)getpid());
    snprintf(server->directory, sizeof server->directory, "%s/hone", server->root);
    char *settings = realpath("tests/patient.ini", NULL);
    cr_assert(ne(ptr, settings, NULL));
    setenv("HONE_SETTINGS", settings, 1);
    free(settings);
}

void hone_test_clean(struct hone_test_server *server) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", server->root);
    cr_assert(eq(int, system(command), 0));
}

static struct hone *try_attach(const struct hone_test_server *server, uint32_t slots,
                               uint64_t token, struct hone_client_error *error) {
    struct hone_attach_options options = {
        .slots = slots, .directory = server->directory, .token = token};
    struct hone *hone = NULL;
    return hone_attach(&hone, server->name, &options, error) ? NULL : hone;
}

struct hone *hone_test_return(const struct hone_test_server *server, uint32_t slots,
                              uint64_t token) {
    struct hone_client_error error = {""};
    struct hone *hone = try_attach(server, slots, token, &error);
    cr_assert(ne(ptr, hone, NULL), "attach: %s", error.text);
    return hone;
}

struct hone *hone_test_attach(const struct hone_test_server *server, uint32_t slots) {
    return hone_test_return(server, slots, 0);
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

void hone_test_serve(struct hone_test_server *server, const char *const *extra) {
    hone_test_folders(server);
    hone_test_serve_again(server, extra);
}

void hone_test_serve_again(struct hone_test_server *server, const char *const *extra) {
    const char *arguments[32] = {hone_test_program(), "serve", server->name, "--trusted"};
    for (int i = 0; extra && extra[i]; i++)
        arguments[4 + i] = extra[i];
    pid_t self = getpid();
    server->pid = fork();
    if (server->pid == 0) {
        hone_test_die_with(self);
        setsid();
        set_folders(server);
        execv(arguments[0], (char **)arguments);
        _exit(127);
    }
    struct hone_client_error error = {""};
    for (int tries = 0; tries < 600; tries++) {
        int status;
        cr_assert(eq(int, waitpid(server->pid, &status, WNOHANG), 0), "the server ended");
        struct hone *hone = try_attach(server, 1, 0, &error);
        if (hone) {
            hone_close(hone);
            return;
        }
        pause_ms(50);
    }
    cr_fatal("the server does not come up: %s", error.text);
}

/* Field 6 of /proc/PID/stat is the Unix session; 3 the state. The name before may hold anything but
 * is in (). */
static bool is_of_session(pid_t pid, pid_t session) {
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    size_t got = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[got] = 0;
    char *after = strrchr(text, ')');
    char state;
    int parent, group, its_session;
    return after && sscanf(after + 1, " %c %d %d %d", &state, &parent, &group, &its_session) == 4 &&
           state != 'Z' && its_session == session;
}

static bool has_part(pid_t pid, const char *part) {
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    FILE *file = fopen(path, "r");
    size_t got = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    for (size_t i = 0; i < got; i++)
        if (!text[i])
            text[i] = ' ';
    return strstr(text, part) != NULL;
}

int hone_test_processes(const struct hone_test_server *server, const char *part, pid_t *pids,
                        int capacity) {
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *item; proc && (item = readdir(proc));) {
        pid_t pid = isdigit((unsigned char)item->d_name[0]) ? atoi(item->d_name) : 0;
        if (!pid || !is_of_session(pid, server->pid) || (part && !has_part(pid, part)))
            continue;
        if (count < capacity)
            pids[count] = pid;
        count++;
    }
    if (proc)
        closedir(proc);
    return count;
}

static void expect_nothing_left(const struct hone_test_server *server) {
    pid_t left[4];
    int count = 0;
    for (int tries = 0; tries < 40; tries++) {
        count = hone_test_processes(server, NULL, left, 4);
        if (!count)
            return;
        pause_ms(25);
    }
    cr_expect(eq(int, count, 0), "processes of a server that ended");
}

void hone_test_reap(struct hone_test_server *server) {
    int status;
    waitpid(server->pid, &status, 0);
    expect_nothing_left(server);
}

void hone_test_stop(struct hone_test_server *server) {
    kill(server->pid, SIGTERM);
    int status = -1;
    waitpid(server->pid, &status, 0);
    cr_expect(eq(int, status, 0), "the server ends with status 0");
    expect_nothing_left(server);
    hone_test_clean(server);
}

char *hone_test_run(const struct hone_test_server *server, int *status, ...) {
    const char *arguments[32] = {hone_test_program()};
    va_list list;
    va_start(list, status);
    for (int i = 1; i < 31 && (arguments[i] = va_arg(list, const char *)); i++)
        continue;
    va_end(list);
    int ends[2];
    cr_assert(eq(int, pipe(ends), 0));
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        hone_test_die_with(self);
        set_folders(server);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv(arguments[0], (char **)arguments);
        _exit(127);
    }
    close(ends[1]);
    size_t used = 0, room = 1 << 20;
    char *text = malloc(room);
    for (ssize_t got; used < room - 1 && (got = read(ends[0], text + used, room - 1 - used)) > 0;)
        used += (size_t)got;
    text[used] = 0;
    close(ends[0]);
    int raw;
    waitpid(child, &raw, 0);
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 256 + WTERMSIG(raw);
    return text;
}

bool hone_test_emulates(void) {
    return !system("command -v g++ >/dev/null || command -v clang++ >/dev/null");
}

char *hone_test_read(const char *path) {
    FILE *file = fopen(path, "r");
    cr_assert(ne(ptr, file, NULL), "%s: %s", path, strerror(errno));
    char *text = malloc(1 << 20);
    size_t got = fread(text, 1, (1 << 20) - 1, file);
    text[got] = 0;
    fclose(file);
    return text;
}

const struct hone_observation *hone_test_step_in(struct hone *hone, uint32_t slot,
                                                 const char *language, const char *source) {
    size_t capacity;
    char *buffer = hone_action_buffer(hone, slot, &capacity);
    size_t bytes = strlen(source);
    cr_assert(le(sz, bytes, capacity));
    memcpy(buffer, source, bytes);
    struct hone_action action = {.language = language, .source_bytes = bytes};
    const struct hone_observation *observation = NULL;
    int code = hone_step(hone, slot, &action, &observation);
    cr_assert(eq(int, code, 0), "step: %s", hone_message(hone));
    return observation;
}

const struct hone_observation *hone_test_step(struct hone *hone, uint32_t slot,
                                              const char *source) {
    return hone_test_step_in(hone, slot, "c", source);
}
