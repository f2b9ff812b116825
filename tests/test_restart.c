/* A server that was killed and comes back, as its agents see it: real servers, real kernels. */
#include "plugins/evidence.h"
#include "tests/env_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void start(void) {
    hone_test_serve(&server, NULL);
}

static void stop(void) {
    hone_test_stop(&server);
}

TestSuite(restart, .init = start, .fini = stop, .timeout = 120);

/* Wrong after a while: long enough to be met at work, and the same whenever it ends. */
static const char slow[] =
    "void solve(const float *x, const float *y, float a, float b, float *out,\n"
    "           int64_t n) {\n"
    "    for (volatile int i = 0; i < 20000000; i++)\n"
    "        ;\n"
    "    for (int64_t i = 0; i < n; i++)\n"
    "        out[i] = a * x[i] - b * y[i];\n"
    "}\n";

static void reset_with(struct hone *hone, uint32_t slot, struct hone_episode episode) {
    const struct hone_observation *first = NULL;
    episode.task = "algebra/axpby";
    cr_assert(eq(int, hone_reset_with(hone, slot, &episode, &first), 0), "%s", hone_message(hone));
}

static void send_turn(struct hone *hone, uint32_t slot, const char *source, uint64_t turn) {
    size_t bytes = strlen(source);
    memcpy(hone_action_buffer(hone, slot, NULL), source, bytes);
    struct hone_action action = {.language = "c", .source_bytes = bytes, .turn = turn};
    cr_assert(eq(int, hone_send(hone, slot, &action), 0), "%s", hone_message(hone));
}

static const struct hone_observation *take_turn(struct hone *hone, uint32_t slot,
                                                const char *source, uint64_t turn) {
    const struct hone_observation *seen = NULL;
    send_turn(hone, slot, source, turn);
    cr_assert(eq(int, hone_recv(hone, &seen, 1, 60000000000), 1), "%s", hone_message(hone));
    cr_assert(eq(u32, seen->slot, slot));
    return seen;
}

/* Returns the agent's token. */
static uint64_t kill_server(struct hone *hone) {
    uint64_t token = hone_token(hone);
    kill(server.pid, SIGKILL);
    hone_test_reap(&server);
    hone_close(hone);
    return token;
}

static json_t *recorded_rows(void) {
    int status;
    char *text = hone_test_run(&server, &status, "show", "last", "--json", NULL);
    json_t *run = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, run, NULL), "%s", text);
    json_t *rows = json_incref(json_object_get(run, "rows"));
    json_decref(run);
    free(text);
    return rows;
}

Test(restart, answers_a_turn_sent_again_as_it_was_answered_before) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset_with(hone, 0, (struct hone_episode){.seed = 1});
    take_turn(hone, 0, right, 1);
    const struct hone_observation *seen = take_turn(hone, 0, wrong, 2);
    struct hone_observation before = *seen;
    char message[512], feedback[4096];
    snprintf(message, sizeof message, "%s", hone_text(seen, HONE_MESSAGE));
    snprintf(feedback, sizeof feedback, "%s", hone_text(seen, HONE_FEEDBACK));
    uint64_t token = kill_server(hone);
    hone_test_serve_again(&server, NULL);
    hone = hone_test_return(&server, 1, token);
    seen = take_turn(hone, 0, wrong, 2);
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_REPLAYED, 0));
    cr_expect(eq(u64, seen->step, before.step));
    cr_expect(eq(u64, seen->node, before.node));
    cr_expect(eq(u64, seen->parent, before.parent));
    cr_expect(eq(u32, seen->verdict, before.verdict));
    cr_expect(eq(dbl, seen->reward, before.reward));
    cr_expect(eq(dbl, seen->best_reward, before.best_reward));
    cr_expect(eq(dbl, seen->best_speedup, before.best_speedup));
    cr_expect(eq(u64, seen->best_node, before.best_node));
    cr_expect(eq(str, (char *)hone_text(seen, HONE_MESSAGE), message));
    cr_expect(eq(str, (char *)hone_text(seen, HONE_FEEDBACK), feedback));
    hone_close(hone);
}

