#include "core/pool_private.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/inputs.h"
#include "core/remote.h"
#include "core/sample.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void drop_set(struct hone_pool *pool, struct hone_shelf *shelf, uint32_t index) {
    struct hone_set *set = &shelf->sets[index];
    munmap((void *)(uintptr_t)set->base, set->bytes);
    hone_pool_unnudge(pool, set);
    pool->bytes -= set->kept;
    for (uint32_t i = 0; i < HONE_ARGS_MAX; i++)
        free(set->runs[i]);
    *set = (struct hone_set){0};
}

static void drop_shelf(struct hone_pool *pool, struct hone_shelf *shelf) {
    struct hone_shelf **link = &pool->shelves;
    while (*link != shelf)
        link = &(*link)->next;
    *link = shelf->next;
    for (uint32_t i = 0; i < shelf->count; i++)
        drop_set(pool, shelf, i);
    free(shelf);
}

/* Until `more` bytes fit, as far as shelves in use allow. */
static void make_room(struct hone_pool *pool, uint64_t more) {
    while (pool->bytes + more > pool->bytes_max) {
        struct hone_shelf *oldest = NULL;
        for (struct hone_shelf *shelf = pool->shelves; shelf; shelf = shelf->next)
            if (shelf->holders == 0 && shelf != pool->growing &&
                (!oldest || shelf->used < oldest->used))
                oldest = shelf;
        if (!oldest)
            return;
        drop_shelf(pool, oldest);
    }
}

int hone_pool_memory(const struct hone_shelf *shelf, struct hone_error *error) {
    int memory = memfd_create("hone-set", MFD_CLOEXEC);
    if (memory >= 0 && ftruncate(memory, (off_t)shelf->layout.total_bytes) == 0)
        return memory;
    int status = -errno;
    if (memory >= 0)
        close(memory);
    return hone_fail(error, status, "cannot make an input set of %llu bytes: %s",
                     (unsigned long long)shelf->layout.total_bytes, strerror(-status));
}

static bool is_small(const struct hone_shelf *shelf, uint32_t arg) {
    return hone_arg_is_output(&shelf->task->args[arg]) && shelf->layout.count[arg] > 0 &&
           shelf->layout.count[arg] < HONE_SMALL_OUTPUT;
}

static bool has_small_output(const struct hone_shelf *shelf) {
    for (uint32_t i = 0; i < shelf->task->arg_count; i++)
        if (is_small(shelf, i))
            return true;
    return false;
}

/* A new set may be the largest of its shelf, which the tolerances of the others then go by. */
static void rescale(struct hone_shelf *shelf, const struct hone_set *set) {
    for (uint32_t i = 0; i < shelf->task->arg_count; i++) {
        if (!is_small(shelf, i) || set->rms[i] <= shelf->scale[i])
            continue;
        shelf->scale[i] = set->rms[i];
        for (uint32_t k = 0; k < shelf->count; k++)
            hone_task_limits(shelf->task, &shelf->workload, i, set->rms[i],
                             &shelf->sets[k].limits[i]);
    }
}

static int describe_outputs(const struct hone_shelf *shelf, struct hone_set *set,
                            struct hone_error *error) {
    for (uint32_t i = 0; i < shelf->task->arg_count; i++) {
        const struct hone_arg *arg = &shelf->task->args[i];
        if (!hone_arg_is_output(arg))
            continue;
        const struct hone_set_layout *layout = &shelf->layout;
        const double *wanted = (const void *)(set->base + layout->oracle_offset[i]);
        int status = layout->sampled ? hone_sample_judged(shelf->task, &shelf->workload, layout,
                                                          set->base, i, &set->sample[i], error)
                                     : 0;
        if (status != 0)
            return status;
        hone_judge_moments(wanted, layout->sampled ? layout->sample_count[i] : layout->count[i],
                           &set->mean[i], &set->rms[i]);
        const double scale = fmax(set->rms[i], is_small(shelf, i) ? shelf->scale[i] : 0);
        status = hone_task_limits(shelf->task, &shelf->workload, i, scale, &set->limits[i]);
        if (status != 0)
            return hone_fail(error, status, "tolerance of %s in task %s cannot be evaluated",
                             arg->name, shelf->task->id);
    }
    return 0;
}

