/* A recorded run scored again, as `hone rescore` does it, and evidence as earlier releases stored
 * it. */
#include "core/evidence.h"
#include "core/rescore.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hone_test_server server;

/* One episode: right, wrong, the same again, and right again and slower. What is wrong is cached
 * however busy the machine is. */
static void record(const char *const *extra) {
    hone_test_serve(&server, extra);
    struct hone *hone = hone_test_attach(&server, 1);
    const struct hone_observation *seen;
    cr_assert(eq(int, hone_reset(hone, 0, "algebra/axpby", 1, &seen), 0), "reset");
    char *tuned = hone_test_read("tasks/algebra/axpby/tuned.c");
    char *naive = hone_test_read("tasks/algebra/axpby/naive.c");
    char *wrong = hone_test_read("tasks/algebra/axpby/wrong/tail.c");
    hone_test_step(hone, 0, tuned);
    hone_test_step(hone, 0, wrong);
    seen = hone_test_step(hone, 0, wrong);
    cr_assert(ne(u32, seen->flags & HONE_OBSERVATION_CACHED, 0));
    hone_test_step(hone, 0, naive);
    hone_close(hone);
    free(tuned);
    free(naive);
    free(wrong);
}

static void finish(void) {
    hone_test_stop(&server);
}

static json_t *rescored_row(const char *text, uint32_t index) {
    for (; index > 0 && text; index--)
        text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL;
    json_t *row = text ? json_loads(text, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    cr_assert(ne(ptr, row, NULL));
    return row;
}

TestSuite(rescore, .timeout = 120);

/* To the bit, and part for part: a sum may stay where its parts moved. */
Test(rescore, calls_only_equal_bits_the_same) {
    const struct hone_rescored like = {
        .stored = 3, .fresh = 3, .stored_count = 2, .stored_parts = {1, 2}, .parts = {1, 2}};
    cr_expect(hone_rescored_same(&like, 2));
    cr_expect(not(hone_rescored_same(&like, 1)), "a part went");
    struct hone_rescored row = like;
    row.fresh = nextafter(3, 4);
    cr_expect(not(hone_rescored_same(&row, 2)));
    row = like;
    row.parts[0] = 2;
    row.parts[1] = 1;
    cr_expect(not(hone_rescored_same(&row, 2)));
    row = like;
    row.stored_count = 1;
    cr_expect(not(hone_rescored_same(&row, 2)), "a part came");
    row = like;
    row.stored = row.fresh = row.stored_parts[1] = (double)NAN;
    row.parts[1] = -(double)NAN;
    cr_expect(hone_rescored_same(&row, 2), "one NaN is as good as another");
}

Test(rescore, gives_the_stored_rewards_bit_for_bit) {
    int status;
    record((const char *const[]){"--set", "rewards.correctness=0.3333333333333333", "--set",
                                 "rewards.speedup=0.1", "--set", "rewards.guardrail=0.7", "--set",
                                 "reward.speedup.scale=log2", NULL});
    char *text = hone_test_run(&server, &status, "rescore", "last", NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    cr_expect(ne(ptr, strstr(text, "4 of 4 rewards come out"), NULL), "%s", text);
    free(text);
    finish();
}

Test(rescore, tries_other_rewards_and_changes_nothing) {
    int status;
    record(NULL);
    char *text =
        hone_test_run(&server, &status, "rescore", "last", "--reward", "rank", "--json", NULL);
    cr_assert(eq(int, status, 0), "%s", text);
    json_t *wrong = rescored_row(text, 2), *first = rescored_row(text, 0);
    cr_expect(eq(dbl, json_number_value(json_object_get(wrong, "reward")), 0));
    cr_expect(le(dbl, 1.0 / 3, json_number_value(json_object_get(first, "reward"))));
    cr_expect(eq(int, json_is_false(json_object_get(first, "same")), 1));
    json_decref(wrong);
    json_decref(first);
    free(text);
    /* What is no number in a live step is none here. */
    text = hone_test_run(&server, &status, "rescore", "last", "--set", "rewards.speedup=1.5e308",
                         "--set", "rewards.correctness=1.5e308", NULL);
    cr_expect(eq(int, status, 1), "%s", text);
    free(text);
    text = hone_test_run(&server, &status, "rescore", "last", NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    free(text);
    finish();
}

/* Alone in its task a kernel is in front, however slow it is beside the kernels of other tasks. */
Test(rescore, ranks_rollouts_among_those_of_their_task) {
    int status;
    hone_test_serve(&server, NULL);
    struct hone *hone = hone_test_attach(&server, 1);
    const struct hone_observation *seen;
    static const char *const rows[][2] = {{"algebra/axpby", "tasks/algebra/axpby/tuned.c"},
                                          {"algebra/gemv", "tasks/algebra/gemv/naive.c"}};
    for (int i = 0; i < 2; i++) {
        char *source = hone_test_read(rows[i][1]);
        cr_assert(eq(int, hone_reset(hone, 0, rows[i][0], 1, &seen), 0), "%s", rows[i][0]);
        seen = hone_test_step(hone, 0, source);
        cr_assert(eq(u32, seen->verdict, HONE_PASSED), "%s", rows[i][1]);
        free(source);
    }
    hone_close(hone);
    char *text =
        hone_test_run(&server, &status, "rescore", "last", "--reward", "rank", "--json", NULL);
    cr_assert(eq(int, status, 0), "%s", text);
    for (uint32_t i = 0; i < 2; i++) {
        json_t *row = rescored_row(text, i);
        cr_expect(eq(dbl, json_number_value(json_object_get(row, "reward")), 1), "%s", rows[i][0]);
        json_decref(row);
    }
    free(text);
    finish();
}

Test(rescore, applies_detectors_that_had_no_say_in_the_live_step) {
    int status;
    record((const char *const[]){"--set", "detectors.unwritten_output=audit", NULL});
    char *text = hone_test_run(&server, &status, "rescore", "last", "--audit", NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    cr_expect(ne(ptr, strstr(text, "step 2: unwritten_output"), NULL), "%s", text);
    free(text);
    finish();
}

/* What was compiled is in the run, so that a detector of binaries can look at it later; the same
 * source sent again repeats it. */
Test(rescore, lets_audits_look_at_what_was_compiled) {
    int status;
    const char *const settings[] = {"store.images=yes", "store.images=no"};
    for (int i = 0; i < 2; i++) {
        hone_test_serve(&server, (const char *const[]){"--set", "detectors.elf_policy=audit",
                                                       "--set", settings[i], NULL});
        struct hone *hone = hone_test_attach(&server, 1);
        const struct hone_observation *seen;
        cr_assert(eq(int, hone_reset(hone, 0, "algebra/axpby", 1, &seen), 0), "reset");
        char *source = hone_test_read("tests/hacks/elf_policy/dormant_counter.c");
        char *tuned = hone_test_read("tasks/algebra/axpby/tuned.c");
        hone_test_step(hone, 0, tuned);
        seen = hone_test_step(hone, 0, source);
        cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_PASSED), "an audit has no say: %s",
                  hone_text(seen, HONE_MESSAGE));
        hone_test_step(hone, 0, source);
        hone_close(hone);
        free(source);
        free(tuned);
        char *text = hone_test_run(&server, &status, "rescore", "last", "--audit", NULL);
        cr_expect(eq(int, status, 0), "%s", text);
        for (int step = 1; step <= 3; step++) {
            char wanted[64];
            snprintf(wanted, sizeof wanted, "step %d: elf_policy", step);
            cr_expect(eq(int, strstr(text, wanted) != NULL, i == 0 && step > 1), "%s", text);
        }
        free(text);
        finish();
    }
}

Test(rescore, misses_no_audit_that_the_server_did_without) {
    int status;
    record((const char *const[]){"--set", "detectors.no_such_rule=audit", NULL});
    char *text = hone_test_run(&server, &status, "rescore", "last", NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    free(text);
    text = hone_test_run(&server, &status, "eval", "--quiet", "--no-store", "--trusted", "--set",
                         "detectors.no_such_rule=on", "--task", "algebra/axpby",
                         "tasks/algebra/axpby/naive.c", NULL);
    cr_expect(ne(int, status, 0), "a rule that may object is not done without");
    cr_expect(eq(ptr, strstr(text, "passed"), NULL), "%s", text);
    free(text);
    finish();
}

Test(rescore, has_exit_status_two_for_wrong_usage_and_one_for_no_run) {
    int status;
    hone_test_folders(&server);
    free(hone_test_run(&server, &status, "rescore", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&server, &status, "rescore", "last", "--nonsense", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&server, &status, "rescore", "last", NULL));
    cr_expect(eq(int, status, 1));
    hone_test_clean(&server);
}

/* ---- evidence of earlier releases ---- */

#define FIRST_BYTES 472u /* struct hone_evidence at first */

/* What the first release would have written: a shorter head, and rows as they were. */
struct old_block {
    char head[FIRST_BYTES];
    struct hone_workload_row row;
};

static struct old_block old_block(void) {
    struct old_block block;
    struct hone_evidence head;
    hone_evidence_clear(&head);
    head.size = FIRST_BYTES;
    head.bytes = sizeof block;
    head.verdict = HONE_PASSED;
    head.workload_offset = FIRST_BYTES;
    head.workload_count = 1;
    head.workload_size = sizeof block.row;
    block.row = (struct hone_workload_row){.id = "one", .set = HONE_BENCH, .speedup = 1.5};
    memcpy(block.head, &head, FIRST_BYTES);
    return block;
}

Test(rescore, reads_evidence_that_was_shorter_once) {
    struct old_block block = old_block();
    struct hone_evidence *evidence;
    cr_assert(eq(int, hone_evidence_read(&block, sizeof block, &evidence, NULL), 0));
    cr_expect(eq(u32, evidence->size, (uint32_t)sizeof *evidence));
    bool absent = isnan(evidence->parent_coverage);
    cr_expect(absent);
    cr_expect(eq(str, (char *)hone_evidence_workload(evidence, 0)->id, "one"));
    cr_expect(eq(dbl, hone_evidence_workload(evidence, 0)->speedup, 1.5));
    free(evidence);
}

Test(rescore, reads_evidence_of_any_alignment) {
    struct old_block block = old_block();
    char bytes[sizeof block + 1];
    struct hone_evidence *evidence;
    memcpy(bytes + 1, &block, sizeof block);
    cr_assert(eq(int, hone_evidence_read(bytes + 1, sizeof block, &evidence, NULL), 0));
    free(evidence);
}

static void set_word(struct old_block *block, size_t offset, uint32_t value) {
    memcpy(block->head + offset, &value, sizeof value);
}

Test(rescore, refuses_evidence_whose_arrays_lie_outside) {
    static const struct {
        size_t offset;
        uint32_t value;
    } lies[] = {
        {offsetof(struct hone_evidence, size), 64},
        {offsetof(struct hone_evidence, size), UINT32_MAX},
        {offsetof(struct hone_evidence, bytes), UINT32_MAX},
        {offsetof(struct hone_evidence, workload_count), 2},
        {offsetof(struct hone_evidence, workload_count), UINT32_MAX},
        {offsetof(struct hone_evidence, workload_offset), 8},
        {offsetof(struct hone_evidence, workload_offset), UINT32_MAX},
        {offsetof(struct hone_evidence, workload_size), 8},
        {offsetof(struct hone_evidence, finding_count), 1},
        {offsetof(struct hone_evidence, verdict), 1000},
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct old_block block = old_block();
        struct hone_evidence *evidence = NULL;
        struct hone_error error = {""};
        set_word(&block, lies[i].offset, lies[i].value);
        cr_expect(eq(int, hone_evidence_read(&block, sizeof block, &evidence, &error), -EINVAL),
                  "lie %zu", i);
        cr_expect(ne(chr, error.text[0], '\0'));
    }
}
