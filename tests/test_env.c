/* The rules of the gym as sentences: a real server, agents in other processes, real kernels. */
#include "plugins/evidence.h"
#include "tests/env_fixture.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void start(void) {
    hone_test_serve(&server, NULL);
}

static void stop(void) {
    hone_test_stop(&server);
}

TestSuite(env, .init = start, .fini = stop, .timeout = 120);

Test(env, rewards_a_right_kernel_and_says_how_fast_it_is) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    const struct hone_observation *seen = hone_test_step(hone, 0, right);
    cr_assert(eq(u32, seen->verdict, HONE_OUTCOME_PASSED), "%s", hone_text(seen, HONE_MESSAGE));
    cr_expect(lt(dbl, 1, seen->reward));
    cr_expect(le(dbl, seen->reward, 2.5));
    cr_expect(lt(dbl, 0.1, seen->speedup));
    cr_expect(le(dbl, seen->speedup_low, seen->speedup));
    cr_expect(le(dbl, seen->speedup, seen->speedup_high));
    cr_expect(ge(u32, seen->samples, 9));
    cr_expect(eq(u32, seen->turn, 1));
    cr_expect(eq(u32, seen->component_count, 3));
    cr_expect(le(chr, seen->confinement[0], 'C'));
    hone_close(hone);
}

Test(env, tells_a_wrong_kernel_where_and_what) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    const struct hone_observation *seen = hone_test_step(hone, 0, wrong);
    cr_assert(eq(u32, seen->verdict, HONE_OUTCOME_WRONG));
    cr_expect(eq(dbl, seen->reward, 0));
    const char *message = hone_text(seen, HONE_MESSAGE);
    cr_expect(ne(ptr, strstr((char *)message, "out["), NULL), "%s", message);
    cr_expect(ne(ptr, strstr((char *)message, "wanted"), NULL), "%s", message);
    cr_expect(eq(int, isnan(seen->speedup), 1));
    hone_close(hone);
}

Test(env, names_every_way_to_fail) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    cr_expect(eq(u32, verdict_of(hone, "void solve(int"), HONE_OUTCOME_COMPILE_FAILED));
    cr_expect(
        eq(u32, verdict_of(hone, "void solve(float *x) { *x = 0; }"), HONE_OUTCOME_COMPILE_FAILED));
    cr_expect(eq(u32, verdict_of(hone, endless), HONE_OUTCOME_TIMED_OUT));
    cr_expect(eq(u32, verdict_of(hone, crashing), HONE_OUTCOME_CRASHED));
    cr_expect(eq(u32, verdict_of(hone, ""), HONE_OUTCOME_REJECTED));
    hone_close(hone);
}

Test(env, inspects_a_source_whatever_stages_its_agent_asks_for) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    memcpy(hone_action_buffer(hone, 0, NULL), right, sizeof right - 1);
    struct hone_action action = {.language = "c",
                                 .source_bytes = sizeof right - 1,
                                 .stages = 1u << HONE_STAGE_COMPILE | 1u << HONE_STAGE_VERIFY |
                                           1u << HONE_STAGE_TIME | 1u << HONE_STAGE_INSPECT_RUN};
    const struct hone_observation *seen = NULL;
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0));
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_PASSED));
    cr_expect(ne(u32, seen->stages & 1u << HONE_STAGE_INSPECT_SOURCE, 0));
    cr_expect(ne(u32, seen->stages & 1u << HONE_STAGE_INSPECT_BINARY, 0));
    hone_close(hone);
}

/* What the candidate is told when so much of a hidden workload's output is wrong as digit `digit`
 * of its size in base 8 says. */
static void tell_hidden(struct hone *hone, int digit, char text[512]) {
    static const char source[] =
        "void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {\n"
        "    static const int64_t known[] = {19, 1, 65537, 10007, 4099, 30011, 1009, 2053, 1021};\n"
        "    int64_t wrong = n * ((n >> %d) %% 8) / 8 + 1;\n"
        "    for (int i = 0; i < (int)(sizeof known / sizeof *known); i++)\n"
        "        wrong = n == known[i] ? 0 : wrong;\n"
        "    for (int64_t i = 0; i < n; i++)\n"
        "        out[i] = a * x[i] + b * y[i] + (i < wrong);\n"
        "}\n";
    const struct hone_observation *seen = NULL;
    size_t capacity;
    char *buffer = hone_action_buffer(hone, 0, &capacity);
    int bytes = snprintf(buffer, capacity, source, 3 * digit);
    struct hone_action action = {.language = "c",
                                 .source_bytes = (uint64_t)bytes,
                                 .stages = 1u << HONE_STAGE_COMPILE | 1u << HONE_STAGE_VERIFY,
                                 .flags = HONE_ACTION_FORCE};
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0));
    snprintf(text, 512, "%s", hone_text(seen, HONE_MESSAGE));
    cr_assert(ne(ptr, strstr(text, "hidden"), NULL), "%s", text);
}