/* The places of a sample as runs. */
static int list_runs(const struct hone_judged_sample *sample, struct hone_run **runs,
                     uint32_t *count) {
    uint32_t found = 0;
    for (int64_t i = 0; i < sample->count; i++)
        found += i == 0 || sample->at[i] != sample->at[i - 1] + 1;
    *runs = malloc(found * sizeof **runs + 1);
    if (!*runs)
        return -ENOMEM;
    *count = 0;
    for (int64_t i = 0; i < sample->count; i++)
        if (i == 0 || sample->at[i] != sample->at[i - 1] + 1)
            (*runs)[(*count)++] = (struct hone_run){(uint64_t)sample->at[i], (uint64_t)i};
    return 0;
}

/* Let go of what a device will draw by itself. */
static int make_remote(const struct hone_shelf *shelf, int memory, struct hone_set *set) {
    const struct hone_task *task = shelf->task;
    int status = 0;
    set->remote = true;
    for (uint32_t i = 0; i < task->arg_count && status == 0; i++) {
        const uint64_t dropped = hone_remote_input_bytes(task, &shelf->workload, i);
        if (dropped && fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                 (off_t)shelf->layout.input_offset[i], (off_t)dropped) == 0)
            set->kept -= dropped;
        if (hone_arg_is_output(&task->args[i]))
            status = list_runs(&set->sample[i], &set->runs[i], &set->run_count[i]);
    }
    return status;
}

static void discard(struct hone_set *set) {
    munmap((void *)(uintptr_t)set->base, set->bytes);
    for (uint32_t i = 0; i < HONE_ARGS_MAX; i++)
        free(set->runs[i]);
}

static bool is_drawn(const struct hone_shelf *shelf, const uint8_t *base) {
    uint64_t drawn = 0;
    if (hone_remote_workload(shelf->task, &shelf->workload))
        memcpy(&drawn, base + shelf->layout.drawn_offset, sizeof drawn);
    return drawn == 1;
}

/* Takes a filled memory over and makes it set `index`, in place of the one there. */
static int install(struct hone_pool *pool, struct hone_shelf *shelf, uint32_t index, int memory,
                   uint64_t seed, struct hone_error *error) {
    const uint64_t bytes = shelf->layout.total_bytes;
    const int populate = pool->serves_remote ? 0 : MAP_POPULATE;
    void *base = mmap(NULL, bytes, PROT_READ, MAP_SHARED | populate, memory, 0);
    int status = base == MAP_FAILED ? -errno : 0;
    if (status != 0) {
        close(memory);
        return hone_fail(error, status, "cannot map an input set of %llu bytes: %s",
                         (unsigned long long)bytes, strerror(-status));
    }
    madvise(base, bytes, MADV_DONTFORK);
    struct hone_set set = {.base = base, .bytes = bytes, .kept = bytes, .seed = seed};
    status = describe_outputs(shelf, &set, error);
    if (status == 0 && pool->serves_remote && is_drawn(shelf, base)) {
        status = make_remote(shelf, memory, &set);
        if (status != 0)
            hone_fail(error, status, "out of memory for the places of a sample");
    }
    close(memory);
    if (status != 0) {
        discard(&set);
        return status;
    }
    if (index < shelf->count)
        drop_set(pool, shelf, index);
    else
        shelf->count++;
    shelf->sets[index] = set;
    pool->bytes += set.kept;
    rescale(shelf, &set);
    return 0;
}

static uint64_t next_seed(struct hone_pool *pool, struct hone_shelf *shelf) {
    return hone_seed(pool->secret, shelf->task_hash, shelf->stream, shelf->episode,
                     shelf->next_draw++);
}

/* The set to draw again, else the place behind the last. */
static uint32_t next_index(const struct hone_shelf *shelf) {
    uint32_t worn = shelf->count;
    for (uint32_t i = 0; i < shelf->count; i++)
        if (shelf->sets[i].uses >= HONE_SET_USES &&
            (worn == shelf->count || shelf->sets[i].uses > shelf->sets[worn].uses))
            worn = i;
    return worn;
}

int hone_pool_settle(struct hone_pool *pool, struct hone_error *error) {
    struct hone_shelf *shelf = pool->growing;
    if (!shelf)
        return 0;
    uint64_t begun = hone_now_ns();
    pool->growing = NULL;
    int status = pool->source.end(pool->source.context, error);
    uint32_t index = next_index(shelf);
    if (status != 0 || index >= HONE_SETS_MAX)
        close(pool->growing_memory);
    else
        status = install(pool, shelf, index, pool->growing_memory, pool->growing_seed, error);
    pool->filling_ns += hone_now_ns() - begun;
    return status;
}

