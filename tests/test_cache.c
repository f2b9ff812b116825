#include "core/cache.h"
#include "core/evidence.h"
#include "core/step.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

static const struct hone_task task = {.id = "test/task", .hash = "0"};
static const struct hone_device device = {.size = sizeof device, .id = "cpu"};

static struct hone_step *measured(const char *source, uint32_t verdict) {
    struct hone_step *step = hone_step_create(&task, "c", source, strlen(source));
    step->verdict = verdict;
    step->id = 5;
    snprintf(step->message, sizeof step->message, "about %s", source);
    hone_evidence_build(step, &device);
    return step;
}

static int is_known(struct hone_cache *cache, const char *context, struct hone_step *step) {
    int known = hone_cache_get(cache, context, step);
    hone_step_destroy(step);
    return known;
}

static struct hone_step *ask(const char *source) {
    return hone_step_create(&task, "c", source, strlen(source));
}

Test(cache, answers_the_same_source_with_the_first_evidence) {
    struct hone_cache *cache = hone_cache_create(10, 1 << 20);
    struct hone_step *first = measured("a", HONE_PASSED);
    hone_cache_put(cache, "here", first);
    struct hone_step *again = ask("a");
    again->turn = 9;
    cr_assert(eq(int, hone_cache_get(cache, "here", again), 1));
    cr_assert(eq(u32, again->verdict, HONE_PASSED));
    cr_assert(eq(u64, again->repeats, 5));
    cr_assert(eq(u32, again->evidence->turn, 9));
    cr_assert(eq(str, again->message, "about a"));
    hone_step_destroy(first);
    hone_step_destroy(again);
    hone_cache_destroy(cache);
}

Test(cache, misses_when_anything_a_result_depends_on_differs) {
    struct hone_cache *cache = hone_cache_create(10, 1 << 20);
    struct hone_step *first = measured("a", HONE_PASSED);
    hone_cache_put(cache, "here", first);
    hone_step_destroy(first);
    cr_expect(eq(int, is_known(cache, "here", ask("b")), 0));
    cr_expect(eq(int, is_known(cache, "there", ask("a")), 0));
    struct hone_step *other = ask("a");
    strcpy(other->options, "O2");
    cr_expect(eq(int, is_known(cache, "here", other), 0));
    other = ask("a");
    other->stages = 7;
    cr_expect(eq(int, is_known(cache, "here", other), 0));
    static const uint32_t flags[] = {HONE_STEP_PROFILE, HONE_STEP_CONFIRM};
    for (size_t i = 0; i < 2; i++) {
        other = ask("a");
        other->flags = flags[i];
        cr_expect(eq(int, is_known(cache, "here", other), 0));
    }
    cr_expect(eq(int, is_known(cache, "here", hone_step_create(&task, "cuda", "a", 1)), 0));
    static const struct hone_task changed = {.id = "test/task", .hash = "1"};
    cr_expect(eq(int, is_known(cache, "here", hone_step_create(&changed, "c", "a", 1)), 0));
    other = ask("a");
    other->flags = HONE_STEP_FORCE; /* asks for the same, again */
    cr_expect(eq(int, is_known(cache, "here", other), 1));
    hone_cache_destroy(cache);
}

/* Many more than there are chains of entries, so that some share one. */
Test(cache, takes_no_source_for_another) {
    struct hone_cache *cache = hone_cache_create(10, 1 << 20);
    struct hone_step *first = measured("a", HONE_PASSED);
    uint32_t known = 0;
    hone_cache_put(cache, "here", first);
    hone_step_destroy(first);
    for (int i = 0; i < 30000; i++) {
        char source[16];
        snprintf(source, sizeof source, "%d", i);
        known += (uint32_t)is_known(cache, "here", ask(source));
    }
    cr_expect(eq(u32, known, 0));
    hone_cache_destroy(cache);
}

Test(cache, keeps_nothing_that_might_come_out_otherwise) {
    struct hone_cache *cache = hone_cache_create(10, 1 << 20);
    const uint32_t verdicts[] = {HONE_INFRA_FAILED, HONE_PARTIAL, HONE_TIMED_OUT};
    for (size_t i = 0; i < 3; i++) {
        struct hone_step *step = measured("a", verdicts[i]);
        hone_cache_put(cache, "here", step);
        hone_step_destroy(step);
        cr_expect(eq(int, is_known(cache, "here", ask("a")), 0));
    }
    const uint32_t reasons[] = {HONE_REASON_LIMIT, HONE_REASON_QUARANTINED,
                                HONE_REASON_WORKER_LOST};
    for (size_t i = 0; i < 3; i++) {
        struct hone_step *limited = measured("a", HONE_CRASHED);
        limited->reason = reasons[i];
        hone_cache_put(cache, "here", limited);
        cr_expect(eq(int, is_known(cache, "here", ask("a")), 0));
        hone_step_destroy(limited);
    }
    struct hone_step *incomplete = measured("a", HONE_PASSED);
    incomplete->incomplete = true;
    hone_cache_put(cache, "here", incomplete);
    cr_expect(eq(int, is_known(cache, "here", ask("a")), 0));
    hone_step_destroy(incomplete);
    struct hone_step *cached = measured("a", HONE_PASSED);
    cached->cached = true; /* no sample of its own */
    hone_cache_put(cache, "here", cached);
    cr_expect(eq(int, is_known(cache, "here", ask("a")), 0));
    hone_step_destroy(cached);
    struct hone_step *noisy = measured("a", HONE_PASSED);
    noisy->evidence->flags |= HONE_NOISY;
    hone_cache_put(cache, "here", noisy);
    cr_expect(eq(int, is_known(cache, "here", ask("a")), 0));
    hone_step_destroy(noisy);
    hone_cache_destroy(cache);
}