/* A hidden workload's size shows in nothing but how large a share is wrong, in wide steps: enough
 * of them, and two sizes are told apart. */
Test(env, draws_other_hidden_workloads_whatever_seed_its_agent_chooses) {
    enum { DIGITS = 6 };
    struct hone *hone = hone_test_attach(&server, 1);
    char told[2][DIGITS][512];
    uint64_t seed = 5;
    for (int i = 0; i < 2; i++) {
        const struct hone_observation *first = NULL;
        cr_assert(eq(int, hone_reset(hone, 0, "algebra/axpby", seed, &first), 0));
        for (int digit = 0; digit < DIGITS; digit++)
            tell_hidden(hone, digit, told[i][digit]);
        uint64_t episode = hone_last(hone, 0)->episode;
        seed ^= episode ^ (episode + 1);
    }
    int differing = 0;
    for (int digit = 0; digit < DIGITS; digit++)
        differing += strcmp(told[0][digit], told[1][digit]) != 0;
    cr_expect(ge(int, differing, 1), "%s", told[0][0]);
    hone_close(hone);
}

/* A wrong kernel, since a passed one is kept only when its times were quiet. */
Test(env, answers_a_kernel_seen_before_from_its_cache) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    char first[512];
    snprintf(first, sizeof first, "%s", hone_text(hone_test_step(hone, 0, wrong), HONE_MESSAGE));
    const struct hone_observation *again = hone_test_step(hone, 0, wrong);
    cr_expect(ne(u32, again->flags & HONE_OBSERVATION_CACHED, 0));
    cr_expect(eq(str, (char *)hone_text(again, HONE_MESSAGE), first));
    cr_expect(eq(u32, again->turn, 2));
    hone_close(hone);
}

Test(env, serves_many_slots_of_one_agent_in_any_order) {
    enum { SLOTS = 4 };
    struct hone *hone = hone_test_attach(&server, SLOTS);
    for (uint32_t i = 0; i < SLOTS; i++)
        reset(hone, i);
    for (uint32_t i = 0; i < SLOTS; i++) {
        size_t capacity;
        char *buffer = hone_action_buffer(hone, i, &capacity);
        int bytes = snprintf(buffer, capacity, "// %u\n%s", i, i % 2 ? wrong : right);
        struct hone_action action = {.language = "c", .source_bytes = (uint64_t)bytes};
        cr_assert(eq(int, hone_send(hone, i, &action), 0));
    }
    uint32_t seen = 0;
    while (seen != (1u << SLOTS) - 1) {
        const struct hone_observation *got[SLOTS];
        int count = hone_recv(hone, got, SLOTS, 60000000000);
        cr_assert(lt(int, 0, count), "%s", hone_message(hone));
        for (int i = 0; i < count; i++) {
            cr_expect(eq(u32, got[i]->verdict,
                         got[i]->slot % 2 ? HONE_OUTCOME_WRONG : HONE_OUTCOME_PASSED));
            seen |= 1u << got[i]->slot;
        }
    }
    hone_close(hone);
}

Test(env, truncates_at_the_last_turn_and_rejects_what_comes_after) {
    struct hone *hone = hone_test_attach(&server, 1);
    struct hone_episode episode = {.task = "algebra/axpby", .turns = 2};
    const struct hone_observation *seen = NULL;
    cr_assert(eq(int, hone_reset_with(hone, 0, &episode, &seen), 0));
    seen = hone_test_step(hone, 0, wrong);
    cr_expect(eq(u32, seen->flags & HONE_OBSERVATION_TRUNCATED, 0));
    seen = hone_test_step(hone, 0, wrong);
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_TRUNCATED, 0));
    cr_expect(eq(u32, seen->flags & HONE_OBSERVATION_TERMINATED, 0));
    seen = hone_test_step(hone, 0, wrong);
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_REJECTED));
    cr_expect(eq(str, (char *)seen->reason_name, "episode_over"));
    reset(hone, 0);
    cr_expect(eq(u32, verdict_of(hone, wrong), HONE_OUTCOME_WRONG));
    hone_close(hone);
}

