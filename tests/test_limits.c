/* What an episode, an agent and a user may use of a server: real servers, real kernels. */
#include "plugins/evidence.h"
#include "tests/env_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

/* Slow, and right: what ends it is what its episode has left. */
static const char slow[] =
    "void solve(const float *x, const float *y, float a, float b, float *out,\n"
    "           int64_t n) {\n"
    "    for (volatile int i = 0; i < 10000000; i++)\n"
    "        ;\n"
    "    for (int64_t i = 0; i < n; i++)\n"
    "        out[i] = a * x[i] + b * y[i];\n"
    "}\n";

Test(budget, ends_the_step_that_uses_it_up_and_truncates_its_episode, .timeout = 120) {
    const char *const settings[] = {"episode.device_seconds=0.05", "episode.wall_seconds=0.3"};
    for (int i = 0; i < 2; i++) {
        hone_test_serve(&server, (const char *const[]){"--set", settings[i], NULL});
        struct hone *hone = hone_test_attach(&server, 1);
        reset(hone, 0);
        const struct hone_observation *seen = hone_test_step(hone, 0, slow);
        cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_TIMED_OUT));
        cr_expect(eq(str, (char *)seen->reason_name, "budget"), "%s",
                  hone_text(seen, HONE_MESSAGE));
        cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_TRUNCATED, 0));
        seen = hone_test_step(hone, 0, right);
        cr_expect(eq(str, (char *)seen->reason_name, "episode_over"));
        hone_close(hone);
        hone_test_stop(&server);
    }
}

/* The rate is one that the slowest of machines writes faster than. */
Test(journal_limit, refuses_who_fills_the_journal_and_nobody_elses_work, .timeout = 120) {
    hone_test_serve(&server, (const char *const[]){"--set", "limits.journal_bytes=65536", "--set",
                                                   "limits.journal_rate=8192", "--set",
                                                   "episode.turns=0", NULL});
    struct hone *hone = hone_test_attach(&server, 1), *other = hone_test_attach(&server, 1);
    reset(hone, 0);
    int code = 0, accepted = 0;
    const struct hone_observation *seen = NULL;
    struct hone_action action = {.language = "c"};
    for (; !code && accepted < 4000; accepted++)
        code = hone_step(hone, 0, &action, &seen);
    cr_assert(eq(int, code, -EDQUOT), "%s", hone_message(hone));
    cr_expect(lt(int, 5, accepted), "some were taken");
    cr_expect(ne(ptr, strstr((char *)(uintptr_t)hone_message(hone), "limits.journal_rate"), NULL),
              "%s", hone_message(hone));
    cr_expect(eq(int, hone_reset(hone, 0, "algebra/axpby", 1, &seen), -EDQUOT));
    reset(other, 0);
    cr_expect(eq(u32, verdict_of(other, wrong), HONE_OUTCOME_WRONG));
    for (int tries = 0; code == -EDQUOT && tries < 200; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        code = hone_step(hone, 0, &action, &seen);
    }
    cr_expect(eq(int, code, 0), "and goes on later: %s", hone_message(hone));
    hone_close(other);
    hone_close(hone);
    hone_test_stop(&server);
}
