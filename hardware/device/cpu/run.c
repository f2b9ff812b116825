#include "hardware/device/cpu/block.h"
#include "plugins/evidence.h"
#include "plugins/hardware.h"
#include "plugins/random.h"

#define SPARE_STACK_BYTES 65536u /* for the runtime itself, and for what called it */
#define STACK_BYTES_MAX 65536u
#define CACHE_LINE 64u
#define PAGE_BYTES 4096u
#define CANARY 0x6f6e65c0ffee1dull
#define WORDS_OF_LAUNCH 7u
#define SHARED_BYTES 0x39000u /* that are there, as the linker script has it */
#define SPARE_SHARED_BYTES 0x8000u
#define SPARE_WORD 0x7f5a5e1du

struct hone_fiber *hone_now;
unsigned hone_irregular;
unsigned hone_idle;
struct hone_grid hone_grid;
struct hone_block hone_block;
unsigned hone_first_queue;
struct hone_fiber hone_fibers[HONE_THREADS_MAX];
struct hone_warp hone_warps[HONE_WARPS_MAX];

static struct hone_fiber caller; /* where a block begins and ends */
static struct hone_fiber nobody; /* what the exited leave behind */

/* Made by the linker script: the addresses are the numbers. */
extern const char hone_shared_static[], hone_shared_most[];
extern _Thread_local char hone_shared[] __attribute__((tls_model("local-exec")));

/* Where a block's shared memory begins, as the linker script places it. */
__asm__(".pushsection .hone_shared,\"awT\",@nobits\n"
        ".p2align 12\n"
        ".globl hone_shared\n"
        ".type hone_shared, @tls_object\n"
        "hone_shared:\n"
        ".popsection");

struct hone_fiber *hone_block_end(void) {
    return &caller;
}

/* The first to run on a stack. As long as the next in turn has not begun when a thread ends, it
 * takes over the stack, which is warm. */
static _Noreturn __attribute__((used)) void run_fiber(void) {
    for (;;) {
        hone_now->started = 1;
        hone_block.kernel->run((const unsigned long long *)hone_block.arguments);
        struct hone_fiber *self = hone_now, *next = HONE_FIBER(self->next);
        self->op = HONE_OP(HONE_OP_EXIT, 0);
        if (*(const uint64_t *)(const void *)self->stack_base != CANARY)
            hone_fault(0, "the local variables of a thread need more stack than it has; fewer "
                          "threads a block have more");
        if (HONE_FIBER(self->before)->op != self->op || hone_irregular)
            next = hone_arrive(self);
        else if (next->op == self->op)
            next = &caller;
        hone_now = next;
        if (next->started)
            HONE_SWITCH(&nobody, next);
        next->stack_base = self->stack_base;
    }
}

void hone_fiber_begin(void);
__asm__(".pushsection .text\n"
        "hone_fiber_begin:\n\t"
        "call run_fiber\n\t"
        "ud2\n"
        ".popsection");

static unsigned link_to(const struct hone_fiber *fiber) {
    return (unsigned)(uintptr_t)fiber;
}

void hone_block_link(void) {
    struct hone_fiber *first = NULL, *last = NULL, *first_in_warp = NULL;
    for (uint32_t w = 0; w < hone_block.warp_count; w++) /* of lanes that there are not as well */
        __builtin_memset(hone_warps[w].vote, 0, sizeof hone_warps[w].vote);
    for (uint32_t i = 0; i < hone_block.thread_count; i++) {
        struct hone_fiber *fiber = &hone_fibers[i];
        if (HONE_OP_KIND(fiber->op) == HONE_OP_EXIT)
            continue;
        const bool same = last && last->warp == fiber->warp;
        if (last)
            last->next = link_to(fiber);
        if (last)
            last->next_in_warp = link_to(same ? fiber : first_in_warp);
        first_in_warp = same ? first_in_warp : fiber;
        fiber->before = link_to(last ? last : fiber);
        fiber->before_in_warp = link_to(same ? last : fiber);
        fiber->turn = fiber->count_turn = 0;
        first = first ? first : fiber;
        last = fiber;
    }
    if (last) {
        last->next = link_to(first);
        last->next_in_warp = link_to(first_in_warp);
    }
}