Test(env, terminates_when_the_goal_is_met_or_the_agent_stops) {
    struct hone *hone = hone_test_attach(&server, 1);
    struct hone_episode episode = {.task = "algebra/axpby", .goal_speedup = 0.01};
    const struct hone_observation *seen = NULL;
    cr_assert(eq(int, hone_reset_with(hone, 0, &episode, &seen), 0));
    seen = hone_test_step(hone, 0, right);
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_TERMINATED, 0));
    reset(hone, 0);
    cr_assert(eq(int, hone_stop(hone, 0, &seen), 0));
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_TERMINATED, 0));
    hone_close(hone);
}

Test(env, goes_back_to_a_node_and_forks_an_episode_there) {
    struct hone *hone = hone_test_attach(&server, 2);
    reset(hone, 0);
    uint64_t first = hone_test_step(hone, 0, right)->node;
    uint64_t second = hone_test_step(hone, 0, wrong)->node;
    cr_expect(eq(u64, hone_last(hone, 0)->parent, first));
    cr_assert(eq(int, hone_goto(hone, 0, first), 0), "%s", hone_message(hone));
    cr_expect(eq(u64, hone_test_step(hone, 0, wrong)->parent, first));
    cr_assert(eq(int, hone_fork(hone, 0, second, 1), 0), "%s", hone_message(hone));
    cr_expect(eq(u64, hone_test_step(hone, 1, right)->parent, second));
    cr_expect(eq(int, hone_goto(hone, 1, 12345), -ENOENT));
    hone_close(hone);
}

Test(env, refuses_what_makes_no_sense_and_lives_on) {
    struct hone *hone = hone_test_attach(&server, 1);
    const struct hone_observation *seen = NULL;
    cr_expect(eq(int, hone_reset(hone, 0, "no/such", 0, &seen), -ENOENT));
    cr_expect(ne(ptr, strstr((char *)hone_message(hone), "no/such"), NULL));
    struct hone_action action = {.language = "c", .source_bytes = 1};
    *hone_action_buffer(hone, 0, NULL) = ' ';
    cr_expect(eq(int, hone_step(hone, 0, &action, &seen), -EINVAL));
    reset(hone, 0);
    action.language = "fortran";
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0));
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_REJECTED));
    cr_expect(eq(str, (char *)seen->reason_name, "language"));
    action.language = "c";
    action.options = "O9";
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0));
    cr_expect(eq(str, (char *)seen->reason_name, "option"));
    cr_expect(eq(u32, verdict_of(hone, wrong), HONE_OUTCOME_WRONG));
    hone_close(hone);
}

Test(env, gives_a_step_again_when_its_turn_is_sent_twice) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    size_t bytes = strlen(wrong);
    memcpy(hone_action_buffer(hone, 0, NULL), wrong, bytes);
    struct hone_action action = {.language = "c", .source_bytes = bytes, .turn = 1};
    const struct hone_observation *seen = NULL;
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0));
    uint64_t step = seen->step;
    cr_assert(eq(int, hone_step(hone, 0, &action, &seen), 0));
    cr_expect(eq(u64, seen->step, step));
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_REPLAYED, 0));
    action.turn = 7;
    cr_expect(eq(int, hone_step(hone, 0, &action, &seen), -EINVAL));
    hone_close(hone);
}

Test(env, cancels_a_step_that_would_take_long) {
    struct hone *hone = hone_test_attach(&server, 1);
    reset(hone, 0);
    size_t bytes = strlen(right);
    memcpy(hone_action_buffer(hone, 0, NULL), right, bytes);
    struct hone_action action = {.language = "c", .source_bytes = bytes};
    cr_assert(eq(int, hone_send(hone, 0, &action), 0));
    cr_assert(eq(int, hone_cancel(hone, 0), 0));
    const struct hone_observation *seen = NULL;
    cr_assert(eq(int, hone_recv(hone, &seen, 1, 60000000000), 1));
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_INFRA_FAILED));
    cr_expect(eq(int, isnan(seen->reward), 1));
    hone_close(hone);
}

