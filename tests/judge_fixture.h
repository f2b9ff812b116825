/* judge_fixture.h - a server and one agent of it, which has source after source judged. */
#ifndef HONE_TESTS_JUDGE_FIXTURE_H
#define HONE_TESTS_JUDGE_FIXTURE_H

#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct hone_test_server server;
static struct hone *hone;

static inline void judge_begin(void) {
    hone_test_serve(&server, NULL);
    hone = hone_test_attach(&server, 1);
}

static inline void judge_end(void) {
    hone_close(hone);
    hone_test_stop(&server);
}

static inline const struct hone_observation *judge(const char *task, const char *source) {
    const struct hone_observation *seen = NULL;
    int code = hone_reset(hone, 0, task, 1, &seen);
    cr_assert(eq(int, code, 0), "reset to %s: %s", task, hone_message(hone));
    return hone_test_step(hone, 0, source);
}

#endif
