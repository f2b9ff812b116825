/* killmatrix.c - SIGKILL of every kind of process at every stage of a step, over and over. After
 * each:
 *
 * - the supervisor died: no process of its Unix session is left within a second, its agent knows
 * within a second, every acknowledged result is in the run store, the next `hone` command removes
 * socket, lock, named memory and job folders, and a new server takes the name and goes on with the
 * run: the agent finds its episode, and the turn that was under way is answered, by one step;
 * - another died: the step that was under way is answered, whatever the verdict; the same source
 * sent again passes, so no accident was remembered as a result; and the server has the processes,
 * threads and descriptors it had before.
 *
 * Prints what it saw as one table; ends 1 when any of this did not hold.
 */
#include "core/command_line.h"
#include "tests/kill/matrix.h"
#include "tests/orphan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static const char *const serve_words[] = {
    "--named", "--set", "episode.turns=0", "--set", "measure.timing_ms=60", NULL};

void begin_server(struct matrix *matrix) {
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
    pid_t self = getpid(), child = fork();
    if (child)
        return child;
    hone_test_die_with(self);
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
    struct unfinished unfinished = {0};
    begin_server(matrix);
    struct hone *hone = attach(matrix);
    /* Acknowledged results; the first also fills pools and times baselines. */
    expect_service(matrix, hone, NULL, 0);
    if (cell->stage == ANY)
        expect_service(matrix, hone, NULL, 0);
    unfinished.token = hone_token(hone);
    unfinished.turn = hone_last(hone, 0)->turn;
    if (cell->stage == IDLE)
        unfinished.step = hone_last(hone, 0)->step;
    else
        send_turn(hone, source, bytes, ++unfinished.turn);
    bool hit = strike(matrix, hone, 0);
    if (!hit)
        kill(matrix->lab.pid, SIGKILL);
    uint64_t killed = lab_now_ns();
    const struct hone_observation *seen;
    int code =
        cell->stage == IDLE ? hone_ping(hone) : hone_recv(hone, &seen, 1, 10 * (int64_t)SECOND);
    double took = (double)(lab_now_ns() - killed) / 1e9;
    if (code == 1) {
        note(matrix, seen);
        unfinished.step = seen->step;
    } else if (code != -ECONNRESET || took > 1) {
        violate(matrix, "its agent heard %d (%s) after %.1f s", code, hone_message(hone), took);
    }
    cell->runs += hit;
    cell->missed += !hit;
    if (hit)
        cell->outcomes[code == 1 ? outcome_of(seen) : GONE]++;
    hone_close(hone);
    finish_server(matrix);
    if (count_descriptors() != descriptors || count_mappings() != mappings)
        violate(matrix, "the agent is left with %u descriptors (%u before), %u mappings (%u)",
                count_descriptors(), descriptors, count_mappings(), mappings);
    expect_resumed(matrix, &unfinished, source, bytes);
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

static pid_t start_agent(struct matrix *matrix, const char *source, size_t bytes) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        lab_die("pipe: %s", strerror(errno));
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        hone_test_die_with(self);
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

/* The exit status. */
static int run(uint32_t repeat) {
    struct matrix matrix = {.random = lab_now_ns()};
    uint64_t begun = lab_now_ns();
    matrix.acknowledged = calloc(ACKNOWLEDGED_MAX, sizeof *matrix.acknowledged);
    if (!matrix.acknowledged)
        lab_die("out of memory");
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

int main(int argc, char **argv) {
    uint64_t repeat = 3;
    const char *word = NULL;
    const struct hone_command_option options[] = {{0}};
    const struct hone_command_line line = {
        .command = "killmatrix",
        .synopsis = "[REPEAT]",
        .purpose = "Kill every kind of process at every stage of a step, REPEAT times (default 3).",
        .options = options,
        .more = "exit: 0 every kill was survived, 1 one was not, 2 usage",
        .operands = &word,
        .most = 1,
    };
    int status;
    if (!hone_command_line_read(&line, argc, argv, &status))
        return status;
    if (hone_command_line_number(&line, "REPEAT", word, 1000, &repeat))
        return HONE_EXIT_USAGE;
    return run((uint32_t)repeat);
}
