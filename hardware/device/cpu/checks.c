/* The checking build: what it is told of a launch, its blocks and threads, and of accesses that are
 * more than reads and writes. Every other comes to cells.c, by the calls that compilers make for
 * -fsanitize=thread.
 */
#include "hardware/device/cpu/checks.h"

#define WORD 4u
#define INTERRUPTS_MOST 4u /* of a thread in a block */
#define BLOCKS_MOST ((1ull << (64 - HONE_STAMP_BLOCK)) - 2)

const bool hone_checking = true;

extern _Thread_local char hone_shared[] __attribute__((tls_model("local-exec")));
extern const char hone_shared_static[];

struct hone_check hone_check;
static struct hone_buffer region_cells[HONE_CONTROL_REGIONS_MAX]; /* of this launch */
static uint64_t blocks;                                           /* of all launches */

void hone_check_copy(const void *to, const void *from, unsigned bytes, unsigned from_bytes,
                     unsigned line) {
    if (from_bytes)
        hone_look(from, from_bytes, false, 0, line | HONE_AT_LINE);
    hone_look(to, bytes, true, HONE_STAMP_COPY, line | HONE_AT_LINE);
}

void hone_check_arrival(const void *to, unsigned bytes, unsigned line) {
    hone_look(to, bytes, true, 0, line | HONE_AT_LINE);
}

/* What is made of a look and a change, another may change in between: so it does, while that is not
 * too often. Who relies on nobody doing so then has wrong results. */
static void interrupt(const void *at, uint32_t from) {
    struct hone_fiber *self = hone_now;
    if (hone_block.kernel->form != HONE_FORM_FIBERS || self->interrupted == INTERRUPTS_MOST)
        return;
    self->interrupted++;
    if ((uint64_t)(uintptr_t)at - hone_check.shared >= HONE_SHARED_MOST)
        hone_residents_interrupt();
    hone_give_way(hone_is_direct(from) ? 0 : hone_line_at(from));
}

/* A volatile read of what another block's thread has stored before something that was seen. */
static void check_order(const void *at, uint32_t bytes, uint64_t word, uint32_t from) {
    struct hone_conflict conflict = {
        .address = (uint64_t)(uintptr_t)at, .now = hone_now->stamp, .now_at = from, .wrote = true};
    if (hone_is_direct(from) && hone_was_written(at, &conflict.then, &conflict.then_at) &&
        conflict.then & HONE_STAMP_STRONG && hone_is_direct(conflict.then_at) &&
        hone_block_of(conflict.then) != hone_block_of(conflict.now) &&
        hone_is_overtaken(word, conflict.then, hone_now) &&
        !hone_is_known(conflict.then, conflict.now))
        hone_overtaken_read(&conflict, bytes);
    hone_change_seen(word, hone_now);
}

static void check_strong(const void *at, uint32_t bytes, unsigned how, uint32_t from) {
    hone_overtaken_end();
    const uint64_t word = (uint64_t)(uintptr_t)at / WORD;
    const bool changes = how == HONE_CHECK_CHANGE || how == HONE_CHECK_IMPROVE;
    if (how == HONE_CHECK_COMPARE)
        hone_confirm((uint64_t)(uintptr_t)at, bytes);
    if (how == HONE_CHECK_COMPARE || (hone_now->looked == at && hone_is_direct(from) == changes))
        interrupt(at, from);
    hone_now->looked = changes ? NULL : at;
    hone_look(at, bytes, changes,
              how == HONE_CHECK_IMPROVE ? HONE_STAMP_IMPROVES : HONE_STAMP_STRONG, from);
    const bool global = (uint64_t)(uintptr_t)at - hone_check.shared >= HONE_SHARED_MOST;
    if (global && !changes)
        check_order(at, bytes, word, from);
    if (changes)
        hone_idle = 0;
    if (global && changes) {
        hone_change_made(at, bytes, hone_now->stamp);
        hone_residents_told();
    }
    if (changes)
        hone_know_write(word, hone_now);
    else
        hone_know_read(word, hone_now);
}

void hone_check_strong(const void *at, unsigned bytes, unsigned how, unsigned line) {
    check_strong(at, bytes, how, line | HONE_AT_LINE);
}

/* Lanes of a warp do not run in step, whatever is volatile in shared memory: there a write says
 * something to others after a fence only. Who reads one place again and again waits for a write. */
