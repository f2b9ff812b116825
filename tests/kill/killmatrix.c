/* killmatrix.c - SIGKILL of every kind of process at every stage of a step, over and over. After
 * each:
 *
 * - the supervisor died: no process of its Unix session is left within a second, its agent knows
 * within a second, every acknowledged result is in the run store, the next `hone` command removes
 * socket, lock, named memory and job folders, and a new server takes the name;
 * - another died: the step that was under way is answered, whatever the verdict; the same source
 * sent again passes, so no accident was remembered as a result; and the server has the processes,
 * threads and descriptors it had before.
 *
 * REPEAT is the first argument. Prints what it saw as one table; ends 1 when any of this did not
 * hold.
 */
#include "tests/kill/victims.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define ACKNOWLEDGED_MAX 4096
#define TASK "algebra/axpby"

enum outcome { PASSED, INFRA_FAILED, CRASHED, OTHER, GONE, NO_STEP, OUTCOMES };

struct cell {
    enum victim victim;
    enum stage stage;
    uint32_t runs, missed, violations, outcomes[OUTCOMES];
};

/* A result that an agent has seen. */
struct acknowledged {
    uint64_t step;
    char verdict[24];
};

struct matrix {
    struct lab lab;
    uint64_t random, sources;
    struct acknowledged *acknowledged; /* by the present server */
    uint32_t acknowledged_count;
    uint64_t step_ns; /* what a whole step takes */
    struct cell *cell;
};

static struct cell cells[] = {
    {SUPERVISOR, START, 0, 0, 0, {0}},  {SUPERVISOR, ATTACH, 0, 0, 0, {0}},
    {SUPERVISOR, IDLE, 0, 0, 0, {0}},   {SUPERVISOR, COMPILE, 0, 0, 0, {0}},
    {SUPERVISOR, VERIFY, 0, 0, 0, {0}}, {SUPERVISOR, TIME, 0, 0, 0, {0}},
    {SUPERVISOR, ANY, 0, 0, 0, {0}},    {SCORER, IDLE, 0, 0, 0, {0}},
    {SCORER, COMPILE, 0, 0, 0, {0}},    {SCORER, VERIFY, 0, 0, 0, {0}},
    {SCORER, TIME, 0, 0, 0, {0}},       {SCORER, ANY, 0, 0, 0, {0}},
    {GUEST, IDLE, 0, 0, 0, {0}},        {GUEST, COMPILE, 0, 0, 0, {0}},
    {GUEST, VERIFY, 0, 0, 0, {0}},      {GUEST, TIME, 0, 0, 0, {0}},
    {GUEST, ANY, 0, 0, 0, {0}},         {CANDIDATE, VERIFY, 0, 0, 0, {0}},
    {CANDIDATE, TIME, 0, 0, 0, {0}},    {JAIL, COMPILE, 0, 0, 0, {0}},
    {COMPILER, COMPILE, 0, 0, 0, {0}},  {AGENT, ATTACH, 0, 0, 0, {0}},
    {AGENT, IDLE, 0, 0, 0, {0}},        {AGENT, COMPILE, 0, 0, 0, {0}},
    {AGENT, VERIFY, 0, 0, 0, {0}},      {AGENT, TIME, 0, 0, 0, {0}},
    {AGENT, ANY, 0, 0, 0, {0}},
};
#define CELLS (sizeof cells / sizeof cells[0])

