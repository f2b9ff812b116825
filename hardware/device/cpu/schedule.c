/* Who runs next in a block that is no longer regular: by masks of lanes, never by trying. */
#include "hardware/device/cpu/block.h"
#include "plugins/evidence.h"
#include "plugins/hardware.h"

/* Who waits gives way more often than who works: some 50 ms of the former, and for each thread
 * enough turns of those who only read what is volatile. */
#define IDLE_MOST 2000000u
#define IDLE_MOST_CHECKING 500000u
#define IDLE_OF_THREAD 20000u
#define IDLE_OF_THREAD_CHECKING 5000u

static bool is_block_op(const struct hone_fiber *fiber) {
    const uint32_t kind = HONE_OP_KIND(fiber->op);
    return kind == HONE_OP_BARRIER || kind == HONE_OP_COUNT;
}

/* Until now everybody ran in turn: those before `self` wait at what they set, those after it have
 * not been resumed. */
static void become_irregular(const struct hone_fiber *self) {
    for (uint32_t i = 0; i < hone_block.warp_count; i++)
        hone_warps[i].alive = hone_warps[i].ready = 0;
    for (struct hone_fiber *fiber = hone_fibers; fiber < hone_fibers + hone_block.thread_count;
         fiber++) {
        const uint32_t bit = 1u << fiber->lane;
        if (HONE_OP_KIND(fiber->op) == HONE_OP_EXIT && fiber != self)
            continue;
        fiber->warp->alive |= bit;
        if (fiber >= self)
            fiber->warp->ready |= bit;
    }
    hone_irregular = 1;
}

static uint32_t lowest_lane(uint32_t lanes) {
    return (uint32_t)__builtin_ctz(lanes);
}

static uint32_t choose_lane(uint32_t lanes) {
    const uint32_t by = hone_block.rotation;
    if (hone_block.order == HONE_ORDER_REVERSE)
        return 31 - (uint32_t)__builtin_clz(lanes);
    if (hone_block.order != HONE_ORDER_RANDOM || by == 0)
        return lowest_lane(lanes);
    return (lowest_lane(lanes >> by | lanes << (HONE_WARP - by)) + by) % HONE_WARP;
}

static uint64_t clock_of(const struct hone_fiber *fiber) {
    return fiber->stamp & (uint64_t)HONE_CLOCK_MOST << HONE_STAMP_CLOCK;
}

/* Everybody of `group` has arrived: they may read what the others brought, and the clock of what is
 * before and after goes on. */
static void publish(struct hone_warp *warp, uint32_t group, bool leaving) {
    uint64_t clock = 0;
    for (uint32_t left = group; left; left &= left - 1) {
        const struct hone_fiber *fiber = warp->fiber[lowest_lane(left)];
        clock = clock_of(fiber) > clock ? clock_of(fiber) : clock;
    }
    for (uint32_t left = group; left; left &= left - 1) {
        const uint32_t lane = lowest_lane(left);
        struct hone_fiber *fiber = warp->fiber[lane];
        fiber->stamp += clock - clock_of(fiber); /* it counts itself when it goes on */
        if (leaving)
            continue;
        warp->value[HONE_PUBLISHED][lane] = warp->value[fiber->turn][lane];
        warp->vote[HONE_PUBLISHED][lane] = warp->vote[fiber->turn][lane];
        fiber->published = 1;
    }
    for (uint32_t left = ~warp->alive; left && !leaving; left &= left - 1)
        warp->vote[HONE_PUBLISHED][lowest_lane(left)] = 0;
    warp->ready |= group;
}

/* Those who wait at the same kind of operation with the same mask. */
static uint32_t find_group(const struct hone_warp *warp, uint32_t waiting, uint32_t lane) {
    const struct hone_fiber *first = warp->fiber[lane];
    uint32_t group = 0;
    for (uint32_t left = waiting; left; left &= left - 1) {
        const struct hone_fiber *fiber = warp->fiber[lowest_lane(left)];
        if (HONE_OP_KIND(fiber->op) == HONE_OP_KIND(first->op) && fiber->mask == first->mask)
            group |= 1u << lowest_lane(left);
    }
    return group;
}

