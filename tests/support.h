/* support.h - what several tests need: a server of their own with folders of its own, and a look at
 * processes.
 *
 * For all tests: Criterion 2.4.1's `gt` holds where both are equal, its `ge` where one is a NaN.
 * Write lt() and le() with the smaller value first; `make layers` finds the others. */
#ifndef HONE_TESTS_SUPPORT_H
#define HONE_TESTS_SUPPORT_H

#include "ipc/hone.h"

#include <stdbool.h>
#include <sys/types.h>

struct hone_test_server {
    pid_t pid;     /* its own Unix session, so that everything it starts can be found */
    char root[64]; /* XDG_RUNTIME_DIR, XDG_STATE_HOME; XDG_CACHE_HOME is shared by all tests */
    char name[32];
    char directory[128];
};

/* Start `hone serve NAME` with extra arguments (NULL-terminated, or NULL) and wait until it can be
 * attached to. */
void hone_test_serve(struct hone_test_server *server, const char *const *extra);
/* Another one in the folders of one that was killed. */
void hone_test_serve_again(struct hone_test_server *server, const char *const *extra);
/* Attach, or fail the test. */
struct hone *hone_test_attach(const struct hone_test_server *server, uint32_t slots);
/* As the agent that had this token. */
struct hone *hone_test_return(const struct hone_test_server *server, uint32_t slots,
                              uint64_t token);
/* SIGTERM, wait, and remove its folders. Fails the test when a process of it is left after a
 * second. */
void hone_test_stop(struct hone_test_server *server);
/* After a kill -9: wait for it, and remove nothing. */
void hone_test_reap(struct hone_test_server *server);

/* Run a `hone` command with this server's folders; what it printed on standard output (freed by the
 * caller), and its exit status. Arguments end with NULL. */
char *hone_test_run(const struct hone_test_server *server, int *status, ...);
/* Folders without a server, for commands that need none. */
void hone_test_folders(struct hone_test_server *server);
void hone_test_clean(struct hone_test_server *server);

/* Processes of the server's Unix session, itself included; at most `capacity` of them whose command
 * line has `part` in it (NULL: all). Zombies do not count. */
int hone_test_processes(const struct hone_test_server *server, const char *part, pid_t *pids,
                        int capacity);

/* Whether there is a compiler for emulated CUDA. */
bool hone_test_emulates(void);
/* A file below the source tree; the caller frees. */
char *hone_test_read(const char *path);
/* The path of the `hone` program under test. */
const char *hone_test_program(void);

/* Write the source and step; fails the test on an environment error. */
const struct hone_observation *hone_test_step(struct hone *hone, uint32_t slot, const char *source);
const struct hone_observation *hone_test_step_in(struct hone *hone, uint32_t slot,
                                                 const char *language, const char *source);
#endif