struct draws {
    uint64_t seed, drawn;
};

static uint32_t draw(struct draws *draws) {
    return hone_random_word(draws->seed, draws->drawn++, 0, HONE_STREAM_VALUE);
}

/* 0 to count - 1, in the order asked for. */
static void order_numbers(uint32_t *numbers, uint32_t count, struct draws *draws) {
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = hone_block.order == HONE_ORDER_REVERSE ? count - 1 - i : i;
    for (uint32_t i = count; hone_block.order == HONE_ORDER_RANDOM && i > 1; i--) {
        const uint32_t other = draw(draws) % i, kept = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = kept;
    }
}

/* Who is where in the visiting order, which all blocks of a launch share. */
static void place_threads(uint64_t seed) {
    const HONE_INDEX *size = &hone_grid.threads;
    const uint32_t count = hone_block.thread_count;
    struct draws draws = {seed, 0};
    uint32_t warps[HONE_WARPS_MAX], lanes[HONE_WARP], position = 0;
    order_numbers(warps, hone_block.warp_count, &draws);
    hone_block.rotation = draw(&draws) % HONE_WARP;
    for (uint32_t w = 0; w < hone_block.warp_count; w++) {
        struct hone_warp *warp = &hone_warps[w];
        const uint32_t first = warps[w] * HONE_WARP;
        const uint32_t here = count - first < HONE_WARP ? count - first : HONE_WARP;
        order_numbers(lanes, here, &draws);
        for (uint32_t i = 0; i < here; i++) {
            struct hone_fiber *fiber = &hone_fibers[position++];
            const uint32_t thread = first + lanes[i];
            fiber->warp = warp;
            fiber->lane = lanes[i];
            warp->fiber[lanes[i]] = fiber;
            fiber->thread.x = thread % size->x;
            fiber->thread.y = thread / size->x % size->y;
            fiber->thread.z = thread / size->x / size->y;
        }
    }
}

/* Stacks lie below ours, an odd number of cache lines apart: tops that are equal modulo a page
 * would share a few sets of the cache. They begin at a page, so that which sets they share with the
 * rest is the same in every process. */
static void place_stacks(const char *here, char **lowest, uint64_t *stride) {
    uint64_t room = hone_control()->stack_bytes - 2 * SPARE_STACK_BYTES;
    const uint32_t count = hone_block.thread_count * (hone_checking ? HONE_RESIDENTS : 1);
    uint64_t lines = room / count / CACHE_LINE;
    if (lines > STACK_BYTES_MAX / CACHE_LINE)
        lines = STACK_BYTES_MAX / CACHE_LINE;
    lines -= lines % 2 == 0;
    *stride = lines * CACHE_LINE;
    const uint64_t top =
        ((uint64_t)(uintptr_t)here - SPARE_STACK_BYTES) & ~(uint64_t)(PAGE_BYTES - 1);
    *lowest = (char *)(uintptr_t)(top - *stride * count); /* NOLINT: ours */
    for (uint32_t i = 0; i < count; i++)
        *(uint64_t *)(void *)(*lowest + i * *stride) = CANARY;
}

/* What the last block left must not help this one. Not in the order that is timed; the checking
 * build knows who has written what. */
static void poison_shared(void) {
    const uint32_t plausible = 0x7149f2ca, not_a_number = 0x7fc0dead; /* 1e30f; NaN */
    const uint32_t poison = hone_block.order == HONE_ORDER_REVERSE ? not_a_number : plausible;
    const uint64_t bytes = (uintptr_t)hone_shared_static + hone_grid.shared_bytes;
    uint32_t *words = (uint32_t *)(void *)hone_shared;
    for (uint64_t i = 0; i < bytes / sizeof *words; i++)
        words[i] = poison;
}

