/* echo_server.h - a gym without kernels, for tests of the session: a server in a child process
 * whose environment says back what it was told.
 *
 * step: the source decides. "hold" is answered when cancelled (infra_failed), "late" when the slot
 * is reset, "fail" is an environment error, "long" has texts longer than a block; anything else
 * passes, with the source's length as reward, its text as feedback and the action's fields as
 * message. */
#ifndef HONE_TESTS_ECHO_SERVER_H
#define HONE_TESTS_ECHO_SERVER_H

#include "core/session.h"
#include "tests/orphan.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ECHO_UNUSED __attribute__((unused))
#define ECHO_SLOTS 16
#define ECHO_TOKEN_REFUSED 0xbad

struct echo {
    pid_t pid;
    char directory[64], socket[96];
};

struct echo_lane {
    struct hone_request held[ECHO_SLOTS]; /* op 0: none */
    uint32_t turn[ECHO_SLOTS];
    char task[ECHO_SLOTS][HONE_TEXT_TASK];
    bool returning;
};

static struct hone_observation echo_observation(void) {
    struct hone_observation observation = {.turns = 8, .evaluations_left = -1};
    observation.speedup_low = observation.speedup_high = (double)NAN;
    observation.kernel_ns = observation.baseline_ns = observation.noise = (double)NAN;
    observation.coverage = observation.roofline_fraction = (double)NAN;
    observation.best_reward = observation.best_speedup = (double)NAN;
    observation.reward = observation.speedup = (double)NAN;
    return observation;
}

static void echo_reply(struct hone_lane *lane, const struct hone_request *request, uint32_t slot,
                       int status, const struct hone_observation *observation, const char *message,
                       const char *feedback, const char *prompt, const char *json) {
    struct hone_reply reply = {request->op, slot,     request->tag, status, observation,
                               message,     feedback, prompt,       json};
    hone_lane_reply(lane, &reply);
}

static void echo_release(struct hone_lane *lane, struct echo_lane *state, uint32_t slot) {
    struct hone_request held = state->held[slot];
    if (!held.op)
        return;
    state->held[slot].op = 0;
    struct hone_observation observation = echo_observation();
    observation.verdict = HONE_OUTCOME_INFRA_FAILED;
    echo_reply(lane, &held, slot, 0, &observation, "cancelled", NULL, NULL, NULL);
}

static void echo_step(struct hone_lane *lane, struct echo_lane *state,
                      struct hone_request *request) {
    struct hone_observation observation = echo_observation();
    uint32_t slot = request->slot;
    observation.turn = ++state->turn[slot];
    if (!strcmp(request->source, "hold") || !strcmp(request->source, "late")) {
        state->held[slot] = *request;
        state->held[slot].source = NULL;
        hone_lane_progress(lane, slot, 5);
        return;
    }
    if (!strcmp(request->source, "fail")) {
        echo_reply(lane, request, slot, -ENOSPC, NULL, "the disk is full", NULL, NULL, NULL);
        return;
    }
    observation.verdict = HONE_OUTCOME_PASSED;
    strcpy(observation.verdict_name, "passed");
    snprintf(observation.task, sizeof observation.task, "%s", state->task[slot]);
    observation.reward = (double)request->source_bytes;
    observation.speedup = 2;
    observation.component_count = 1;
    strcpy(observation.components[0].name, "speedup");
    observation.components[0].value = 0.5;
    observation.stage_ns[2] = 1234;
    observation.node = 7;
    observation.seed = UINT64_MAX;
    if (request->flags & HONE_ACTION_STOP)
        observation.flags |= HONE_OBSERVATION_TERMINATED;
    char message[512];
    snprintf(message, sizeof message, "%s|%s|%u|%u|%llu|%.2f", request->language, request->options,
             request->stages, request->flags, (unsigned long long)request->turn,
             request->predicted_speedup);
    char *feedback = request->source;
    if (!strcmp(request->source, "long")) {
        feedback = malloc(1u << 20);
        memset(feedback, 'x', (1u << 20) - 1);
        feedback[(1u << 20) - 1] = '\0';
    }
    echo_reply(lane, request, slot, 0, &observation, message, feedback, NULL, "{\"answer\":42}");
    if (feedback != request->source)
        free(feedback);
}

