/* lab.h - what the long proofs (killmatrix, soak, bench) share: a server with folders of its own in
 * a Unix session of its own, and looks at processes from outside. Plain C: these programs print,
 * count and end with a status; they are no tests of one fact.
 *
 * Whatever goes wrong in the lab itself ends the program (lab_die), and with it every server it
 * started.
 */
#ifndef HONE_TESTS_LAB_H
#define HONE_TESTS_LAB_H

#include "ipc/hone.h"

#include <stdbool.h>
#include <sys/types.h>

struct lab {
    pid_t pid;          /* of the server, and its Unix session; 0: none runs */
    char root[64];      /* its XDG_RUNTIME_DIR; below it state and tmp, for TMPDIR */
    char name[32];      /* of its session */
    char directory[96]; /* of its socket */
};

void lab_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
const char *lab_program(const char *name); /* below the build tree; static */
uint64_t lab_now_ns(void);
void lab_pause_ns(uint64_t ns);
uint64_t lab_random(uint64_t *state, uint64_t below);

/* Folders, without a server. Sets this process's environment: what it starts lives in them too. */
void lab_open(struct lab *lab);
void lab_close(struct lab *lab); /* removes them; the server has ended */

/* Start `hone serve NAME` with extra arguments (ended by NULL, or NULL). lab_serve() also waits
 * until it can be attached to. */
void lab_start(struct lab *lab, const char *const *extra);
void lab_serve(struct lab *lab, const char *const *extra);
struct hone *lab_attach(const struct lab *lab, uint32_t slots); /* or ends the program */
struct hone *lab_try_attach(const struct lab *lab, uint32_t slots, struct hone_client_error *error);
void lab_stop(struct lab *lab); /* SIGTERM, and wait */

/* What runs in the Unix session `session`; zombies do not count. */
struct lab_process {
    pid_t pid, parent;
    uint64_t resident_bytes; /* but for pages of files, which are a cache of the disk; 0 in a quick
                                look */
    uint32_t threads;
    int32_t descriptors, mappings; /* -1: not ours to see */
    char command[160];             /* words separated by spaces */
};
uint32_t lab_processes(pid_t session, struct lab_process *list, uint32_t capacity);
/* Without a look at memory and descriptors, which costs most. */
uint32_t lab_processes_quick(pid_t session, struct lab_process *list, uint32_t capacity);

/* Run `hone` with these words (ended by NULL); what it printed, freed by the caller, and its exit
 * status. */
char *lab_run(int *status, const char *const *words);

/* How many entries of a folder begin with a prefix; the last of them in `name`. A folder that is
 * not there has none. */
uint32_t lab_entries(const char *folder, const char *prefix, char *name, size_t size);

char *lab_read(const char *path, size_t *bytes); /* freed by the caller */
void lab_write(const char *path, const char *text);

/* Put a source into a slot's action buffer. */
void lab_put(struct hone *hone, uint32_t slot, const char *source, size_t bytes);
void lab_reset(struct hone *hone, uint32_t slot, const char *task);

double lab_median(double *values, uint32_t count); /* sorts them */
double lab_quantile(const double *sorted, uint32_t count, double q);

#endif