void hone_check_volatile(const void *at, uint32_t bytes, bool writes, uint32_t from) {
    const bool shared = (uint64_t)(uintptr_t)at - hone_check.shared < HONE_SHARED_MOST;
    struct hone_fiber *self = hone_now;
    if (shared && writes && self->fence >> HONE_STAMP_EPOCH != self->stamp >> HONE_STAMP_EPOCH) {
        hone_check_access(at, bytes, writes, from);
        return;
    }
    hone_overtaken_end();
    if (!writes && self->spun == at) {
        if (self->spun_at == from)
            hone_overtaken_polls(from);
        hone_give_way(hone_line_at(from));
    }
    hone_now->spun = writes ? NULL : at;
    hone_now->spun_at = from;
    if (!writes)
        hone_overtaken_again(at, from);
    check_strong(at, bytes, writes ? HONE_CHECK_CHANGE : HONE_CHECK_LOOK, from);
}

/* __ldg() reads by a cache that nobody empties while a launch runs. */
void hone_check_constant(const void *at, unsigned bytes, unsigned line) {
    uint64_t then;
    uint32_t then_at;
    for (unsigned i = 0; i < bytes; i += WORD)
        if (hone_was_written((const char *)at + i, &then, &then_at))
            hone_report_stale((uint64_t)(uintptr_t)at + i, then, then_at, line | HONE_AT_LINE);
}

/* From now on what was before may be told: to threads of the block, or to all. */
void hone_check_fence(unsigned of_block) {
    struct hone_fiber *self = hone_now;
    self->fence = self->stamp;
    if (!of_block)
        self->device_fence = self->stamp;
    hone_know_fence(self->stamp, of_block);
    self->stamp |= 1ull << HONE_STAMP_CLOCK;
}

/* The arguments of a launch, as far as the host has told of them; others are not its own. What lies
 * in one region has the same cells, whatever points to it. */
static void add_buffers(uint32_t argument) {
    const struct hone_control *control = hone_control();
    const uint32_t element_bytes = hone_block.kernel->element_bytes[argument];
    const uint64_t pointer = hone_block.arguments[argument];
    for (uint32_t r = 0; element_bytes && r < control->region_count; r++) {
        const uint64_t offset = pointer - control->regions[r].address;
        if (offset >= control->regions[r].bytes ||
            hone_check.buffer_count == HONE_CONTROL_REGIONS_MAX)
            continue;
        struct hone_buffer *buffer = &hone_check.buffers[hone_check.buffer_count++];
        if (!region_cells[r].cells && control->regions[r].writable)
            hone_cells_take(control->regions[r].address, control->regions[r].bytes,
                            &region_cells[r]);
        *buffer = region_cells[r];
        buffer->address = pointer;
        buffer->bytes = control->regions[r].bytes - offset;
        buffer->argument = argument;
        buffer->element_bytes = element_bytes;
    }
}

void hone_check_launch(void) {
    const struct hone_control *control = hone_control();
    char here[1];
    hone_check.shared = (uint64_t)(uintptr_t)hone_shared;
    hone_check.shared_bytes = (uint64_t)(uintptr_t)hone_shared_static + hone_grid.shared_bytes;
    hone_check.stack_bytes = control->stack_bytes;
    hone_check.stack = (uint64_t)(uintptr_t)here + 4096 - hone_check.stack_bytes;
    hone_check.buffer_count = 0;
    hone_check.launch_begun = (blocks + 1) << HONE_STAMP_BLOCK;
    hone_cells_begin();
    hone_guesses_forget();
    for (uint32_t r = 0; r < HONE_CONTROL_REGIONS_MAX; r++)
        region_cells[r].cells = NULL;
    for (uint32_t a = 0; a < hone_block.kernel->argument_count; a++)
        add_buffers(a);
    hone_know_nothing();
    hone_changes_forget();
}

/* There are no more numbers for blocks: the next is the first again. */
static void forget(void) {
    hone_cells_forget();
    blocks = 0;
    hone_check.launch_begun = 1ull << HONE_STAMP_BLOCK;
    hone_know_nothing();
}

void hone_check_block(void) {
    if (blocks == BLOCKS_MOST)
        forget();
    hone_check.block_begun = ++blocks << HONE_STAMP_BLOCK;
}

void hone_check_thread(struct hone_fiber *fiber, uint32_t position) {
    fiber->stamp = hone_check.block_begun | (uint64_t)position << HONE_STAMP_THREAD;
    fiber->fence = fiber->device_fence = 0;
    fiber->guess_count = 0;
    fiber->looked = NULL;
    for (uint32_t i = 0; i < HONE_SEEN; i++)
        fiber->seen[i].serial = 0;
    fiber->outdated.address = 0;
    fiber->interrupted = 0;
    for (uint32_t i = 0; i < HONE_GUESSES; i++)
        fiber->guesses[i].address = 0;
}

void hone_check_end(void) {
    hone_overtaken_end();
    hone_cells_settle();
}