/* What lies behind a block's shared memory is not its own, though it is there: who writes to it is
 * found in every order but the one that is timed. */
static uint32_t *find_spare(uint64_t *count) {
    const uint64_t bytes = (uintptr_t)hone_shared_static + hone_grid.shared_bytes + 3;
    const uint64_t left = SHARED_BYTES - bytes / sizeof(uint32_t) * sizeof(uint32_t);
    *count = (left < SPARE_SHARED_BYTES ? left : SPARE_SHARED_BYTES) / sizeof(uint32_t);
    return (uint32_t *)(void *)hone_shared + bytes / sizeof(uint32_t);
}

static void mark_spare_shared(void) {
    uint64_t count;
    uint32_t *spare = find_spare(&count);
    for (uint64_t i = 0; i < count; i++)
        spare[i] = SPARE_WORD;
}

static void check_spare_shared(void) {
    uint64_t count, at = 0;
    const uint32_t *spare = find_spare(&count);
    while (at < count && spare[at] == SPARE_WORD)
        at++;
    if (at == count)
        return;
    struct hone_text text = hone_report_begin(HONE_REASON_OUT_OF_BOUNDS);
    hone_say(&text, "a thread of this or an earlier block writes byte ");
    hone_say_number(&text, (uint64_t)((const char *)(spare + at) - hone_shared));
    hone_say(&text, " of shared memory, past the ");
    hone_say_number(&text, (uintptr_t)hone_shared_static + hone_grid.shared_bytes);
    hone_say(&text, " bytes that a block has");
    hone_report_end(&text);
}

void hone_block_begin(char *lowest, uint64_t stride) {
    hone_check_block();
    hone_block.local_bytes = stride;
    for (uint32_t i = 0; i < hone_block.thread_count; i++) {
        struct hone_fiber *fiber = &hone_fibers[i];
        fiber->stack_base = lowest + i * stride;
        fiber->stack = fiber->stack_base + stride;
        fiber->frame = NULL;
        fiber->resume = (void *)(uintptr_t)hone_fiber_begin;
        fiber->op = HONE_OP_NONE;
        fiber->started = 0;
        fiber->published = 0;
        fiber->turn = fiber->count_turn = 0;
        fiber->spun = NULL;
        fiber->looks = HONE_LOOKS_FIRST;
        fiber->looked_at = 0;
        fiber->copies_begun = fiber->copies_made = 0;
        fiber->copy_group = 0;
        hone_check_thread(fiber, i);
    }
    hone_irregular = 0;
    hone_idle = 0;
    if (hone_block.order != HONE_ORDER_FORWARD && !hone_checking)
        poison_shared();
    if (hone_block.relinked)
        hone_block_link();
    hone_block.relinked = false;
}

static void run_blocks(void) {
    char here[1], *lowest;
    uint64_t stride;
    place_stacks(here, &lowest, &stride);
    hone_block.relinked = true;
    caller.started = 1;
    if (hone_residents_run(lowest, stride))
        return;
    for (unsigned z = 0; z < hone_grid.blocks.z; z++)
        for (unsigned y = 0; y < hone_grid.blocks.y; y++)
            for (unsigned x = 0; x < hone_grid.blocks.x; x++) {
                hone_grid.block = (HONE_INDEX){x, y, z};
                hone_block_begin(lowest, stride);
                hone_now = &hone_fibers[0];
                HONE_SWITCH(&caller, hone_now);
                hone_check_end();
            }
}

/* Threads that never wait, row by row: an order as good as any. */
static void run_rows(void) {
    const HONE_INDEX *blocks = &hone_grid.blocks, *threads = &hone_grid.threads;
    HONE_INDEX *block = &hone_grid.block, *thread = &nobody.thread;
    for (block->z = 0; block->z < blocks->z; block->z++)
        for (block->y = 0; block->y < blocks->y; block->y++)
            for (thread->z = 0; thread->z < threads->z; thread->z++)
                for (thread->y = 0; thread->y < threads->y; thread->y++)
                    hone_block.kernel->run((const unsigned long long *)hone_block.arguments);
}