static void violate(struct matrix *matrix, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void violate(struct matrix *matrix, const char *format, ...) {
    struct cell *cell = matrix->cell;
    va_list arguments;
    cell->violations++;
    printf("violation: %s at %s: ", victim_names[cell->victim], stage_names[cell->stage]);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

/* ---- steps ---- */

/* Slow enough for every stage to be met; new text each time, so that it is compiled. */
static size_t write_source(struct matrix *matrix, char *text, size_t size) {
    return (size_t)snprintf(
        text, size,
        "// %d-%llu\n"
        "void solve(const float *x, const float *y, float a, float b, float *out,\n"
        "           int64_t n) {\n"
        "    for (volatile int i = 0; i < 500000; i++)\n"
        "        ;\n"
        "    for (int64_t i = 0; i < n; i++)\n"
        "        out[i] = a * x[i] + b * y[i];\n"
        "}\n",
        (int)getpid(), (unsigned long long)++matrix->sources);
}

static int send_source(struct hone *hone, const char *source, size_t bytes) {
    struct hone_action action = {.language = "c", .source_bytes = bytes};
    lab_put(hone, 0, source, bytes);
    return hone_send(hone, 0, &action);
}

static void note(struct matrix *matrix, const struct hone_observation *seen) {
    if (matrix->acknowledged_count < ACKNOWLEDGED_MAX) {
        struct acknowledged *one = &matrix->acknowledged[matrix->acknowledged_count++];
        one->step = seen->step;
        memcpy(one->verdict, seen->verdict_name, sizeof one->verdict);
    }
}

static enum outcome outcome_of(const struct hone_observation *seen) {
    switch (seen->verdict) {
    case HONE_OUTCOME_PASSED:
        return PASSED;
    case HONE_OUTCOME_INFRA_FAILED:
        return INFRA_FAILED;
    case HONE_OUTCOME_CRASHED:
        return CRASHED;
    default:
        return OTHER;
    }
}

/* Episodes are long here, but end; one slot, whose step is answered or the agent is dead. */
static bool await(struct matrix *matrix, struct hone *hone, const char *what) {
    const struct hone_observation *seen;
    int code = hone_recv(hone, &seen, 1, 60 * (int64_t)SECOND);
    if (code != 1) {
        violate(matrix, "%s is not answered: %s", what, hone_message(hone));
        return false;
    }
    note(matrix, seen);
    return true;
}

static void expect_passed(struct matrix *matrix, struct hone *hone, const char *source,
                          size_t bytes, const char *what) {
    if (send_source(hone, source, bytes)) {
        violate(matrix, "%s is refused: %s", what, hone_message(hone));
        return;
    }
    if (!await(matrix, hone, what))
        return;
    const struct hone_observation *seen = hone_last(hone, 0);
    if (seen->verdict != HONE_OUTCOME_PASSED)
        violate(matrix, "%s: %s: %s", what, seen->verdict_name, hone_text(seen, HONE_MESSAGE));
}

/* The very text that met the accident, then one that nobody has seen. */
static void expect_service(struct matrix *matrix, struct hone *hone, const char *source,
                           size_t bytes) {
    char fresh[512];
    if (bytes)
        expect_passed(matrix, hone, source, bytes, "the same source sent again");
    if (bytes && !(hone_last(hone, 0) && hone_last(hone, 0)->flags & HONE_OBSERVATION_CACHED))
        return;
    size_t count = write_source(matrix, fresh, sizeof fresh);
    uint64_t begun = lab_now_ns();
    expect_passed(matrix, hone, fresh, count, "a new source");
    matrix->step_ns = lab_now_ns() - begun;
}

/* ---- the moment ---- */

/* Wait for the stage. False: the step was answered first, which its agent knows when it has one. */
static bool await_stage(struct matrix *matrix, struct census *census, const struct hone *hone) {
    bool begun = false;
    for (uint64_t until = lab_now_ns() + 20 * SECOND; lab_now_ns() < until;) {
        census_take(census, matrix->lab.pid);
        if (census_shows(census, matrix->cell->stage))
            return true;
        bool runs = hone && hone_progress(hone, 0) >= 0;
        if (hone && begun && !runs)
            return false;
        begun |= runs;
    }
    return false;
}

/* Kill at the stage: half of the time at its beginning, half of it within. False: the moment was
 * missed. */
static bool strike(struct matrix *matrix, const struct hone *hone, pid_t agent) {
    const enum stage stage = matrix->cell->stage;
    struct census census;
    if (stage == ANY)
        lab_pause_ns(lab_random(&matrix->random, matrix->step_ns));
    if (!await_stage(matrix, &census, hone))
        return false;
    if (stage != ANY && stage != IDLE && lab_random(&matrix->random, 2)) {
        lab_pause_ns(lab_random(&matrix->random, stage == TIME ? SECOND / 10 : SECOND / 50));
        census_take(&census, matrix->lab.pid);
        /* Between two pairs of processes there is none for an instant. */
        if (!census_shows(&census, stage) && (stage != TIME || !await_stage(matrix, &census, hone)))
            return false;
    }
    if (matrix->cell->victim == AGENT)
        return !kill(agent, SIGKILL);
    return census_kill(&census, matrix->cell->victim, &matrix->random) > 0;
}

/* ---- the supervisor ---- */

static uint32_t count_text(const char *text, const char *part) {
    uint32_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

/* What this agent itself holds. */
static uint32_t count_descriptors(void) {
    return lab_entries("/proc/self/fd", "", NULL, 0);
}

static uint32_t count_mappings(void) {
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

static void finish_server(struct matrix *matrix) {
    waitpid(matrix->lab.pid, NULL, 0);
    expect_extinct(matrix);
    expect_recorded(matrix);
    matrix->lab.pid = 0;
    matrix->acknowledged_count = 0;
}

static const char *const serve_words[] = {
    "--named", "--set", "episode.turns=0", "--set", "measure.timing_ms=60", NULL};

static void begin_server(struct matrix *matrix) {
    lab_serve(&matrix->lab, serve_words);
    matrix->acknowledged_count = 0;
}

static struct hone *attach(struct matrix *matrix) {
    struct hone_client_error error = {""};
    struct hone_attach_options options = {.slots = 1,
                                          .map = (uint32_t)lab_random(&matrix->random, 2),
                                          .directory = matrix->lab.directory};
    struct hone *hone = NULL;
    if (hone_attach(&hone, matrix->lab.name, &options, &error))
        lab_die("attach: %s", error.text);
    lab_reset(hone, 0, TASK);
    return hone;
}

/* An agent that comes and goes until it cannot come any more. */
static pid_t start_visitor(const struct lab *lab) {
    pid_t child = fork();
    if (child)
        return child;
    struct hone *hone;
    struct hone_client_error error;
    while ((hone = lab_try_attach(lab, 2, &error)))
        hone_close(hone);
    _exit(0);
}

static void kill_beginning(struct matrix *matrix) {
    struct cell *cell = matrix->cell;
    pid_t visitor = 0;
    if (cell->stage == START) {
        lab_start(&matrix->lab, serve_words);
        lab_pause_ns(lab_random(&matrix->random, SECOND / 2));
    } else {
        begin_server(matrix);
        visitor = start_visitor(&matrix->lab);
        lab_pause_ns(lab_random(&matrix->random, SECOND / 20));
    }
    kill(matrix->lab.pid, SIGKILL);
    uint64_t killed = lab_now_ns();
    if (visitor) {
        waitpid(visitor, NULL, 0);
        if (lab_now_ns() - killed > SECOND)
            violate(matrix, "an agent that was attaching hung for %.1f s",
                    (double)(lab_now_ns() - killed) / 1e9);
    }
    cell->runs++;
    cell->outcomes[NO_STEP]++;
    finish_server(matrix);
}

static void kill_supervisor(struct matrix *matrix) {
    struct cell *cell = matrix->cell;
    char source[512];
    size_t bytes = write_source(matrix, source, sizeof source);
    uint32_t descriptors = count_descriptors(), mappings = count_mappings();
    begin_server(matrix);
    struct hone *hone = attach(matrix);
    /* Acknowledged results; the first also fills pools and times baselines. */
    expect_service(matrix, hone, NULL, 0);
    if (cell->stage == ANY)
        expect_service(matrix, hone, NULL, 0);
    if (cell->stage != IDLE)
        send_source(hone, source, bytes);
    bool hit = strike(matrix, hone, 0);
    if (!hit)
        kill(matrix->lab.pid, SIGKILL);
    uint64_t killed = lab_now_ns();
    const struct hone_observation *seen;
    int code =
        cell->stage == IDLE ? hone_ping(hone) : hone_recv(hone, &seen, 1, 10 * (int64_t)SECOND);
    double took = (double)(lab_now_ns() - killed) / 1e9;
    if (code == 1)
        note(matrix, seen);
    else if (code != -ECONNRESET || took > 1)
        violate(matrix, "its agent heard %d (%s) after %.1f s", code, hone_message(hone), took);
    cell->runs += hit;
    cell->missed += !hit;
    if (hit)
        cell->outcomes[code == 1 ? outcome_of(seen) : GONE]++;
    hone_close(hone);
    finish_server(matrix);
    if (count_descriptors() != descriptors || count_mappings() != mappings)
        violate(matrix, "the agent is left with %u descriptors (%u before), %u mappings (%u)",
                count_descriptors(), descriptors, count_mappings(), mappings);
}

/* ---- the others ---- */

struct usage {
    uint32_t of[VICTIMS];
    int32_t descriptors;
    uint32_t threads;
};

static struct usage use(const struct matrix *matrix) {
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

static void expect_usage(struct matrix *matrix, const struct usage *before) {
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

static void kill_part(struct matrix *matrix, struct hone *hone) {
    struct cell *cell = matrix->cell;
    char source[512];
    size_t bytes = 0;
    bool busy = cell->stage != IDLE;
    if (busy) {
        bytes = write_source(matrix, source, sizeof source);
        send_source(hone, source, bytes);
    }
    bool hit = strike(matrix, hone, 0);
    cell->runs += hit;
    cell->missed += !hit;
    if (busy && !await(matrix, hone, "the step under way"))
        return;
    if (hit)
        cell->outcomes[busy ? outcome_of(hone_last(hone, 0)) : NO_STEP]++;
    expect_service(matrix, hone, source, bytes);
}

/* ---- agents ---- */

static pid_t start_agent(struct matrix *matrix, const char *source, size_t bytes) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        lab_die("pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        struct hone *hone = attach(matrix);
        if (bytes)
            send_source(hone, source, bytes);
        if (write(ends[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    char byte;
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        violate(matrix, "an agent cannot start");
    close(ends[0]);
    return child;
}

static void kill_agent(struct matrix *matrix, struct hone *hone) {
    struct cell *cell = matrix->cell;
    char source[512];
    size_t bytes = cell->stage == ATTACH || cell->stage == IDLE
                       ? 0
                       : write_source(matrix, source, sizeof source);
    pid_t agent =
        cell->stage == ATTACH ? start_visitor(&matrix->lab) : start_agent(matrix, source, bytes);
    bool hit;
    if (cell->stage == ATTACH) {
        lab_pause_ns(lab_random(&matrix->random, SECOND / 50));
        hit = !kill(agent, SIGKILL);
    } else {
        hit = strike(matrix, NULL, agent);
        kill(agent, SIGKILL);
    }
    waitpid(agent, NULL, 0);
    cell->runs += hit;
    cell->missed += !hit;
    if (hit)
        cell->outcomes[bytes ? GONE : NO_STEP]++;
    struct hone_counters counters = {0};
    for (uint64_t until = lab_now_ns() + 3 * SECOND; lab_now_ns() < until; lab_pause_ns(10000000))
        if (hone_stats(hone, &counters) || (counters.lanes == 1 && !counters.running))
            break;
    if (counters.lanes != 1 || counters.running)
        violate(matrix, "%llu lanes and %llu steps are left of it",
                (unsigned long long)counters.lanes - 1, (unsigned long long)counters.running);
    expect_service(matrix, hone, NULL, 0);
}

/* ---- the table ---- */

static void run_with_server(struct matrix *matrix, uint32_t repeat) {
    begin_server(matrix);
    struct hone *hone = attach(matrix);
    matrix->cell = &cells[0];
    expect_service(matrix, hone, NULL, 0);
    struct usage before = use(matrix);
    before.of[CANDIDATE] = before.of[JAIL] = before.of[COMPILER] = 0;
    for (size_t i = 0; i < CELLS; i++) {
        matrix->cell = &cells[i];
        /* A moment that passed by is tried again, but not for ever. */
        while (cells[i].victim != SUPERVISOR && cells[i].runs < repeat &&
               cells[i].missed < 4 * repeat + 4) {
            if (cells[i].victim == AGENT)
                kill_agent(matrix, hone);
            else
                kill_part(matrix, hone);
            expect_usage(matrix, &before);
        }
    }
    hone_close(hone);
    kill(matrix->lab.pid, SIGKILL);
    finish_server(matrix);
}

static uint32_t print_table(uint32_t repeat, double seconds) {
    uint32_t bad = 0, runs = 0;
    printf("\n%-11s %-8s %5s %7s %7s %6s %8s %6s %5s %8s %10s\n", "killed", "stage", "times",
           "passed", "infra", "crash", "other", "gone", "idle", "missed", "violations");
    for (size_t i = 0; i < CELLS; i++) {
        const struct cell *cell = &cells[i];
        const uint32_t *of = cell->outcomes;
        printf("%-11s %-8s %5u %7u %7u %6u %8u %6u %5u %8u %10u\n", victim_names[cell->victim],
               stage_names[cell->stage], cell->runs, of[PASSED], of[INFRA_FAILED], of[CRASHED],
               of[OTHER], of[GONE], of[NO_STEP], cell->missed, cell->violations);
        bad += cell->violations + (cell->runs < repeat);
        runs += cell->runs;
    }
    printf("\npassed, infra, crash, other: the verdict of the step under way; gone: its server or "
           "its agent "
           "died;\nidle: none was under way; missed: the step was past that stage, tried again\n"
           "%u kills in %.0f s: %s\n",
           runs, seconds, bad ? "VIOLATIONS" : "every one was survived");
    return bad;
}

int main(int argc, char **argv) {
    uint32_t repeat = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 3;
    struct matrix matrix = {.random = lab_now_ns()};
    uint64_t begun = lab_now_ns();
    matrix.acknowledged = calloc(ACKNOWLEDGED_MAX, sizeof *matrix.acknowledged);
    if (!matrix.acknowledged || !repeat)
        lab_die("usage: killmatrix [REPEAT]");
    printf("killmatrix: %zu kinds of kills, %u times each; seed %llu\n", CELLS, repeat,
           (unsigned long long)matrix.random);
    fflush(stdout);
    lab_open(&matrix.lab);
    for (size_t i = 0; i < CELLS && cells[i].victim == SUPERVISOR; i++) {
        matrix.cell = &cells[i];
        while (cells[i].runs < repeat && cells[i].missed < 4 * repeat + 4)
            if (cells[i].stage == START || cells[i].stage == ATTACH)
                kill_beginning(&matrix);
            else
                kill_supervisor(&matrix);
    }
    run_with_server(&matrix, repeat);
    uint32_t bad = print_table(repeat, (double)(lab_now_ns() - begun) / 1e9);
    if (!bad)
        lab_close(&matrix.lab);
    else
        printf("its folders stay: %s\n", matrix.lab.root);
    free(matrix.acknowledged);
    return bad ? 1 : 0;
}
