/* session_fixture.h - an echo server and an agent of it: what the tests of the session share. */
#ifndef HONE_TESTS_SESSION_FIXTURE_H
#define HONE_TESTS_SESSION_FIXTURE_H

#include "core/clock.h"
#include "ipc/client.h"
#include "tests/echo_server.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define SECOND 1000000000

static inline struct hone *attach(const struct echo *echo,
                                  const struct hone_attach_options *options) {
    struct hone *hone = NULL;
    struct hone_client_error error = {.text = ""};
    int status = hone_attach(&hone, echo->socket, options, &error);
    cr_assert(eq(int, status, 0), "%s", error.text);
    return hone;
}

static inline struct echo start(struct hone_session_options options) {
    struct echo echo;
    cr_assert(echo_start(&echo, options));
    return echo;
}

/* The server lives, and another agent is served as ever. */
static inline void expect_service(const struct echo *echo) {
    const struct hone_observation *seen;
    struct hone *hone = attach(echo, NULL);
    memcpy(hone_action_buffer(hone, 0, NULL), "hello", 5);
    cr_assert(eq(int, hone_step(hone, 0, &(struct hone_action){.source_bytes = 5}, &seen), 0));
    cr_assert(eq(dbl, seen->reward, 5.0));
    hone_close(hone);
}

static inline int await_drop(struct hone *hone) {
    int status;
    do {
        status = hone_client_wait(hone, hone_now_ns() + 5ull * SECOND);
        if (!status) {
            struct hone_line line;
            hone_ring_take(&hone->replies, &line);
        }
    } while (!status);
    return status;
}

#endif