/* Let go on who has waited for all that its mask names; the exited count as arrived. */
static void settle(struct hone_warp *warp) {
    const uint32_t waiting = warp->alive & ~warp->ready;
    for (uint32_t left = waiting; left;) {
        const uint32_t lane = lowest_lane(left);
        const struct hone_fiber *fiber = warp->fiber[lane];
        const uint32_t kind = HONE_OP_KIND(fiber->op);
        if (kind < HONE_OP_SYNC || kind == HONE_OP_ACTIVE) {
            left &= left - 1;
            continue;
        }
        const uint32_t group = find_group(warp, waiting, lane);
        if ((fiber->mask & warp->alive & ~group) == 0)
            publish(warp, group, kind == HONE_OP_LEAVE);
        left &= ~group;
    }
}

/* Nobody of the warp can go on: those who ask at one line who is active are those who are. */
static void release_active(struct hone_warp *warp) {
    uint32_t line = 0, group = 0;
    for (uint32_t left = warp->alive; left; left &= left - 1) {
        const struct hone_fiber *fiber = warp->fiber[lowest_lane(left)];
        if (HONE_OP_KIND(fiber->op) != HONE_OP_ACTIVE || (group && HONE_OP_LINE(fiber->op) != line))
            continue;
        line = HONE_OP_LINE(fiber->op);
        group |= 1u << lowest_lane(left);
    }
    for (uint32_t left = group; left; left &= left - 1) {
        warp->value[HONE_PUBLISHED][lowest_lane(left)] = group;
        warp->fiber[lowest_lane(left)]->published = 1;
    }
    warp->ready |= group;
}

static bool may_run(struct hone_warp *warp) {
    if (!warp->ready)
        settle(warp);
    if (!warp->ready)
        release_active(warp);
    return warp->ready;
}

static struct hone_warp *warp_after(const struct hone_warp *warp, uint32_t by) {
    return &hone_warps[((uint32_t)(warp - hone_warps) + by) % hone_block.warp_count];
}

static struct hone_fiber *pick(const struct hone_warp *from) {
    for (uint32_t i = 0; i < hone_block.warp_count; i++) {
        struct hone_warp *warp = warp_after(from, i);
        if (may_run(warp))
            return warp->fiber[choose_lane(warp->ready)];
    }
    return NULL;
}

/* Everybody has a turn before `self` has another: whom it waits for may be anyone. */
static struct hone_fiber *pick_other(const struct hone_fiber *self) {
    const uint32_t later = self->warp->ready & ~((2u << self->lane) - 1);
    if (later)
        return self->warp->fiber[lowest_lane(later)];
    for (uint32_t i = 1; i <= hone_block.warp_count; i++) {
        struct hone_warp *warp = warp_after(self->warp, i);
        if (may_run(warp))
            return warp->fiber[lowest_lane(warp->ready)];
    }
    return NULL;
}

static void count_predicates(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < hone_block.thread_count; i++)
        if (HONE_OP_KIND(hone_fibers[i].op) == HONE_OP_COUNT)
            count += hone_fibers[i].predicate;
    for (uint32_t i = 0; i < hone_block.thread_count; i++)
        hone_fibers[i].published = HONE_OP_KIND(hone_fibers[i].op) == HONE_OP_COUNT;
    hone_grid.counts[HONE_PUBLISHED] = count;
}

static const char *name_op(uint32_t op) {
    static const char *const names[] = {
        [HONE_OP_NONE] = "its beginning",
        [HONE_OP_BARRIER] = "__syncthreads()",
        [HONE_OP_COUNT] = "__syncthreads_...()",
        [HONE_OP_EXIT] = "its end",
        [HONE_OP_YIELD] = "an atomic",
        [HONE_OP_SYNC] = "__syncwarp()",
        [HONE_OP_SHUFFLE] = "a shuffle",
        [HONE_OP_VOTE] = "a vote",
        [HONE_OP_MATCH] = "a match",
        [HONE_OP_REDUCE] = "a warp reduction",
        [HONE_OP_ACTIVE] = "__activemask()",
        [HONE_OP_LEAVE] = "a warp operation",
    };
    return names[HONE_OP_KIND(op)];
}

static void say_place(struct hone_text *text, const struct hone_fiber *fiber) {
    hone_say_fiber(text, fiber);
    hone_say(text, " waits at ");
    hone_say(text, name_op(fiber->op));
    hone_say_line(text, " in", HONE_OP_LINE(fiber->op));
}