/* The same, thread by thread in the order asked for, where each access is looked at. */
static void run_straight(void) {
    static struct hone_fiber one;
    HONE_INDEX *blocks = &hone_grid.blocks, *block = &hone_grid.block;
    for (block->z = 0; block->z < blocks->z; block->z++)
        for (block->y = 0; block->y < blocks->y; block->y++)
            for (block->x = 0; block->x < blocks->x; block->x++) {
                hone_check_block();
                for (uint32_t i = 0; i < hone_block.thread_count; i++) {
                    one.thread = hone_fibers[i].thread;
                    hone_check_thread(&one, i);
                    hone_now = &one;
                    hone_block.kernel->run((const unsigned long long *)hone_block.arguments);
                }
                hone_check_end();
            }
}

static HONE_INDEX unpack(uint64_t xy, uint64_t z) {
    return (HONE_INDEX){(unsigned)xy, (unsigned)(xy >> 32), (unsigned)z};
}

/* The host has checked a plan's launches. Nothing here relies on that. */
static void check_launch(void) {
    const HONE_INDEX *t = &hone_grid.threads;
    hone_now = &nobody;
    if (!t->x || !t->y || !t->z || t->x > HONE_THREADS_MAX || t->y > HONE_THREADS_MAX ||
        t->z > HONE_THREADS_MAX || t->x * t->y * t->z > HONE_THREADS_MAX)
        hone_fault(hone_block.line, "a block has 1 to 1024 threads");
    if ((uintptr_t)hone_shared_static + hone_grid.shared_bytes > (uintptr_t)hone_shared_most)
        hone_fault(hone_block.line, "a block asks for more shared memory than there is (227 KiB)");
}

static void launch(const uint64_t *words, const struct hone_kernel *kernel, uint32_t step) {
    const struct hone_control *control = hone_control();
    hone_block.kernel = kernel;
    hone_block.line = (uint32_t)(words[5] >> 32);
    hone_block.arguments = words + WORDS_OF_LAUNCH;
    hone_block.order = control->order;
    hone_grid.blocks = unpack(words[2], words[3]);
    hone_grid.shared_bytes = (unsigned)(words[3] >> 32);
    hone_grid.threads = unpack(words[4], words[5]);
    check_launch();
    hone_block.thread_count = hone_grid.threads.x * hone_grid.threads.y * hone_grid.threads.z;
    hone_block.warp_count = (hone_block.thread_count + HONE_WARP - 1) / HONE_WARP;
    if (kernel->form == HONE_FORM_ROWS) {
        run_rows();
        return;
    }
    const bool timed = hone_block.order == HONE_ORDER_FORWARD;
    place_threads(control->order_seed + step);
    hone_check_launch();
    if (kernel->form == HONE_FORM_STRAIGHT) {
        run_straight();
        hone_check_overtaken();
        return;
    }
    if (!timed)
        mark_spare_shared();
    run_blocks();
    hone_check_guesses();
    hone_check_overtaken();
    if (!timed)
        check_spare_shared();
}

void hone_run(const unsigned long long *call, const struct hone_kernel *kernels,
              unsigned kernel_count) {
    const uint64_t *words = (const uint64_t *)call;
    const uint64_t count = *words++;
    for (uint64_t step = 0; step < count; step++) {
        const uint64_t kind = words[0] & 0xffffffffu, index = words[0] >> 32;
        if (kind != HONE_STEP_LAUNCH || index >= kernel_count ||
            words[1] != kernels[index].argument_count)
            __builtin_trap();
        launch(words, &kernels[index], (uint32_t)step);
        words += WORDS_OF_LAUNCH + words[1];
    }
}