static void send_endless(struct hone *hone, uint32_t slot) {
    size_t capacity;
    char *buffer = hone_action_buffer(hone, slot, &capacity);
    int bytes = snprintf(buffer, capacity, "// %u\n%s", slot, endless);
    struct hone_action action = {.language = "c", .source_bytes = (uint64_t)bytes};
    cr_assert(eq(int, hone_send(hone, slot, &action), 0));
}

/* With one worker, every step but the first waits for it. */
Test(env, ends_a_cancelled_step_that_waits_for_a_worker_at_once) {
    enum { SLOTS = 8 };
    struct hone_test_server narrow;
    hone_test_serve(&narrow, (const char *const[]){"--set", "server.workers=1", NULL});
    struct hone *hone = hone_test_attach(&narrow, SLOTS);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        reset(hone, slot);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        send_endless(hone, slot);
    cr_assert(eq(int, hone_cancel(hone, SLOTS - 1), 0));
    const struct hone_observation *seen = NULL;
    int before = -1;
    do {
        cr_assert(eq(int, hone_recv(hone, &seen, 1, 60000000000), 1));
        before++;
    } while (seen->slot != SLOTS - 1);
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_INFRA_FAILED));
    cr_expect(lt(int, before, SLOTS - 2));
    hone_close(hone);
    hone_test_stop(&narrow);
}

Test(env, refuses_a_name_that_a_live_server_has) {
    int status;
    char *text = hone_test_run(&server, &status, "serve", server.name, NULL);
    cr_expect(eq(int, status, 1));
    free(text);
}

Test(env, lets_a_python_agent_attach_from_another_process) {
    char command[1024];
    snprintf(command, sizeof command,
             "XDG_RUNTIME_DIR='%s' timeout 60 python3 examples/python/agent.py --session %s --task "
             "algebra/axpby tasks/algebra/axpby/naive.c",
             server.root, server.name);
    FILE *agent = popen(command, "r");
    char text[16384]; /* the prompt is in it: an agent that nobody listens to dies */
    size_t got = fread(text, 1, sizeof text - 1, agent);
    text[got] = 0;
    cr_expect(eq(int, pclose(agent), 0));
    cr_expect(ne(ptr, strstr(text, "passed"), NULL), "%s", text);
}

Test(env, lets_the_tiny_example_attach) {
    char command[1024];
    snprintf(command, sizeof command,
             "XDG_RUNTIME_DIR='%s' timeout 60 $(dirname %s)/examples/tiny %s algebra/axpby "
             "tasks/algebra/axpby/naive.c",
             server.root, hone_test_program(), server.name);
    FILE *agent = popen(command, "r");
    char text[16384]; /* the prompt is in it: an agent that nobody listens to dies */
    size_t got = fread(text, 1, sizeof text - 1, agent);
    text[got] = 0;
    cr_expect(eq(int, pclose(agent), 0));
    cr_expect(ne(ptr, strstr(text, "passed"), NULL), "%s", text);
}

/* One line each way; no client library, no shared memory. */
Test(env, speaks_json_to_agents_without_shared_memory) {
    char command[2048], text[4096];
    snprintf(
        command, sizeof command,
        "timeout 60 python3 -c '\n"
        "import json, socket\n"
        "gym = socket.socket(socket.AF_UNIX)\n"
        "gym.connect(\"%s/%s.sock\")\n"
        "file = gym.makefile(\"rw\")\n"
        "def call(method, **params):\n"
        "    print(json.dumps({\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": method, \"params\": "
        "params}), file=file, flush=True)\n"
        "    return json.loads(file.readline())[\"result\"]\n"
        "call(\"reset\", task=\"algebra/axpby\")\n"
        "seen = call(\"step\", source=open(\"tasks/algebra/axpby/tuned.c\").read(), "
        "language=\"c\")\n"
        "print(seen[\"verdict_name\"], seen[\"reward\"] > 1)\n"
        "'",
        server.directory, server.name);
    FILE *agent = popen(command, "r");
    size_t got = fread(text, 1, sizeof text - 1, agent);
    text[got] = 0;
    cr_expect(eq(int, pclose(agent), 0));
    cr_expect(eq(str, text, "passed True\n"));
}
