/* Several blocks of a launch at once, in the checking build: when one has told others something in
 * global memory, it stays where it is, and the next begins, or one that has stayed so itself. So a
 * block sees what an earlier one leaves while it is not done yet: the part of a look back before
 * the whole, a lock that is held. On a GPU that is what happens all the time.
 *
 * What belongs to a block is kept while another runs: its fibers and warps, its shared memory, and
 * what is known of that; stacks are apart. Whoever goes on for long while others have begun, and so
 * perhaps waits for them, lets them go on. Not in forward order, and where threads or shared memory
 * are many, one block after the other.
 */
#include "hardware/device/cpu/checks.h"
#include "plugins/hardware.h"
#include "plugins/random.h"

#define THREADS_MOST 512u
#define SHARED_MOST 0x4000u
#define BLOCKS_MOST 64u /* from the first on; the others find nothing new */
#define TELLS_MOST 8u   /* of a block */
#define TURN_ACCESSES 20000u
#define TURN_WAITS 200u /* of all threads together */
#define WORD 4u

extern _Thread_local char hone_shared[] __attribute__((tls_model("local-exec")));

struct resident {
    bool used;
    struct hone_fiber fibers[THREADS_MOST], *now;
    struct hone_warp warps[THREADS_MOST / HONE_WARP];
    struct hone_grid grid;
    uint32_t irregular;
    bool relinked;
    uint64_t begun;
    struct hone_all_fences fences;
    char shared[SHARED_MOST];
    struct hone_cell cells[SHARED_MOST / WORD];
};

_Static_assert(HONE_RESIDENTS *THREADS_MOST <= HONE_QUEUES_MAX, "a queue for each thread");

static struct resident residents[HONE_RESIDENTS];
static uint32_t current, resident_count, accesses, waits;
static uint64_t begun_count, block_count, draws;
static bool active, told, left;
static unsigned char tells[BLOCKS_MOST];

static uint32_t shared_bytes(void) {
    return (uint32_t)(hone_check.shared_bytes + WORD - 1) & ~(WORD - 1);
}

static void keep(struct resident *resident) {
    __builtin_memcpy(resident->fibers, hone_fibers, hone_block.thread_count * sizeof *hone_fibers);
    __builtin_memcpy(resident->warps, hone_warps, hone_block.warp_count * sizeof *hone_warps);
    __builtin_memcpy(resident->shared, hone_shared, shared_bytes());
    hone_cells_keep(resident->cells, shared_bytes() / WORD);
    resident->now = hone_now;
    resident->grid = hone_grid;
    resident->irregular = hone_irregular;
    resident->relinked = hone_block.relinked;
    resident->begun = hone_check.block_begun;
    resident->fences = hone_fences;
}

static void restore(const struct resident *resident) {
    __builtin_memcpy(hone_fibers, resident->fibers, hone_block.thread_count * sizeof *hone_fibers);
    __builtin_memcpy(hone_warps, resident->warps, hone_block.warp_count * sizeof *hone_warps);
    __builtin_memcpy(hone_shared, resident->shared, shared_bytes());
    hone_cells_restore(resident->cells, shared_bytes() / WORD);
    hone_check.block_begun = resident->begun;
    hone_now = resident->now;
    hone_grid = resident->grid;
    hone_irregular = resident->irregular;
    hone_block.relinked = resident->relinked;
    hone_fences = resident->fences;
}

static void begin(uint32_t place, char *lowest, uint64_t stride) {
    const HONE_INDEX *blocks = &hone_grid.blocks;
    const uint64_t number = begun_count++;
    hone_grid.block =
        (HONE_INDEX){(unsigned)(number % blocks->x), (unsigned)(number / blocks->x % blocks->y),
                     (unsigned)(number / blocks->x / blocks->y)};
    hone_block.relinked = true;
    hone_cells_clear(shared_bytes() / WORD);
    hone_block_begin(lowest + place * stride * hone_block.thread_count, stride);
    hone_now = &hone_fibers[0];
    residents[place].used = true;
    resident_count++;
}

