/* env_fixture.h - a server, four kernels of algebra/axpby, and how to send them: what the tests of
 * the gym's rules share, each file with a server of its own.
 */
#ifndef HONE_TESTS_ENV_FIXTURE_H
#define HONE_TESTS_ENV_FIXTURE_H

#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct hone_test_server server;

static const char right[] =
    "void solve(const float *x, const float *y, float a, float b, float *out,\n"
    "           int64_t n) {\n"
    "    for (int64_t i = 0; i < n; i++)\n"
    "        out[i] = a * x[i] + b * y[i];\n"
    "}\n";

static const char wrong[] =
    "void solve(const float *x, const float *y, float a, float b, float *out,\n"
    "           int64_t n) {\n"
    "    for (int64_t i = 0; i < n; i++)\n"
    "        out[i] = a * x[i] - b * y[i];\n"
    "}\n";

static const char endless[] = "void solve(const float *x, const float *y, float a, float b,\n"
                              "           float *out, int64_t n) {\n"
                              "    for (volatile int64_t i = 0; i >= 0;)\n"
                              "        i = 0;\n"
                              "}\n";

static const char crashing[] = "void solve(const float *x, const float *y, float a, float b,\n"
                               "           float *out, int64_t n) {\n"
                               "    *(volatile int *)8 = 1;\n"
                               "}\n";

static inline void reset(struct hone *hone, uint32_t slot) {
    const struct hone_observation *first = NULL;
    cr_assert(eq(int, hone_reset(hone, slot, "algebra/axpby", 1, &first), 0), "%s",
              hone_message(hone));
    cr_assert(ne(ptr, strstr((char *)hone_text(first, HONE_PROMPT), "void solve("), NULL));
}

static inline uint32_t verdict_of(struct hone *hone, const char *source) {
    return hone_test_step(hone, 0, source)->verdict;
}

#endif
