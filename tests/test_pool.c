#include "core/pool.h"

#include "core/error.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct hone_workload workloads[3] = {{.id = "one", .set = HONE_BENCH, .axes = {1000}},
                                            {.id = "two", .set = HONE_VERIFY, .axes = {1000}},
                                            {.id = "debug", .set = HONE_DEBUG, .axes = {10}}};
static struct hone_task task = {
    .id = "test/pool",
    .hash64 = 5,
    .axis_count = 1,
    .axes = {{.name = "n", .low = 1, .high = 1000}},
    .arg_count = 2,
    .args = {{.name = "x", .role = HONE_IN, .dtype = HONE_F32, .ndim = 1, .shape = {"n"}},
             {.name = "y", .role = HONE_OUT, .dtype = HONE_F32, .ndim = 1, .shape = {"n"}}},
    .workload_count = 3,
    .workloads = workloads,
    .tolerance = {[HONE_F32] = {"1e-5 * scale", "1e-5", "1e-5"}},
    .reduction = "1",
};

/* Fills every byte of the inputs with the low byte of the seed, and the truth with 3, or with less
 * each time. */
static struct {
    uint32_t fills, begun, ended;
    int fails_with;
    uint64_t seeds[256];
    bool ready, shrinks;
} source;

static int fill(void *context, const struct hone_task *of, const struct hone_workload *workload,
                uint64_t seed, int memory, struct hone_error *error) {
    (void)context;
    if (source.fails_with)
        return hone_fail(error, source.fails_with, "no set today");
    struct hone_set_layout layout;
    hone_set_layout(of, workload, &layout);
    uint8_t *base = mmap(NULL, layout.total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (base == MAP_FAILED)
        return -errno;
    memset(base + layout.input_offset[0], (int)(seed & 0xff), (size_t)layout.count[0] * 4);
    double *wanted = (double *)(base + layout.oracle_offset[1]);
    for (int64_t i = 0; i < layout.count[1]; i++)
        wanted[i] = workload->nudged ? 4 : source.shrinks ? 3.0 / (1 + source.fills) : 3;
    munmap(base, layout.total_bytes);
    source.seeds[source.fills++ % 256] = seed;
    return 0;
}

static int begin(void *context, const struct hone_task *of, const struct hone_workload *workload,
                 uint64_t seed, int memory, struct hone_error *error) {
    source.begun++;
    return fill(context, of, workload, seed, memory, error);
}

static bool ready(const void *context) {
    (void)context;
    return source.ready;
}

static int end(void *context, struct hone_error *error) {
    (void)context;
    (void)error;
    source.ended++;
    return 0;
}

static struct hone_pool *pool;
static struct hone_error error;
static uint64_t set_bytes;

static void open_pool(uint64_t bytes_max) {
    const struct hone_pool_source from = {NULL, fill, begin, ready, end};
    const uint8_t secret[32] = {9};
    hone_pool_destroy(pool);
    cr_assert(eq(int, hone_pool_create(&from, secret, bytes_max, &pool), 0));
}

static void set_up(void) {
    struct hone_set_layout layout;
    hone_set_layout(&task, &workloads[0], &layout);
    set_bytes = layout.total_bytes;
    open_pool(64 << 20);
}

static void tear_down(void) {
    hone_pool_destroy(pool);
    pool = NULL;
    cr_expect(eq(u32, source.begun, source.ended));
}

static struct hone_shelf *hold(int workload, uint32_t count) {
    const struct hone_shelf_key key = {
        .task = &task, .workload = &workloads[workload], .stream = workloads[workload].id};
    struct hone_shelf *shelf = NULL;
    int status = hone_pool_hold(pool, &key, count, false, &shelf, &error);
    cr_assert(eq(int, status, 0), "%s", error.text);
    return shelf;
}

static void workloads_draw(enum hone_generator kind, struct hone_shelf *shelf) {
    shelf->workload.generate[0].kind = kind;
}

TestSuite(pool, .init = set_up, .fini = tear_down);

Test(pool, judges_a_small_output_by_the_largest_of_several_sets) {
    source.shrinks = true;
    struct hone_shelf *shelf = hold(2, 1);
    cr_assert(ge(u32, shelf->count, HONE_SMALL_OUTPUT_SETS));
    for (uint32_t i = 0; i < shelf->count; i++)
        cr_expect(epsilon_eq(dbl, shelf->sets[i].limits[1].atol, 3e-5, 1e-12), "set %u", i);
    hone_pool_release(pool, shelf);
    struct hone_shelf *large = hold(0, 2);
    cr_expect(lt(dbl, large->sets[1].limits[1].atol, large->sets[0].limits[1].atol));
    hone_pool_release(pool, large);
}

Test(pool, builds_the_sets_that_are_missing) {
    struct hone_shelf *shelf = hold(0, 3);
    cr_expect(eq(u32, shelf->count, 3));
    hone_pool_release(pool, shelf);
    shelf = hold(0, 5);
    cr_expect(eq(u32, source.fills, 5));
    hone_pool_release(pool, shelf);
}

Test(pool, draws_every_set_from_another_seed) {
    hone_pool_release(pool, hold(0, 16));
    hone_pool_release(pool, hold(1, 16));
    for (uint32_t i = 0; i < source.fills; i++)
        for (uint32_t k = 0; k < i; k++)
            cr_assert(ne(u64, source.seeds[i], source.seeds[k]));
}

Test(pool, knows_the_moments_and_tolerances_of_outputs) {
    struct hone_shelf *shelf = hold(0, 1);
    cr_expect(eq(dbl, shelf->sets[0].mean[1], 3));
    cr_expect(ieee_ulp_eq(dbl, shelf->sets[0].rms[1], 3, 4));
    cr_expect(lt(dbl, 0, shelf->sets[0].limits[1].atol));
    hone_pool_release(pool, shelf);
}

Test(pool, shows_each_set_once_and_in_random_order) {
    struct hone_shelf *shelf = hold(0, 16);
    uint32_t shown = 0, in_order = 0;
    for (uint32_t i = 0; i < 16; i++) {
        const struct hone_set *set = hone_shelf_take(shelf, &shown, (i + 3) * 2654435761u);
        cr_assert(ne(ptr, (void *)(uintptr_t)set, NULL));
        in_order += set == &shelf->sets[i];
    }
    cr_expect(eq(u32, shown, 0xffff));
    cr_expect(lt(u32, in_order, 8));
    cr_expect(eq(u32, hone_shelf_unshown(shelf, shown), 0));
    cr_expect(eq(ptr, (void *)(uintptr_t)hone_shelf_take(shelf, &shown, 1), NULL));
    hone_pool_release(pool, shelf);
}

Test(pool, drops_what_was_used_longest_ago_when_it_is_full) {
    open_pool(8 * set_bytes);
    hone_pool_release(pool, hold(0, 4));
    hone_pool_release(pool, hold(1, 4));
    hone_pool_release(pool, hold(0, 4));
    hone_pool_release(pool, hold(2, 32));
    cr_expect(le(u64, hone_pool_bytes(pool), 8 * set_bytes));
    uint32_t before = source.fills;
    hone_pool_release(pool, hold(0, 4));
    cr_expect(eq(u32, source.fills, before));
    hone_pool_release(pool, hold(1, 4));
    cr_expect(eq(u32, source.fills, before + 4));
}

Test(pool, exceeds_its_limit_only_for_what_is_held) {
    open_pool(2 * set_bytes);
    struct hone_shelf *shelf = hold(0, 4);
    cr_expect(eq(u32, shelf->count, 4));
    cr_expect(lt(u64, 2 * set_bytes, hone_pool_bytes(pool)));
    hone_pool_release(pool, shelf);
    cr_expect(eq(u64, hone_pool_bytes(pool), 0));
}

Test(pool, forgets_passing_sets_when_they_are_released) {
    const struct hone_shelf_key key = {.task = &task, .workload = &workloads[0], .stream = "once"};
    struct hone_shelf *shelf = NULL;
    cr_assert(eq(int, hone_pool_hold(pool, &key, 2, true, &shelf, &error), 0));
    cr_expect(eq(u64, hone_pool_bytes(pool), 2 * set_bytes));
    hone_pool_release(pool, shelf);
    cr_expect(eq(u64, hone_pool_bytes(pool), 0));
}

Test(pool, keeps_shelves_of_different_episodes_apart) {
    struct hone_shelf_key key = {
        .task = &task, .workload = &workloads[2], .stream = "debug", .episode = 1};
    struct hone_shelf *first = NULL, *second = NULL;
    cr_assert(eq(int, hone_pool_hold(pool, &key, 1, false, &first, &error), 0));
    key.episode = 2;
    cr_assert(eq(int, hone_pool_hold(pool, &key, 1, false, &second, &error), 0));
    cr_expect(ne(ptr, first, second));
    cr_expect(ne(u64, source.seeds[0], source.seeds[1]));
    hone_pool_release(pool, first);
    hone_pool_release(pool, second);
}

Test(pool, grows_one_set_at_a_time_in_idle_time) {
    hone_pool_release(pool, hold(0, 4));
    bool waiting;
    cr_expect(hone_pool_grow(pool, &waiting));
    cr_expect(not(waiting));
    cr_expect(hone_pool_grow(pool, &waiting));
    cr_expect(waiting);
    source.ready = true;
    cr_expect(hone_pool_grow(pool, &waiting));
    cr_expect(not(waiting));
    cr_expect(eq(u64, hone_pool_bytes(pool), 5 * set_bytes));
    uint32_t steps = 0;
    while (hone_pool_grow(pool, &waiting) && steps < 1000)
        steps++;
    cr_expect(eq(u64, hone_pool_bytes(pool), HONE_SETS_MAX * set_bytes));
}

Test(pool, finishes_what_idle_time_began_before_it_fills_more) {
    hone_pool_release(pool, hold(0, 4));
    bool waiting;
    cr_expect(hone_pool_grow(pool, &waiting));
    struct hone_shelf *shelf = hold(0, 6);
    cr_expect(eq(u32, source.ended, 1));
    cr_expect(eq(u32, shelf->count, 6));
    cr_expect(eq(u32, source.fills, 6));
    hone_pool_release(pool, shelf);
}

Test(pool, lets_a_set_grow_beside_a_measurement_that_needs_none) {
    hone_pool_release(pool, hold(0, 4));
    bool waiting;
    cr_expect(hone_pool_grow(pool, &waiting));
    struct hone_shelf *shelf = hold(0, 4);
    cr_expect(eq(u32, source.ended, 0));
    cr_expect(eq(u32, shelf->count, 4));
    hone_pool_release(pool, shelf);
}

Test(pool, grows_no_debug_sets_and_not_beyond_its_limit) {
    bool waiting;
    hone_pool_release(pool, hold(2, 1));
    cr_expect(not(hone_pool_grow(pool, &waiting)));
    open_pool(4 * set_bytes);
    hone_pool_release(pool, hold(0, 4));
    cr_expect(not(hone_pool_grow(pool, &waiting)));
}

Test(pool, draws_a_worn_set_again) {
    struct hone_shelf *shelf = hold(0, 1);
    for (uint32_t i = 0; i < HONE_SET_USES; i++) {
        uint32_t shown = 0;
        hone_shelf_take(shelf, &shown, 0);
    }
    hone_pool_release(pool, shelf);
    shelf = hold(0, 1);
    cr_expect(eq(u32, source.fills, 2));
    cr_expect(eq(u32, shelf->count, 1));
    cr_expect(eq(u32, shelf->sets[0].uses, 0));
    hone_pool_release(pool, shelf);
}

Test(pool, hands_on_why_a_set_cannot_be_filled) {
    const struct hone_shelf_key key = {.task = &task, .workload = &workloads[0], .stream = "one"};
    struct hone_shelf *shelf = NULL;
    source.fails_with = -ETIMEDOUT;
    cr_expect(eq(int, hone_pool_hold(pool, &key, 2, false, &shelf, &error), -ETIMEDOUT));
    cr_expect(eq(str, error.text, "no set today"));
    source.fails_with = 0;
    hone_pool_release(pool, hold(0, 2));
}

Test(pool, draws_one_worn_set_again_for_each_measurement) {
    struct hone_shelf *shelf = hold(0, HONE_SETS_MAX);
    for (uint32_t i = 0; i < HONE_SET_USES; i++) {
        uint32_t shown = 0;
        while (hone_shelf_take(shelf, &shown, 0))
            ;
    }
    hone_pool_release(pool, shelf);
    uint32_t before = source.fills;
    hone_pool_release(pool, hold(0, 4));
    cr_expect(eq(u32, source.fills, before + 1));
    bool waiting;
    cr_expect(hone_pool_grow(pool, &waiting));
    shelf = hold(0, HONE_SETS_MAX);
    cr_expect(eq(u32, source.fills, before + 3));
    cr_expect(eq(u32, shelf->count, HONE_SETS_MAX));
    hone_pool_release(pool, shelf);
}

/* A sampled workload, whose inputs a device may draw, and what a scorer says of it. */
static struct hone_workload sampled = {
    .id = "sampled",
    .set = HONE_BENCH,
    .sampled = true,
    .axes = {1000},
    .generate = {{.kind = HONE_GEN_NORMAL, .deviation = 1, .other = HONE_NO_ARG}},
};
static uint64_t says_drawn;

static int fill_sampled(void *context, const struct hone_task *of,
                        const struct hone_workload *workload, uint64_t seed, int memory,
                        struct hone_error *why) {
    struct hone_set_layout layout;
    (void)context, (void)why;
    hone_set_layout(of, workload, &layout);
    uint8_t *base = mmap(NULL, layout.total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    memset(base + layout.input_offset[0], 7, (size_t)layout.count[0] * 4);
    memcpy(base + layout.drawn_offset, &says_drawn, sizeof says_drawn);
    for (int64_t i = 0; i < layout.sample_count[1]; i++) {
        ((double *)(void *)(base + layout.oracle_offset[1]))[i] = (double)i;
        ((int64_t *)(void *)(base + layout.position_offset[1]))[i] = i < 4 ? i : 2 * i;
    }
    munmap(base, layout.total_bytes);
    source.seeds[0] = seed;
    return 0;
}

static struct hone_shelf *hold_sampled(struct hone_task *of, uint64_t drawn) {
    const struct hone_pool_source from = {NULL, fill_sampled, NULL, NULL, NULL};
    const struct hone_shelf_key key = {.task = of, .workload = &sampled, .stream = "sampled"};
    const uint8_t secret[32] = {9};
    struct hone_shelf *shelf = NULL;
    hone_pool_destroy(pool);
    cr_assert(eq(int, hone_pool_create(&from, secret, 64 << 20, &pool), 0));
    hone_pool_serve_remote(pool);
    says_drawn = drawn;
    *of = task;
    of->sample = (struct hone_task_sample){.axis_count = 1, .counts = {16}, .linear = HONE_NO_AXIS};
    cr_assert(eq(int, hone_pool_hold(pool, &key, 1, false, &shelf, &error), 0), "%s", error.text);
    return shelf;
}

Test(pool, keeps_nothing_of_inputs_that_a_device_draws_from_the_seed) {
    static struct hone_task of;
    struct hone_shelf *shelf = hold_sampled(&of, 1);
    const struct hone_set *set = &shelf->sets[0];
    cr_expect(set->remote);
    cr_expect(eq(u64, set->seed, source.seeds[0]));
    cr_expect(eq(u64, set->kept, set->bytes - 4000));
    cr_expect(eq(u64, hone_pool_bytes(pool), set->kept));
    cr_expect(eq(u64, hone_pool_set_bytes(pool, &of, &sampled), set->kept));
    for (int i = 0; i < 4000; i++)
        cr_assert(eq(u8, set->base[shelf->layout.input_offset[0] + (uint64_t)i], 0));
    cr_expect(eq(u32, set->run_count[1], 13));
    cr_expect(eq(u64, set->runs[1][0].first, 0));
    cr_expect(eq(u64, set->runs[1][1].first, 8));
    cr_expect(eq(u64, set->runs[1][1].before, 4));
    hone_pool_release(pool, shelf);
}

Test(pool, keeps_inputs_that_a_task_has_drawn_by_rules_of_its_own) {
    static struct hone_task of;
    struct hone_shelf *shelf = hold_sampled(&of, 0);
    const struct hone_set *set = &shelf->sets[0];
    cr_expect(not(set->remote));
    cr_expect(eq(u64, set->kept, set->bytes));
    cr_expect(eq(u8, set->base[shelf->layout.input_offset[0] + 3999], 7));
    hone_pool_release(pool, shelf);
}

Test(pool, keeps_the_truth_for_moved_inputs_of_one_set) {
    struct hone_shelf *shelf = hold(0, 3);
    const uint64_t bytes = hone_pool_bytes(pool);
    uint32_t index, again, shown = 1;
    workloads_draw(HONE_GEN_NORMAL, shelf);
    cr_assert(eq(int, hone_pool_nudge(pool, shelf, shown, &index, &error), 0));
    const struct hone_set *set = &shelf->sets[index];
    cr_expect(eq(u32, shown & 1u << index, 0));
    cr_assert(ne(ptr, set->nudged, NULL));
    cr_expect(eq(dbl, set->nudged->wanted[0][1][999], 4));
    cr_expect(eq(ptr, set->nudged->wanted[1][1], NULL));
    cr_expect(eq(u64, source.seeds[3], set->seed)); /* the same inputs, but for that */
    cr_expect(eq(u64, hone_pool_bytes(pool), bytes + 8000));
    for (int i = 0; i < 2; i++) /* others go first */
        cr_expect(ne(ptr,
                     (void *)(uintptr_t)hone_shelf_take(shelf, &(uint32_t){1u << 31}, (uint64_t)i),
                     (void *)(uintptr_t)set));
    cr_assert(eq(int, hone_pool_nudge(pool, shelf, 0, &again, &error), 0));
    cr_expect(eq(u32, again, index));
    cr_expect(eq(u32, source.fills, 4));
    hone_pool_release(pool, shelf);
}

Test(pool, asks_for_no_truth_of_moved_inputs_where_none_can_be_moved) {
    struct hone_shelf *shelf = hold(0, 2);
    uint32_t index;
    workloads_draw(HONE_GEN_INTS, shelf);
    cr_assert(eq(int, hone_pool_nudge(pool, shelf, 0, &index, &error), 0));
    cr_expect(eq(u32, source.fills, 2));
    hone_pool_release(pool, shelf);
}
