/* What must hold once something was killed: nothing left, nothing lost, nothing more than before.
 */
#include "tests/kill/matrix.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint32_t count_text(const char *text, const char *part) {
    uint32_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

uint32_t count_descriptors(void) {
    return lab_entries("/proc/self/fd", "", NULL, 0);
}

uint32_t count_mappings(void) {
    char *text = lab_read("/proc/self/maps", NULL);
    uint32_t count = count_text(text, "/memfd:") + count_text(text, "/dev/shm/");
    free(text);
    return count;
}

static void expect_extinct(struct matrix *matrix) {
    struct census census;
    uint64_t until = lab_now_ns() + SECOND;
    do {
        census_take(&census, matrix->lab.pid);
        if (!census.total)
            return;
        lab_pause_ns(2000000);
    } while (lab_now_ns() < until);
    for (uint32_t i = 0; i < census.total; i++) {
        violate(matrix, "a second after its supervisor lives %d: %s", (int)census.list[i].pid,
                census.list[i].command);
        kill(census.list[i].pid, SIGKILL);
    }
}

/* A job folder younger than its lock is left to age on purpose; so let it age. */
static void age_unlocked_folders(const char *folder) {
    char path[512], lock[600];
    if (lab_entries(folder, "hone-jail-", path, sizeof path)) {
        snprintf(lock, sizeof lock, "%s/.lock", path);
        struct timespec old[2] = {{time(NULL) - 3600, 0}, {time(NULL) - 3600, 0}};
        if (access(lock, F_OK))
            utimensat(AT_FDCWD, path, old, 0);
    }
}

static void expect_nothing_left(struct matrix *matrix) {
    char folder[128], prefix[64], name[512];
    const struct {
        const char *folder, *prefix, *what;
    } places[] = {{matrix->lab.directory, "", "in the folder of sockets"},
                  {"/dev/shm", prefix, "of named memory"},
                  {folder, "", "in the folder of jobs"}};
    snprintf(folder, sizeof folder, "%s/tmp", matrix->lab.root);
    snprintf(prefix, sizeof prefix, "hone.%s.", matrix->lab.name);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint32_t count = lab_entries(places[i].folder, places[i].prefix, name, sizeof name);
        if (count)
            violate(matrix, "%u left %s, one is %s", count, places[i].what, name);
    }
}

static const char *recorded_verdict(const json_t *rows, uint64_t step) {
    size_t index;
    const json_t *row;
    json_array_foreach(rows, index,
                       row) if ((uint64_t)json_integer_value(json_object_get(row, "step")) ==
                                step) return json_string_value(json_object_get(row, "verdict"));
    return NULL;
}

/* The next command: sweeps, and knows everything an agent was told. */
static void expect_recorded(struct matrix *matrix) {
    char folder[128];
    int status;
    snprintf(folder, sizeof folder, "%s/tmp", matrix->lab.root);
    age_unlocked_folders(folder);
    char *text = lab_run(&status, (const char *const[]){"show", "last", "--json", NULL});
    json_t *run = json_loads(text, 0, NULL);
    const json_t *rows = json_object_get(run, "rows");
    if (matrix->acknowledged_count && (status || !json_is_array(rows)))
        violate(matrix, "`hone show last --json` ended %d", status);
    for (uint32_t i = 0; json_is_array(rows) && i < matrix->acknowledged_count; i++) {
        const struct acknowledged *one = &matrix->acknowledged[i];
        const char *verdict = recorded_verdict(rows, one->step);
        if (!verdict || strcmp(verdict, one->verdict))
            violate(matrix, "step %llu was acknowledged as %s and is recorded as %s",
                    (unsigned long long)one->step, one->verdict, verdict ? verdict : "nothing");
    }
    json_decref(run);
    free(text);
    expect_nothing_left(matrix);
}

void finish_server(struct matrix *matrix) {
    waitpid(matrix->lab.pid, NULL, 0);
    expect_extinct(matrix);
    expect_recorded(matrix);
    matrix->lab.pid = 0;
    matrix->acknowledged_count = 0;
}

struct usage use(const struct matrix *matrix) {
    struct census census;
    struct usage usage;
    struct lab_process list[VICTIMS_SEEN_MAX];
    census_take(&census, matrix->lab.pid);
    memcpy(usage.of, census.of, sizeof usage.of);
    uint32_t count = lab_processes(matrix->lab.pid, list, VICTIMS_SEEN_MAX);
    for (uint32_t i = 0; i < count; i++)
        if (list[i].pid == matrix->lab.pid) {
            usage.descriptors = list[i].descriptors;
            usage.threads = list[i].threads;
        }
    return usage;
}

static bool exceeds(const struct usage *now, const struct usage *before) {
    for (uint32_t i = 0; i < VICTIMS; i++)
        if (now->of[i] > before->of[i])
            return true;
    return now->descriptors > before->descriptors || now->threads > before->threads;
}

void expect_usage(struct matrix *matrix, const struct usage *before) {
    struct usage now = use(matrix);
    for (uint64_t until = lab_now_ns() + 3 * SECOND; exceeds(&now, before) && lab_now_ns() < until;
         now = use(matrix))
        lab_pause_ns(20000000);
    if (!exceeds(&now, before))
        return;
    violate(matrix, "the server has %d descriptors (%d before), %u threads (%u)", now.descriptors,
            before->descriptors, now.threads, before->threads);
    for (uint32_t i = 0; i < VICTIMS; i++)
        if (now.of[i] > before->of[i])
            printf("  %u x %s, %u before\n", now.of[i], victim_names[i], before->of[i]);
}