/* The next place after `from` that is used, or is not. */
static uint32_t find_place(uint32_t from, bool used) {
    uint32_t place = from;
    do
        place = (place + 1) % HONE_RESIDENTS;
    while (residents[place].used != used && place != from);
    return place;
}

static uint32_t find_newest_other(void) {
    uint32_t newest = current;
    for (uint32_t i = 0; i < HONE_RESIDENTS; i++)
        if (i != current && residents[i].used &&
            (newest == current || residents[i].begun > residents[newest].begun))
            newest = i;
    return newest;
}

/* Who goes on in place of one that has told something: who began last will not wait for long. */
static uint32_t find_other(void) {
    if (hone_block.order != HONE_ORDER_RANDOM)
        return find_newest_other();
    const uint32_t by = hone_random_word(hone_control()->order_seed, draws++, 0, HONE_STREAM_VALUE);
    return find_place((current + by) % HONE_RESIDENTS, true);
}

/* Who is next: a new block where one has just told something, else another that has begun, in turn
 * where the last has ended or waits. */
static void choose(char *lowest, uint64_t stride) {
    const bool more = begun_count < block_count && resident_count < HONE_RESIDENTS;
    if (resident_count == 0 || (told && more)) {
        current = find_place(current, false);
        begin(current, lowest, stride);
    } else {
        const uint32_t next = told && left ? find_other() : find_place(current, true);
        if (next != current || !left)
            restore(&residents[next]);
        current = next;
    }
    told = false;
}

static void run(void) {
    left = false;
    hone_first_queue = current * THREADS_MOST;
    accesses = waits = 0;
    hone_check.crowded = resident_count > 1;
    hone_check.busy = hone_check.crowded;
    HONE_SWITCH(hone_block_end(), hone_now);
    if (left) {
        keep(&residents[current]);
        return;
    }
    hone_check_end();
    residents[current].used = false;
    resident_count--;
}

bool hone_residents_run(char *lowest, uint64_t stride) {
    const HONE_INDEX *blocks = &hone_grid.blocks;
    active = false;
    block_count = (uint64_t)blocks->x * blocks->y * blocks->z;
    if (hone_block.order == HONE_ORDER_FORWARD || block_count < 2 ||
        hone_block.thread_count > THREADS_MOST || hone_check.shared_bytes > SHARED_MOST)
        return false;
    for (uint32_t i = 0; i < BLOCKS_MOST; i++)
        tells[i] = 0;
    active = true;
    told = false;
    begun_count = draws = 0;
    resident_count = current = 0;
    while (begun_count < block_count || resident_count) {
        choose(lowest, stride);
        run();
    }
    active = false;
    hone_first_queue = 0;
    hone_check.crowded = hone_check.busy = false;
    return true;
}

/* The block stays where it is until it is its turn again. */
static void leave(void) {
    struct hone_fiber *self = hone_now;
    hone_overtaken_end();
    left = true;
    HONE_SWITCH(self, hone_block_end());
}

void hone_residents_told(void) {
    const uint64_t number =
        hone_block_of(hone_check.block_begun) - hone_block_of(hone_check.launch_begun);
    if (!active || number >= BLOCKS_MOST || tells[number] == TELLS_MOST ||
        (resident_count == 1 && begun_count == block_count))
        return;
    tells[number]++;
    told = true;
    hone_check.crowded = hone_check.busy = true;
}

void hone_residents_interrupt(void) {
    hone_residents_told();
    if (told)
        leave();
}

void hone_residents_pass(void) {
    if (told || (resident_count > 1 && ++accesses >= TURN_ACCESSES))
        leave();
}

void hone_residents_wait(void) {
    if (resident_count > 1 && ++waits >= TURN_WAITS)
        leave();
}
