/* The run goes on in a new server: nothing lost, nothing done twice. */
#include "tests/kill/matrix.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>

/* How many steps the run has for that turn of an episode. */
static uint32_t count_steps(uint64_t episode, uint64_t turn) {
    int status;
    uint32_t count = 0;
    char *text = lab_run(&status, (const char *const[]){"show", "last", "--json", NULL});
    json_t *run = json_loads(text, 0, NULL);
    size_t index;
    const json_t *row;
    json_array_foreach(json_object_get(run, "rows"), index, row) count +=
        (uint64_t)json_integer_value(json_object_get(row, "episode")) == episode &&
        (uint64_t)json_integer_value(json_object_get(row, "turn")) == turn;
    json_decref(run);
    free(text);
    return count;
}

static void expect_one_answer(struct matrix *matrix, struct hone *hone,
                              const struct unfinished *unfinished, const char *source,
                              size_t bytes) {
    uint64_t step = unfinished->step;
    for (int times = 0; times < 2; times++) {
        if (send_turn(hone, source, bytes, unfinished->turn)) {
            violate(matrix, "turn %llu sent again is refused: %s",
                    (unsigned long long)unfinished->turn, hone_message(hone));
            return;
        }
        if (!await(matrix, hone, "a turn sent again"))
            return;
        const struct hone_observation *seen = hone_last(hone, 0);
        if (seen->turn != unfinished->turn || (step && seen->step != step))
            violate(matrix, "turn %llu, step %llu sent again is answered as turn %u, step %llu",
                    (unsigned long long)unfinished->turn, (unsigned long long)step, seen->turn,
                    (unsigned long long)seen->step);
        step = seen->step;
    }
    uint32_t count = count_steps(hone_last(hone, 0)->episode, unfinished->turn);
    if (count != 1)
        violate(matrix, "turn %llu is recorded %u times", (unsigned long long)unfinished->turn,
                count);
}

void expect_resumed(struct matrix *matrix, const struct unfinished *unfinished, const char *source,
                    size_t bytes) {
    struct hone_client_error error = {""};
    struct hone *hone = NULL;
    begin_server(matrix);
    struct hone_attach_options options = {
        .slots = 1, .token = unfinished->token, .directory = matrix->lab.directory};
    if (hone_attach(&hone, matrix->lab.name, &options, &error)) {
        violate(matrix, "its agent cannot return: %s", error.text);
    } else {
        expect_one_answer(matrix, hone, unfinished, source, bytes);
        expect_service(matrix, hone, NULL, 0);
        hone_close(hone);
    }
    kill(matrix->lab.pid, SIGKILL);
    finish_server(matrix);
}