Test(restart, goes_on_with_turns_nodes_budgets_and_the_place_in_the_tree) {
    struct hone *hone = hone_test_attach(&server, 2);
    reset_with(hone, 1, (struct hone_episode){.seed = 7, .turns = 4});
    uint64_t episode = hone_last(hone, 1)->episode;
    uint64_t first = take_turn(hone, 1, wrong, 0)->node;
    uint64_t second = take_turn(hone, 1, slow, 0)->node;
    cr_assert(eq(int, hone_goto(hone, 1, first), 0));
    uint64_t token = kill_server(hone);
    hone_test_serve_again(&server, NULL);
    hone = hone_test_return(&server, 2, token);
    const struct hone_observation *seen = take_turn(hone, 1, right, 3);
    cr_expect(eq(u64, seen->episode, episode));
    cr_expect(eq(u32, seen->turn, 3));
    cr_expect(eq(u64, seen->parent, first));
    cr_expect(ge(u64, seen->node, second + 1));
    cr_expect(eq(u64, seen->seed, 7));
    cr_expect(eq(int, hone_goto(hone, 1, second), 0), "%s", hone_message(hone));
    seen = take_turn(hone, 1, wrong, 0);
    cr_expect(eq(u64, seen->parent, second));
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_TRUNCATED, 0), "its four turns are over");
    hone_close(hone);
}

/* Killed at work: whoever sends the turn again is answered by one run of it, under its old number.
 */
Test(restart, runs_an_accepted_step_once) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset_with(hone, 0, (struct hone_episode){.seed = 1});
    take_turn(hone, 0, wrong, 1);
    send_turn(hone, 0, slow, 2);
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    uint64_t token = kill_server(hone);
    hone_test_serve_again(&server, NULL);
    hone = hone_test_return(&server, 1, token);
    const struct hone_observation *seen = take_turn(hone, 0, slow, 2);
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_WRONG));
    cr_expect(eq(u32, seen->turn, 2));
    uint64_t step = seen->step;
    seen = take_turn(hone, 0, slow, 2);
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_REPLAYED, 0));
    cr_expect(eq(u64, seen->step, step));
    json_t *rows = recorded_rows();
    cr_expect(eq(int, (int)json_array_size(rows), 2));
    json_decref(rows);
    hone_close(hone);
}

Test(restart, survives_being_killed_again_and_again) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset_with(hone, 0, (struct hone_episode){.seed = 1, .turns = 64});
    uint64_t last = 0;
    for (uint32_t turn = 1; turn <= 4; turn++) {
        send_turn(hone, 0, slow, turn);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        uint64_t token = kill_server(hone);
        hone_test_serve_again(&server, NULL);
        hone = hone_test_return(&server, 1, token);
        const struct hone_observation *seen = take_turn(hone, 0, slow, turn);
        cr_expect(eq(u32, seen->turn, turn));
        cr_expect(ge(u64, seen->node, last + 1));
        last = seen->node;
    }
    json_t *rows = recorded_rows();
    cr_expect(eq(int, (int)json_array_size(rows), 4));
    json_decref(rows);
    hone_close(hone);
}

Test(restart, keeps_what_is_left_of_a_budget) {
    struct hone *hone;
    hone_test_stop(&server);
    const char *const extra[] = {"--set", "episode.evaluations=2", NULL};
    hone_test_serve(&server, extra);
    hone = hone_test_attach(&server, 1);
    reset_with(hone, 0, (struct hone_episode){.seed = 1});
    cr_expect(eq(i64, take_turn(hone, 0, wrong, 1)->evaluations_left, 1));
    uint64_t token = kill_server(hone);
    hone_test_serve_again(&server, extra);
    hone = hone_test_return(&server, 1, token);
    const struct hone_observation *seen = take_turn(hone, 0, right, 2);
    cr_expect(eq(i64, seen->evaluations_left, 0));
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_TRUNCATED, 0));
    hone_close(hone);
}