/* Found by the checking build only: hardware lets it pass, the manual does not. */
static void check_same_barrier(void) {
    const struct hone_fiber *first = NULL;
    for (uint32_t i = 0; hone_checking && i < hone_block.thread_count; i++) {
        const struct hone_fiber *fiber = &hone_fibers[i];
        if (HONE_OP_KIND(fiber->op) == HONE_OP_EXIT)
            continue;
        first = first ? first : fiber;
        if (fiber->op == first->op)
            continue;
        struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
        hone_say(&text, "divergent barrier: ");
        say_place(&text, first);
        hone_say(&text, ", ");
        say_place(&text, fiber);
        hone_say(&text, "; every thread of a block must come to the same barrier");
        hone_report_end(&text);
    }
}

static _Noreturn void report_deadlock(const struct hone_fiber *waiting,
                                      const struct hone_fiber *other) {
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say(&text, "deadlock: ");
    say_place(&text, waiting);
    if (HONE_OP_KIND(waiting->op) >= HONE_OP_SYNC) {
        const uint32_t lanes = waiting->mask & waiting->warp->alive &
                               ~find_group(waiting->warp, waiting->warp->alive, waiting->lane);
        hone_say(&text, " for lane ");
        hone_say_number(&text, lanes ? lowest_lane(lanes) : waiting->lane);
        other = lanes ? waiting->warp->fiber[lowest_lane(lanes)] : other;
    }
    if (other) {
        hone_say(&text, ", while ");
        say_place(&text, other);
    }
    hone_report_end(&text);
}

/* Nobody can go on: the block is over, or all are at a barrier, or there is no way out. */
static struct hone_fiber *meet(void) {
    struct hone_fiber *first = NULL, *at_barrier = NULL, *at_warp = NULL;
    for (uint32_t i = 0; i < hone_block.thread_count; i++) {
        struct hone_fiber *fiber = &hone_fibers[i];
        if (HONE_OP_KIND(fiber->op) == HONE_OP_EXIT)
            continue;
        first = first ? first : fiber;
        if (is_block_op(fiber))
            at_barrier = at_barrier ? at_barrier : fiber;
        else
            at_warp = at_warp ? at_warp : fiber;
    }
    if (at_warp)
        report_deadlock(at_warp, at_barrier);
    if (!first)
        return hone_block_end();
    check_same_barrier();
    count_predicates();
    hone_block_link();
    hone_block.relinked = true;
    hone_irregular = 0;
    return first;
}

static uint32_t idle_most(void) {
    return hone_checking ? IDLE_MOST_CHECKING + IDLE_OF_THREAD_CHECKING * hone_block.thread_count
                         : IDLE_MOST + IDLE_OF_THREAD * hone_block.thread_count;
}

/* Whom it waits for is in another block, or waits itself. */
static _Noreturn void report_idle(const struct hone_fiber *self) {
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say(&text, "deadlock: ");
    hone_say_fiber(&text, self);
    hone_say(&text, " waits");
    hone_say_line(&text, " in", HONE_OP_LINE(self->op));
    hone_say(&text,
             " for what nobody of its block does any more; blocks begin in no promised order, "
             "perhaps only when others have ended: a block may wait for what one that has "
             "begun will do (take a ticket by atomicAdd), never for a later one");
    hone_report_end(&text);
}

struct hone_fiber *hone_arrive(struct hone_fiber *self) {
    struct hone_warp *warp = self->warp;
    const uint32_t bit = 1u << self->lane, kind = HONE_OP_KIND(self->op);
    if (!hone_irregular)
        become_irregular(self);
    warp->ready &= ~bit;
    if (kind == HONE_OP_EXIT)
        warp->alive &= ~bit;
    if (kind != HONE_OP_YIELD) {
        hone_idle = 0;
        struct hone_fiber *next = pick(warp);
        return next ? next : meet();
    }
    if (++hone_idle >= idle_most())
        report_idle(self);
    struct hone_fiber *next = pick_other(self);
    warp->ready |= bit;
    return next ? next : self;
}

/* A loop that does not wait is not to be kept from its work: only one that goes on and on. */
void hone_tire(unsigned line) {
    struct hone_fiber *self = hone_now;
    const bool again = self->looked_at == (unsigned short)line;
    self->looked_at = (unsigned short)line;
    self->looks = again ? HONE_LOOKS_AGAIN : HONE_LOOKS_FIRST;
    if (again)
        hone_give_way(line);
}

void hone_give_way(unsigned line) {
    if (hone_block.kernel->form != HONE_FORM_FIBERS)
        return; /* nobody else is on their way */
    hone_residents_wait();
    struct hone_fiber *self = hone_now;
    self->op = HONE_OP(HONE_OP_YIELD, line);
    struct hone_fiber *next = hone_arrive(self);
    hone_now = next;
    HONE_SWITCH(self, next);
}