static int fill_one(struct hone_pool *pool, struct hone_shelf *shelf, uint32_t index,
                    struct hone_error *error) {
    uint64_t begun = hone_now_ns();
    make_room(pool, shelf->set_bytes);
    int memory = hone_pool_memory(shelf, error);
    int status = memory < 0 ? memory : 0;
    const uint64_t seed = next_seed(pool, shelf);
    if (status == 0)
        status = pool->source.fill(pool->source.context, shelf->task, &shelf->workload, seed,
                                   memory, error);
    if (status == 0)
        status = install(pool, shelf, index, memory, seed, error);
    else if (memory >= 0)
        close(memory);
    pool->filling_ns += hone_now_ns() - begun;
    return status;
}

int hone_pool_create(const struct hone_pool_source *source, const uint8_t secret[32],
                     uint64_t bytes_max, struct hone_pool **pool) {
    *pool = calloc(1, sizeof **pool);
    if (!*pool)
        return -ENOMEM;
    (*pool)->source = *source;
    (*pool)->bytes_max = bytes_max;
    memcpy((*pool)->secret, secret, sizeof(*pool)->secret);
    return 0;
}

void hone_pool_serve_remote(struct hone_pool *pool) {
    pool->serves_remote = true;
}

uint64_t hone_pool_set_bytes(const struct hone_pool *pool, const struct hone_task *task,
                             const struct hone_workload *workload) {
    struct hone_set_layout layout;
    hone_set_layout(task, workload, &layout);
    uint64_t bytes = layout.total_bytes;
    for (uint32_t i = 0; pool->serves_remote && i < task->arg_count; i++)
        bytes -= hone_remote_input_bytes(task, workload, i);
    return bytes;
}

void hone_pool_destroy(struct hone_pool *pool) {
    if (!pool)
        return;
    hone_pool_settle(pool, NULL);
    while (pool->shelves)
        drop_shelf(pool, pool->shelves);
    explicit_bzero(pool->secret, sizeof pool->secret);
    free(pool);
}

static struct hone_shelf *find_shelf(const struct hone_pool *pool,
                                     const struct hone_shelf_key *key) {
    for (struct hone_shelf *shelf = pool->shelves; shelf; shelf = shelf->next)
        if (!shelf->passing && shelf->task_hash == key->task->hash64 &&
            shelf->episode == key->episode && strcmp(shelf->stream, key->stream) == 0)
            return shelf;
    return NULL;
}

static struct hone_shelf *add_shelf(struct hone_pool *pool, const struct hone_shelf_key *key,
                                    bool passing) {
    struct hone_shelf *shelf = calloc(1, sizeof *shelf);
    if (!shelf)
        return NULL;
    assert(strlen(key->stream) < sizeof shelf->stream);
    strcpy(shelf->stream, key->stream);
    shelf->task = key->task;
    shelf->task_hash = key->task->hash64;
    shelf->workload = *key->workload;
    shelf->episode = key->episode;
    shelf->next_draw = key->first_draw;
    shelf->passing = passing;
    hone_set_layout(key->task, key->workload, &shelf->layout);
    shelf->set_bytes = hone_pool_set_bytes(pool, key->task, key->workload);
    shelf->next = pool->shelves;
    pool->shelves = shelf;
    return shelf;
}

int hone_pool_hold(struct hone_pool *pool, const struct hone_shelf_key *key, uint32_t count,
                   bool passing, struct hone_shelf **out, struct hone_error *error) {
    assert(count <= HONE_SETS_MAX);
    struct hone_shelf *shelf = passing ? NULL : find_shelf(pool, key);
    if (!shelf)
        shelf = add_shelf(pool, key, passing);
    if (!shelf)
        return hone_fail(error, -ENOMEM, "out of memory for input sets");
    shelf->used = ++pool->clock;
    shelf->holders++;
    if (count < HONE_SMALL_OUTPUT_SETS && has_small_output(shelf))
        count = HONE_SMALL_OUTPUT_SETS;
    int status = 0;
    /* Where there is no idle time, worn sets are drawn again here, one for each measurement. */
    bool worn = next_index(shelf) < shelf->count;
    while (status == 0 && (shelf->count < count || worn)) {
        /* Who fills takes one thing at a time. A set that fails here says nothing about this task.
         */
        if (pool->growing) {
            hone_pool_settle(pool, NULL);
            worn = worn && next_index(shelf) < shelf->count;
            continue;
        }
        status = fill_one(pool, shelf, worn ? next_index(shelf) : shelf->count, error);
        worn = false;
    }
    if (status != 0) {
        hone_pool_release(pool, shelf);
        return status;
    }
    *out = shelf;
    return 0;
}