Test(cache, drops_the_least_recently_used_when_full) {
    struct hone_cache *cache = hone_cache_create(2, 1 << 20);
    const char *sources[] = {"a", "b"};
    for (int i = 0; i < 2; i++) {
        struct hone_step *step = measured(sources[i], HONE_PASSED);
        hone_cache_put(cache, "here", step);
        hone_step_destroy(step);
    }
    cr_assert(eq(int, is_known(cache, "here", ask("a")), 1));
    struct hone_step *third = measured("c", HONE_PASSED);
    hone_cache_put(cache, "here", third);
    hone_step_destroy(third);
    cr_expect(eq(int, is_known(cache, "here", ask("a")), 1));
    cr_expect(eq(int, is_known(cache, "here", ask("b")), 0));
    cr_expect(eq(int, is_known(cache, "here", ask("c")), 1));
    hone_cache_destroy(cache);
}

static void put(struct hone_cache *cache, const char *source, uint32_t verdict) {
    struct hone_step *step = measured(source, verdict);
    hone_cache_put(cache, "here", step);
    hone_step_destroy(step);
}

Test(cache, holds_what_is_measured_again_once) {
    struct hone_cache *cache = hone_cache_create(2, 1 << 20);
    put(cache, "b", HONE_PASSED);
    put(cache, "a", HONE_PASSED);
    put(cache, "a", HONE_WRONG);
    struct hone_step *again = ask("a");
    cr_assert(hone_cache_get(cache, "here", again));
    cr_expect(eq(u32, again->verdict, HONE_WRONG), "the newest stands");
    cr_expect(eq(int, is_known(cache, "here", ask("b")), 1));
    hone_step_destroy(again);
    hone_cache_destroy(cache);
}

Test(cache, is_bounded_in_bytes_too) {
    static char large[3][1 << 20];
    struct hone_cache *cache = hone_cache_create(10, 5 << 19);
    for (int i = 0; i < 3; i++)
        memset(large[i], 'a' + i, sizeof large[i] - 1);
    put(cache, large[0], HONE_PASSED);
    put(cache, large[1], HONE_PASSED);
    struct hone_step *third = measured(large[2], HONE_PASSED);
    cr_expect(not(hone_cache_fill(cache, "here", third, true)), "it is full");
    cr_expect(eq(int, is_known(cache, "here", ask(large[0])), 1));
    hone_cache_put(cache, "here", third);
    cr_expect(eq(int, is_known(cache, "here", ask(large[0])), 1), "the later used stays");
    cr_expect(eq(int, is_known(cache, "here", ask(large[1])), 0));
    cr_expect(eq(int, is_known(cache, "here", ask(large[2])), 1));
    hone_step_destroy(third);
    hone_cache_destroy(cache);
}

/* It is filled from the newest down. */
Test(cache, drops_what_earlier_runs_recorded_oldest_first) {
    struct hone_cache *cache = hone_cache_create(2, 1 << 20);
    struct hone_step *newer = measured("a", HONE_PASSED), *older = measured("b", HONE_PASSED);
    cr_assert(hone_cache_fill(cache, "here", newer, false));
    cr_assert(hone_cache_fill(cache, "here", older, false));
    put(cache, "c", HONE_PASSED);
    cr_expect(eq(int, is_known(cache, "here", ask("a")), 1));
    cr_expect(eq(int, is_known(cache, "here", ask("b")), 0));
    hone_step_destroy(newer);
    hone_step_destroy(older);
    hone_cache_destroy(cache);
}

Test(cache, is_filled_with_what_earlier_runs_recorded_but_only_while_there_is_room) {
    struct hone_cache *cache = hone_cache_create(2, 1 << 20);
    struct hone_step *newest = measured("a", HONE_PASSED), *older = measured("a", HONE_WRONG),
                     *other = measured("b", HONE_WRONG), *last = measured("c", HONE_WRONG),
                     *noisy = measured("d", HONE_PASSED);
    noisy->evidence->flags |= HONE_NOISY;
    cr_expect(hone_cache_fill(cache, "here", newest, false));
    cr_expect(hone_cache_fill(cache, "here", older, false), "the newer one of a key stands");
    cr_expect(hone_cache_fill(cache, "here", noisy, false), "not kept, and no room taken");
    cr_expect(hone_cache_fill(cache, "here", other, true));
    cr_expect(not(hone_cache_fill(cache, "here", last, true)));
    struct hone_step *again = ask("a");
    cr_assert(hone_cache_get(cache, "here", again));
    cr_expect(eq(u32, again->verdict, HONE_PASSED));
    cr_expect(eq(u64, again->repeats, 0), "none of this run");
    again->id = 77;
    hone_cache_own(cache, "here", again);
    struct hone_step *third = ask("a");
    cr_assert(hone_cache_get(cache, "here", third));
    cr_expect(eq(u64, third->repeats, 77));
    struct hone_step *ours = ask("b");
    cr_assert(hone_cache_get(cache, "here", ours));
    cr_expect(eq(u64, ours->repeats, 5));
    cr_expect(eq(int, is_known(cache, "here", ask("c")), 0));
    cr_expect(eq(int, is_known(cache, "here", ask("d")), 0));
    hone_cache_put(cache, "here", last); /* what is new has a place: the least used goes */
    cr_expect(eq(int, is_known(cache, "here", ask("c")), 1));
    struct hone_step *all[] = {newest, older, other, last, noisy, again, third, ours};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        hone_step_destroy(all[i]);
    hone_cache_destroy(cache);
}
