/* Steps through the server under fire, and what it must answer after an accident. */
#include "tests/kill/matrix.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void violate(struct matrix *matrix, const char *format, ...) {
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

/* Slow enough for every stage to be met; new text each time, so that it is compiled. */
size_t write_source(struct matrix *matrix, char *text, size_t size) {
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

int send_turn(struct hone *hone, const char *source, size_t bytes, uint64_t turn) {
    struct hone_action action = {.language = "c", .source_bytes = bytes, .turn = turn};
    lab_put(hone, 0, source, bytes);
    return hone_send(hone, 0, &action);
}

int send_source(struct hone *hone, const char *source, size_t bytes) {
    return send_turn(hone, source, bytes, 0);
}

void note(struct matrix *matrix, const struct hone_observation *seen) {
    if (matrix->acknowledged_count < ACKNOWLEDGED_MAX) {
        struct acknowledged *one = &matrix->acknowledged[matrix->acknowledged_count++];
        one->step = seen->step;
        memcpy(one->verdict, seen->verdict_name, sizeof one->verdict);
    }
}

enum outcome outcome_of(const struct hone_observation *seen) {
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

bool await(struct matrix *matrix, struct hone *hone, const char *what) {
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
void expect_service(struct matrix *matrix, struct hone *hone, const char *source, size_t bytes) {
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