Test(restart, gives_an_episode_to_nobody_but_its_agent) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset_with(hone, 0, (struct hone_episode){.seed = 1});
    take_turn(hone, 0, wrong, 1);
    uint64_t token = kill_server(hone);
    hone_test_serve_again(&server, NULL);
    struct hone *other = hone_test_return(&server, 1, token ^ 1);
    const struct hone_observation *seen = NULL;
    struct hone_action action = {.language = "c", .source_bytes = 1, .turn = 1};
    cr_expect(eq(int, hone_step(other, 0, &action, &seen), -EINVAL));
    hone = hone_test_return(&server, 1, token);
    cr_expect(ne(u32, take_turn(hone, 0, wrong, 1)->flags & HONE_OBSERVATION_REPLAYED, 0));
    hone_close(other);
    hone_close(hone);
}

Test(restart, begins_anew_when_asked_to_and_when_results_could_not_be_compared) {
    const char *const extra[][3] = {{"--new", NULL}, {"--set", "rewards.speedup=0.25", NULL}};
    for (int i = 0; i < 2; i++) {
        struct hone *hone = hone_test_attach(&server, 1);
        reset_with(hone, 0, (struct hone_episode){.seed = 1});
        take_turn(hone, 0, wrong, 1);
        uint64_t token = kill_server(hone);
        hone_test_serve_again(&server, extra[i]);
        hone = hone_test_return(&server, 1, token);
        const struct hone_observation *seen = NULL;
        struct hone_action action = {.language = "c", .source_bytes = 1, .turn = 1};
        cr_expect(eq(int, hone_step(hone, 0, &action, &seen), -EINVAL));
        hone_close(hone);
    }
}

/* Whether its server was killed or stopped, what was measured once is known. */
Test(restart, measures_nothing_again_that_is_recorded) {
    for (int i = 0; i < 2; i++) {
        struct hone *hone = hone_test_attach(&server, 1);
        reset_with(hone, 0, (struct hone_episode){.seed = 1});
        char message[512];
        const struct hone_observation *seen = take_turn(hone, 0, wrong, 0);
        cr_expect(eq(int, (seen->flags & HONE_OBSERVATION_CACHED) != 0, i != 0));
        snprintf(message, sizeof message, "%s", hone_text(seen, HONE_MESSAGE));
        kill_server(hone);
        hone_test_serve_again(&server, (const char *const[]){i ? "--new" : NULL, NULL});
        hone = hone_test_attach(&server, 1);
        reset_with(hone, 0, (struct hone_episode){.seed = 1});
        for (int times = 0; times < 2; times++) {
            seen = take_turn(hone, 0, wrong, 0);
            cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_CACHED, 0));
            cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_WRONG));
            cr_expect(eq(dbl, seen->reward, 0));
            cr_expect(eq(str, (char *)hone_text(seen, HONE_MESSAGE), message));
        }
        hone_close(hone);
    }
    json_t *rows = recorded_rows();
    cr_expect(eq(int, (int)json_array_size(rows), 2), "the new run has its own");
    cr_expect(eq(
        str,
        (char *)(uintptr_t)json_string_value(json_object_get(json_array_get(rows, 1), "verdict")),
        "wrong"));
    json_decref(rows);
}

/* Runs of several users may lie in one folder. */
Test(restart, believes_no_result_that_others_could_have_written) {
    char command[300];
    struct hone *hone = hone_test_attach(&server, 1);
    reset_with(hone, 0, (struct hone_episode){.seed = 1});
    take_turn(hone, 0, wrong, 0);
    kill_server(hone);
    snprintf(command, sizeof command, "chmod o+w '%s'/hone/runs/*/journal", server.root);
    cr_assert(eq(int, system(command), 0));
    hone_test_serve_again(&server, NULL);
    hone = hone_test_attach(&server, 1);
    reset_with(hone, 0, (struct hone_episode){.seed = 1});
    cr_expect(eq(u32, take_turn(hone, 0, wrong, 0)->flags & HONE_OBSERVATION_CACHED, 0));
    hone_close(hone);
}