static void echo_reset(struct hone_lane *lane, struct echo_lane *state,
                       const struct hone_request *request) {
    uint32_t slot = request->slot;
    struct hone_observation observation = echo_observation();
    if (!strcmp(request->task, "none")) {
        echo_reply(lane, request, slot, -ENOENT, NULL, "there is no task 'none'", NULL, NULL, NULL);
        return;
    }
    state->turn[slot] = 0;
    snprintf(state->task[slot], sizeof state->task[slot], "%s", request->task);
    snprintf(observation.task, sizeof observation.task, "%s", request->task);
    observation.flags = HONE_OBSERVATION_FIRST;
    observation.seed = request->seed;
    observation.turns = request->turns;
    char prompt[256];
    snprintf(prompt, sizeof prompt, "write %s (%s)", request->task,
             state->returning ? "again" : request->group);
    echo_reply(lane, request, slot, 0, &observation, "ready", NULL, prompt, NULL);
    echo_release(lane, state, slot); /* after the answer: too late for its observation */
}

static void echo_request(void *context, struct hone_lane *lane, struct hone_request *request) {
    struct echo_lane *state = hone_lane_user(lane);
    struct hone_observation observation = echo_observation();
    (void)context;
    switch (request->op) {
    case HONE_OP_RESET:
        echo_reset(lane, state, request);
        return;
    case HONE_OP_STEP:
        echo_step(lane, state, request);
        return;
    case HONE_OP_CANCEL:
        echo_reply(lane, request, request->slot, 0, NULL, NULL, NULL, NULL, NULL);
        echo_release(lane, state, request->slot);
        return;
    case HONE_OP_FORK:
        observation.parent = request->node;
        echo_reply(lane, request, request->slot, 0, &observation, "forked", NULL, NULL, NULL);
        return;
    case HONE_OP_STOP:
        observation.flags = HONE_OBSERVATION_TERMINATED;
        echo_reply(lane, request, request->slot, 0, &observation, "stopped", NULL, NULL, NULL);
        return;
    default:
        observation.node = request->node;
        echo_reply(lane, request, request->slot, 0, &observation, "moved", NULL, NULL, NULL);
    }
}

static int echo_attached(void *context, struct hone_lane *lane, uint32_t slots, uint64_t token,
                         bool returning, struct hone_error *error) {
    (void)context;
    (void)error;
    if (slots > ECHO_SLOTS)
        return -EINVAL;
    if (token == ECHO_TOKEN_REFUSED)
        return -EPERM;
    struct echo_lane *state = calloc(1, sizeof *state);
    state->returning = returning;
    hone_lane_set_user(lane, state);
    return 0;
}

static void echo_detached(void *context, struct hone_lane *lane) {
    (void)context;
    free(hone_lane_user(lane));
}

/* Everything a server process does; `ready` is told by one byte, or its end says that it failed. */
static int echo_run(const struct hone_session_options *options, int ready,
                    struct hone_error *error) {
    struct hone_loop *loop = NULL;
    struct hone_session *session = NULL;
    const struct hone_session_events events = {NULL, echo_attached, echo_request, echo_detached};
    int status = hone_loop_create(&loop);
    if (!status)
        status = hone_session_create(loop, options, &events, &session, error);
    if (!status) {
        if (ready >= 0 && write(ready, "r", 1) == 1)
            close(ready);
        status = hone_loop_run(loop);
    }
    hone_session_destroy(session);
    hone_loop_destroy(loop);
    return status;
}

static bool echo_start_in(struct echo *echo, struct hone_session_options options,
                          const char *directory) {
    int ready[2];
    *echo = (struct echo){.pid = -1};
    snprintf(echo->directory, sizeof echo->directory, "%s", directory);
    options.name = options.name ? options.name : "echo";
    options.directory = echo->directory;
    if (!options.catalogue)
        options.catalogue = "[{\"id\":\"dl/softmax\"}]";
    snprintf(echo->socket, sizeof echo->socket, "%s/%s.sock", directory, options.name);
    if (pipe(ready))
        return false;
    pid_t self = getpid();
    echo->pid = fork();
    if (echo->pid == 0) {
        hone_test_die_with(self);
        close(ready[0]);
        struct hone_error error = {.text = ""};
        int status = echo_run(&options, ready[1], &error);
        if (status)
            fprintf(stderr, "echo server: %s\n", error.text);
        _exit(status ? 1 : 0);
    }
    close(ready[1]);
    char byte;
    bool up = echo->pid > 0 && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    return up;
}

static ECHO_UNUSED bool echo_start(struct echo *echo, struct hone_session_options options) {
    char directory[64] = "/tmp/hone-test-XXXXXX";
    return mkdtemp(directory) && echo_start_in(echo, options, directory);
}

/* Ends the server and says how it had been: true if it still lived. */
static ECHO_UNUSED bool echo_stop(struct echo *echo) {
    bool lived = echo->pid > 0 && waitpid(echo->pid, NULL, WNOHANG) == 0;
    if (lived) {
        kill(echo->pid, SIGKILL);
        waitpid(echo->pid, NULL, 0);
    }
    hone_session_sweep(echo->directory);
    rmdir(echo->directory);
    return lived;
}

#endif
