#include "client.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_NS 60000000000u
#define END_MS 5000

extern char **environ;

static bool is_program(const char *path) {
    struct stat facts;
    return !stat(path, &facts) && S_ISREG(facts.st_mode) && !access(path, X_OK);
}

/* $HONE_SERVER; beside the file this code was loaded from, or in the places a build or an
 * installation puts it; PATH. */
static void find_program(char *path, size_t size) {
    static const char *const places[] = {"hone", "../bin/hone", "../hone"};
    const char *told = getenv("HONE_SERVER");
    if (told && told[0]) {
        snprintf(path, size, "%s", told);
        return;
    }
    Dl_info self;
    /* ISO C knows no way from a function to an object pointer; POSIX does. */
    void *inside = NULL;
    int (*function)(struct hone **, const char *, const struct hone_attach_options *,
                    struct hone_client_error *) = hone_open;
    memcpy(&inside, &function, sizeof inside);
    if (dladdr(inside, &self) && self.dli_fname) {
        const char *slash = strrchr(self.dli_fname, '/');
        int folder = slash ? (int)(slash - self.dli_fname) : 1;
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            snprintf(path, size, "%.*s/%s", folder, slash ? self.dli_fname : ".", places[i]);
            if (is_program(path))
                return;
        }
    }
    snprintf(path, size, "hone");
}

static int spawn_server(const char *program, const char *configuration, int socket, pid_t *server) {
    char *arguments[] = {
        (char *)(uintptr_t)program,       "serve", "--private", configuration ? "--settings" : NULL,
        (char *)(uintptr_t)configuration, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGCHLD);
    sigaddset(&usual, SIGINT);
    int status = -posix_spawn_file_actions_init(&actions);
    if (status)
        return status;
    status = -posix_spawnattr_init(&attributes);
    if (status)
        goto undo_actions;
    status = -posix_spawn_file_actions_adddup2(&actions, socket, 3);
    if (!status) /* nothing else of the agent's reaches the server */
        status = -posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    /* A group of its own, so that a Ctrl-C meant for the agent does not end the server under it. */
    if (!status)
        status = -posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    if (!status)
        status = -posix_spawnattr_setsigmask(&attributes, &none);
    if (!status)
        status = -posix_spawnattr_setsigdefault(&attributes, &usual);
    if (!status)
        status = -posix_spawnp(server, program, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
undo_actions:
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* The server ends because its socket closed; one that does not is ended. */
static void wait_for_end(pid_t server) {
    int pidfd = (int)syscall(SYS_pidfd_open, server, 0);
    if (pidfd >= 0) {
        struct pollfd look = {.fd = pidfd, .events = POLLIN};
        int ended;
        do
            ended = poll(&look, 1, END_MS);
        while (ended < 0 && errno == EINTR);
        if (ended == 0)
            kill(server, SIGKILL);
        close(pidfd);
    }
    while (waitpid(server, NULL, 0) < 0 && errno == EINTR)
        ;
}

void hone_close(struct hone *hone) {
    if (!hone)
        return;
    pid_t server = hone->server;
    hone_client_destroy(hone);
    if (server)
        wait_for_end(server);
}

int hone_open(struct hone **made, const char *configuration,
              const struct hone_attach_options *options, struct hone_client_error *error) {
    struct hone_attach_options wanted = {0};
    if (options)
        wanted = *options;
    *made = NULL;
    char program[4096];
    find_program(program, sizeof program);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return hone_client_fail(error, -errno, "no socket: %s", strerror(errno));
    struct hone *hone = hone_client_create(pair[0]);
    if (!hone) {
        close(pair[0]);
        close(pair[1]);
        return hone_client_fail(error, -ENOMEM, "out of memory");
    }
    pid_t server = 0;
    int status = spawn_server(program, configuration, pair[1], &server);
    close(pair[1]);
    if (status) {
        hone_client_destroy(hone);
        return hone_client_fail(error, status,
                                "%s cannot be started: %s (set HONE_SERVER to the hone program)",
                                program, strerror(-status));
    }
    hone->server = server;
    uint64_t within = wanted.timeout_ns ? wanted.timeout_ns : START_NS;
    status = hone_client_greet(hone, &wanted, hone_client_now_ns() + within, error);
    if (status)
        hone_close(hone);
    else
        *made = hone;
    return status;
}
