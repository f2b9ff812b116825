/* What remains when a process is killed: an agent, a server, and any that works for it. */
#include "tests/env_fixture.h"
#include "tests/orphan.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void start(void) {
    hone_test_serve(&server, NULL);
}

static void stop(void) {
    hone_test_stop(&server);
}

TestSuite(death, .init = start, .fini = stop, .timeout = 120);

/* Kill every process whose command line has `part`, over and over, while a step runs. */
static uint32_t verdict_under_fire(struct hone *hone, const char *part, int kills) {
    size_t bytes = strlen(right);
    memcpy(hone_action_buffer(hone, 0, NULL), right, bytes);
    struct hone_action action = {
        .language = "c", .source_bytes = bytes, .flags = HONE_ACTION_FORCE};
    cr_assert(eq(int, hone_send(hone, 0, &action), 0));
    const struct hone_observation *seen = NULL;
    int code;
    while (!(code = hone_recv(hone, &seen, 1, 20000000)) || code == -ETIMEDOUT) {
        pid_t pids[16];
        int count = kills > 0 ? hone_test_processes(&server, part, pids, 16) : 0;
        for (int i = 0; i < count && i < 16; i++)
            kill(pids[i], SIGKILL);
        kills -= count > 0;
    }
    cr_assert(eq(int, code, 1), "%s", hone_message(hone));
    return seen->verdict;
}

Test(death, survives_the_death_of_guests_scorers_and_compilers) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    const char *parts[] = {"hone-guest", "scorer", "jail", "cc1"};
    for (size_t i = 0; i < 4; i++) {
        verdict_under_fire(hone, parts[i], 1); /* costs at most this step */
        uint32_t verdict = verdict_under_fire(hone, parts[i], 0);
        cr_expect(eq(u32, verdict, HONE_OUTCOME_PASSED), "after killing %s: %s", parts[i],
                  hone_text(hone_last(hone, 0), HONE_MESSAGE));
    }
    hone_close(hone);
}

Test(death, frees_what_a_killed_agent_held) {
    int ends[2];
    cr_assert(eq(int, pipe(ends), 0));
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        hone_test_die_with(self);
        struct hone *hone = hone_test_attach(&server, 2);
        reset(hone, 0);
        memcpy(hone_action_buffer(hone, 0, NULL), endless, sizeof endless - 1);
        struct hone_action action = {.language = "c", .source_bytes = sizeof endless - 1};
        hone_send(hone, 0, &action);
        if (write(ends[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    char byte;
    cr_assert(eq(int, (int)read(ends[0], &byte, 1), 1));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    cr_expect(eq(u32, verdict_of(hone, wrong), HONE_OUTCOME_WRONG));
    struct hone_counters counters;
    for (int tries = 0; tries < 100; tries++) {
        cr_assert(eq(int, hone_stats(hone, &counters), 0));
        if (counters.lanes == 1 && !counters.running)
            break;
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    cr_expect(eq(u64, counters.lanes, 1));
    cr_expect(eq(u64, counters.running, 0));
    hone_close(hone);
}

static double seconds_since(const struct timespec *then) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

/* A server of its own: the suite's would be stopped twice. */
Test(server_death, is_seen_within_a_second_and_loses_no_acknowledged_step, .timeout = 120) {
    hone_test_serve(&server, NULL);
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    uint64_t acknowledged = hone_test_step(hone, 0, wrong)->step;
    memcpy(hone_action_buffer(hone, 0, NULL), endless, sizeof endless - 1);
    struct hone_action action = {.language = "c", .source_bytes = sizeof endless - 1};
    cr_assert(eq(int, hone_send(hone, 0, &action), 0));
    kill(server.pid, SIGKILL);
    struct timespec killed;
    clock_gettime(CLOCK_MONOTONIC, &killed);
    const struct hone_observation *seen;
    cr_expect(eq(int, hone_recv(hone, &seen, 1, 10000000000), -ECONNRESET));
    cr_expect(lt(dbl, seconds_since(&killed), 1));
    hone_close(hone);
    hone_test_reap(&server);

    int status;
    char *text = hone_test_run(&server, &status, "show", "last", "--json", NULL);
    cr_assert(eq(int, status, 0));
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"step\": %llu", (unsigned long long)acknowledged);
    char compact[64];
    snprintf(compact, sizeof compact, "\"step\":%llu", (unsigned long long)acknowledged);
    bool there = strstr(text, wanted) || strstr(text, compact);
    cr_expect(eq(int, there, 1), "%s", text);
    free(text);

    char socket_path[256];
    snprintf(socket_path, sizeof socket_path, "%s/%s.sock", server.directory, server.name);
    cr_expect(ne(int, access(socket_path, F_OK), 0), "the next command removes the socket");
    hone_test_clean(&server);
}

/* Ctrl-C, a test's time limit: whatever ends a test leaves no server. */
Test(server_death, comes_with_the_death_of_the_test_that_started_it, .timeout = 120) {
    int ends[2];
    cr_assert(eq(int, pipe(ends), 0));
    pid_t self = getpid(), test = fork();
    if (test == 0) {
        hone_test_die_with(self);
        hone_test_serve(&server, NULL);
        if (write(ends[1], &server, sizeof server) == sizeof server)
            pause();
        _exit(1);
    }
    cr_assert(eq(sz, (size_t)read(ends[0], &server, sizeof server), sizeof server));
    cr_expect(lt(int, 0, hone_test_processes(&server, NULL, NULL, 0)));
    kill(test, SIGKILL);
    waitpid(test, NULL, 0);
    int left = 1;
    for (int tries = 0; left && tries < 100; tries++) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
        left = hone_test_processes(&server, NULL, NULL, 0);
    }
    cr_expect(eq(int, left, 0));
    hone_test_clean(&server);
}

Test(private_server, serves_one_agent_and_ends_with_it, .timeout = 120) {
    hone_test_folders(&server);
    setenv("HONE_SERVER", hone_test_program(), 1);
    setenv("XDG_STATE_HOME", server.root, 1);
    struct hone *hone = NULL;
    struct hone_client_error error = {""};
    cr_assert(eq(int, hone_open(&hone, NULL, NULL, &error), 0), "%s", error.text);
    reset(hone, 0);
    cr_expect(eq(u32, verdict_of(hone, wrong), HONE_OUTCOME_WRONG));
    server.pid = getsid(0);
    cr_expect(eq(int, hone_test_processes(&server, "serve --private", NULL, 0), 1));
    hone_close(hone);
    int left = 1;
    for (int tries = 0; left && tries < 100; tries++) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
        left = hone_test_processes(&server, "serve --private", NULL, 0);
    }
    cr_expect(eq(int, left, 0));
    hone_test_clean(&server);
}