void hone_pool_release(struct hone_pool *pool, struct hone_shelf *shelf) {
    if (!shelf)
        return;
    assert(shelf->holders > 0);
    if (--shelf->holders > 0)
        return;
    if (shelf->passing)
        drop_shelf(pool, shelf);
    else
        make_room(pool, 0);
}

uint32_t hone_shelf_unshown(const struct hone_shelf *shelf, uint32_t shown) {
    return shelf->count - (uint32_t)__builtin_popcount(shown);
}

const struct hone_set *hone_shelf_show(struct hone_shelf *shelf, uint32_t *shown, uint32_t index) {
    *shown |= 1u << index;
    shelf->sets[index].uses++;
    return &shelf->sets[index];
}

/* Those whose truth for moved inputs is known are left for whoever needs it, as long as there are
 * others. */
const struct hone_set *hone_shelf_take(struct hone_shelf *shelf, uint32_t *shown, uint64_t random) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < shelf->count; i++)
        kept |= shelf->sets[i].nudged ? 1u << i : 0;
    const uint32_t hidden = hone_shelf_unshown(shelf, *shown | kept) ? *shown | kept : *shown;
    const uint32_t left = hone_shelf_unshown(shelf, hidden);
    if (left == 0)
        return NULL;
    uint32_t skip = (uint32_t)(random % left);
    for (uint32_t i = 0; i < shelf->count; i++) {
        if (hidden & 1u << i || skip-- > 0)
            continue;
        return hone_shelf_show(shelf, shown, i);
    }
    return NULL;
}

static bool fits_one_more(const struct hone_pool *pool, const struct hone_shelf *shelf) {
    return pool->bytes + shelf->set_bytes <= pool->bytes_max;
}

/* The shelf idle time serves next: the one used last that has a worn set, or room to grow. */
static struct hone_shelf *to_grow(const struct hone_pool *pool) {
    struct hone_shelf *best = NULL;
    for (struct hone_shelf *shelf = pool->shelves; shelf; shelf = shelf->next) {
        const uint32_t index = next_index(shelf);
        const bool worn = index < shelf->count;
        const bool kept = !shelf->passing && shelf->workload.set != HONE_DEBUG;
        const bool fits = fits_one_more(pool, shelf);
        if (worn || (kept && fits && index < HONE_SETS_MAX))
            if (!best || shelf->used > best->used)
                best = shelf;
    }
    return best;
}

/* Start to fill one more set, or a worn one again, while others go on. */
static bool begin_one(struct hone_pool *pool, struct hone_shelf *shelf) {
    int memory = hone_pool_memory(shelf, NULL);
    if (memory < 0)
        return false;
    pool->growing_seed = next_seed(pool, shelf);
    if (pool->source.begin(pool->source.context, shelf->task, &shelf->workload, pool->growing_seed,
                           memory, NULL) != 0) {
        close(memory);
        return false;
    }
    pool->growing = shelf;
    pool->growing_memory = memory;
    return true;
}

void hone_pool_feed(struct hone_pool *pool, struct hone_shelf *shelf, uint32_t count) {
    if (pool->growing) {
        if (!pool->source.ready(pool->source.context))
            return;
        hone_pool_settle(pool, NULL);
    }
    if (fits_one_more(pool, shelf) && shelf->count < count && shelf->count < HONE_SETS_MAX)
        begin_one(pool, shelf);
}

bool hone_pool_grow(struct hone_pool *pool, bool *waiting) {
    *waiting = false;
    if (pool->growing) {
        *waiting = !pool->source.ready(pool->source.context);
        return *waiting || hone_pool_settle(pool, NULL) == 0;
    }
    struct hone_shelf *shelf = to_grow(pool);
    return shelf && begin_one(pool, shelf);
}

uint64_t hone_pool_filling_ns(const struct hone_pool *pool) {
    return pool->filling_ns;
}

uint64_t hone_pool_bytes(const struct hone_pool *pool) {
    return pool->bytes;
}
