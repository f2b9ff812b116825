/* The checking build: every access of a kernel's comes here first, by the calls that compilers make
 * for -fsanitize=thread.
 *
 * A byte of shared memory remembers who wrote it last and two who read it. Two accesses of
 * different threads, one of them a write, are a race when no barrier of the block lies between them
 * and, in one warp, no operation of the warp either. Warps count these by Lamport's clock: what
 * happens before something has a smaller number, so one that is not smaller was not waited for. (L.
 * Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21, 1978.) Two
 * writes of one value are no race: that is how threads say the same thing.
 *
 * Global memory is remembered by the elements' addresses, in a table that forgets where it is too
 * small. Blocks wait for nothing of each other's, so between them any two such accesses are a race,
 * unless one block told of its own and the other could know: a __threadfence() after a write and an
 * atomic or volatile access after that, and such an access of the other block before its own. Which
 * word told what is not followed, so that what this reports is a race whatever was meant. Atomic
 * and volatile accesses race with none of their kind, but for two: one that adds does with a plain
 * write, and one that overwrites does with another block's that no fence came before. A flag has
 * its fence; who reads, adds and writes back has none, and loses what is added in between.
 * Blocks run one after the other here: one that asks, and goes on whatever the answer is, cannot be
 * told from one that waits.
 */
#include "hardware/device/cpu/block.h"
#include "plugins/evidence.h"

#define WINDOW_START 0x400000ull
#define FIBER_BITS 11
#define WARP_BITS 26
#define SHARED_MOST 0x39000u
#define READERS 2
#define ENDS 4096u

const bool hone_checking = true;

extern _Thread_local char hone_shared[] __attribute__((tls_model("local-exec")));
extern const char hone_shared_static[];

/* Barriers passed | warp's clock | who, from 1. 0: nobody. */
static uint64_t writer[SHARED_MOST], reader[READERS][SHARED_MOST];

static struct {
    uint64_t shared, shared_bytes;
    uint64_t stack, stack_bytes;
    uint32_t epoch; /* of barriers, at the beginning of the block */
    uint64_t begun; /* the least stamp that belongs to it */
    struct {
        uint64_t address, bytes;
        uint32_t argument, element_bytes;
    } buffers[HONE_CONTROL_REGIONS_MAX];
    uint32_t buffer_count, last;
    uint64_t block, first_block; /* counted from 1; the first of this launch */
    uint32_t fences;             /* before this block */
    uint32_t told;               /* fences before the last atomic of this block; 0: none */
    bool asked;                  /* this block has used an atomic on global memory */
} check;

/* What the blocks that ended told of; of the same place, the last one. */
static struct {
    uint64_t block;
    uint32_t told, atomics;
} ends[ENDS];

/* A write over another's, until it is seen whether it changes anything. */
static struct {
    uint64_t address; /* 0: none */
    uint64_t then;
    uint32_t bytes;
    bool other_block;
    const struct hone_fiber *self;
    uint64_t before[2];
} pending;

#define GLOBALS (1u << 15)
#define WORD 4u
struct trace {
    uint64_t stamp, block;
    uint32_t fences, atomics; /* of the launch, until then */
};
static struct {
    uint64_t address;
    struct trace write, read; /* the last ones */
    struct {
        uint64_t stamp, block;
        bool fenced;
    } over; /* the last one that was atomic or volatile */
} globals[GLOBALS];

/* Of a launch. */
static uint32_t atomics;
unsigned hone_fences;

static uint64_t stamp(const struct hone_fiber *fiber) {
    return (uint64_t)fiber->block_epoch << (FIBER_BITS + WARP_BITS) |
           (uint64_t)(fiber->warp_epoch & ((1u << WARP_BITS) - 1)) << FIBER_BITS |
           (uint64_t)(fiber - hone_fibers + 1);
}

static const struct hone_fiber *who(uint64_t stamp) {
    return &hone_fibers[(stamp & ((1u << FIBER_BITS) - 1)) - 1];
}

static bool is_unordered(uint64_t then, uint64_t now) {
    const uint32_t clock_mask = (1u << WARP_BITS) - 1;
    if (then < check.begun || then >> (FIBER_BITS + WARP_BITS) != now >> (FIBER_BITS + WARP_BITS))
        return false;
    const struct hone_fiber *other = who(then), *self = who(now);
    if (other == self)
        return false;
    return other->warp != self->warp ||
           (now >> FIBER_BITS & clock_mask) <= (then >> FIBER_BITS & clock_mask);
}

static void say_where(struct hone_text *text, uint64_t offset) {
    hone_say(text, "byte ");
    hone_say_number(text, offset);
    hone_say(text, " of shared memory");
}

static void say_element(struct hone_text *text, uint64_t address) {
    for (uint32_t i = 0; i < check.buffer_count; i++)
        if (address - check.buffers[i].address < check.buffers[i].bytes) {
            hone_say(text, "element ");
            hone_say_number(text,
                            (address - check.buffers[i].address) / check.buffers[i].element_bytes);
            hone_say(text, " of argument ");
            hone_say_number(text, check.buffers[i].argument + 1);
            return;
        }
}

static _Noreturn void report_race(uint64_t address, const struct hone_fiber *self, uint64_t then,
                                  bool other_block, bool wrote, bool writes) {
    const struct hone_fiber *other = who(then);
    const bool global = address - check.shared >= SHARED_MOST;
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say(&text, "race on ");
    if (global)
        say_element(&text, address);
    else
        say_where(&text, address - check.shared);
    hone_say(&text, ": ");
    hone_say_fiber(&text, other);
    hone_say(&text, other_block ? " of another block" : "");
    hone_say(&text, wrote ? " writes it, " : " reads it, ");
    hone_say_fiber(&text, self);
    hone_say(&text, writes ? " writes it, and nothing is waited for in between"
                           : " reads it, and nothing is waited for in between");
    hone_say_line(&text, "; the last to wait at was", self->last_line);
    hone_say(&text, global && check.asked
                        ? "; an atomic is missing, or __threadfence() between a write and the "
                          "atomic that tells of it"
                    : global ? "; an atomic is missing, or an element for each thread"
                    : other->warp == self->warp
                        ? "; __syncwarp() or __syncthreads() is missing (lanes of a warp do not "
                          "run in step)"
                        : "; __syncthreads() is missing");
    hone_report_end(&text);
}

static _Noreturn void report_shared(uint64_t offset, const char *what, uint32_t reason) {
    struct hone_text text = hone_report_begin(reason);
    hone_say_fiber(&text, hone_now);
    hone_say(&text, what);
    say_where(&text, offset);
    if (reason == HONE_REASON_OUT_OF_BOUNDS) {
        hone_say(&text, ", past the ");
        hone_say_number(&text, check.shared_bytes);
        hone_say(&text, " bytes that the block has");
    } else {
        hone_say(&text, ", which nobody of the block has written yet");
    }
    hone_say_line(&text, "; the last to wait at was", hone_now->last_line);
    hone_report_end(&text);
}

static void copy_bytes(uint64_t address, uint32_t bytes, uint64_t to[2]) {
    const char *from = (const char *)(uintptr_t)address; /* NOLINT: the kernel's own */
    for (uint32_t i = 0; i < bytes && i < 2 * sizeof *to; i++)
        ((char *)to)[i] = from[i];
}

/* What follows on the last suspect belongs to the same access. */
static void suspect(uint64_t address, uint32_t bytes, uint64_t then, bool other_block) {
    const bool follows = pending.address && address == pending.address + pending.bytes;
    pending.address = follows ? pending.address : address;
    pending.bytes = follows ? pending.bytes + bytes : bytes;
    pending.then = then;
    pending.other_block = other_block;
    pending.self = hone_now;
    copy_bytes(pending.address, pending.bytes, pending.before);
}

/* The write itself has happened by now: every access is told of just before it is made. */
static void settle_pending(void) {
    uint64_t after[2] = {pending.before[0], pending.before[1]};
    const uint64_t address = pending.address;
    pending.address = 0;
    copy_bytes(address, pending.bytes, after);
    if (after[0] != pending.before[0] || after[1] != pending.before[1])
        report_race(address, pending.self, pending.then, pending.other_block, true, true);
}

static void read_shared(uint64_t offset, uint32_t bytes) {
    const uint64_t now = stamp(hone_now);
    for (uint64_t at = offset; at < offset + bytes; at++) {
        if (writer[at] < check.begun)
            report_shared(at, " reads ", HONE_REASON_NONDETERMINISTIC);
        if (is_unordered(writer[at], now))
            report_race(check.shared + at, hone_now, writer[at], false, true, false);
        if ((reader[0][at] ^ now) & ((1u << FIBER_BITS) - 1))
            reader[1][at] = reader[0][at];
        reader[0][at] = now;
    }
}

static void write_shared(uint64_t offset, uint32_t bytes) {
    const uint64_t now = stamp(hone_now);
    for (uint64_t at = offset; at < offset + bytes; at++) {
        if (is_unordered(writer[at], now))
            suspect(check.shared + at, 1, writer[at], false);
        for (int i = 0; i < READERS; i++)
            if (is_unordered(reader[i][at], now))
                report_race(check.shared + at, hone_now, reader[i][at], false, false, true);
        writer[at] = now;
    }
}

static _Noreturn void report_wild(uint64_t address, uint32_t bytes, bool writes) {
    struct hone_text text = hone_report_begin(HONE_REASON_OUT_OF_BOUNDS);
    uint32_t near = check.buffer_count;
    uint64_t distance = UINT64_MAX;
    hone_say_fiber(&text, hone_now);
    hone_say(&text, writes ? " writes " : " reads ");
    hone_say_number(&text, bytes);
    hone_say(&text, bytes == 1 ? " byte " : " bytes ");
    for (uint32_t i = 0; i < check.buffer_count; i++) {
        const uint64_t past = address - check.buffers[i].address;
        const uint64_t before = check.buffers[i].address - address;
        const uint64_t apart = past < before ? past : before;
        if (check.buffers[i].element_bytes && apart < distance) {
            distance = apart;
            near = i;
        }
    }
    if (near == check.buffer_count || distance > 1u << 30) {
        hone_say(&text, "where no argument is");
    } else {
        const bool below = address < check.buffers[near].address;
        const uint64_t size = check.buffers[near].element_bytes;
        hone_say(&text, "at element ");
        hone_say(&text, below ? "-" : "");
        hone_say_number(&text, (distance + (below ? size - 1 : 0)) / size);
        hone_say(&text, " of argument ");
        hone_say_number(&text, check.buffers[near].argument + 1);
        hone_say(&text, ", which has ");
        hone_say_number(&text, check.buffers[near].bytes / size);
    }
    hone_say_line(&text, "; the last to wait at was", hone_now->last_line);
    hone_report_end(&text);
}

static bool is_concurrent(const struct trace *then, uint64_t now) {
    if (then->block < check.first_block)
        return false;
    return then->block != check.block || is_unordered(then->stamp, now);
}

/* Whether whoever did it can have told this thread so since. */
static bool was_told(const struct trace *then, bool wrote) {
    if (then->block == check.block)
        return atomics != then->atomics;
    const uint64_t place = then->block % ENDS;
    if (ends[place].block != then->block) /* long ago */
        return true;
    return check.asked &&
           (wrote ? ends[place].told > then->fences : ends[place].atomics > then->atomics);
}

static bool is_race(const struct trace *then, uint64_t now, bool wrote) {
    return is_concurrent(then, now) && !was_told(then, wrote);
}

/* Neighbours lie side by side, since threads come to them one after the other; what is apart by a
 * power of two does not fall together. The last bits of small elements make a second table of it.
 */
static uint32_t slot_of(uint64_t address) {
    const uint64_t element = address >> 2;
    return (uint32_t)(element + (element >> 15) * 0x9e5 + (address & 3) * (GLOBALS / 4)) % GLOBALS;
}

static void take_slot(uint32_t slot, uint64_t address) {
    if (globals[slot].address != address)
        globals[slot].write.block = globals[slot].read.block = globals[slot].over.block = 0;
    globals[slot].address = address;
}

static void check_word(uint64_t address, uint32_t bytes, bool writes) {
    const uint32_t slot = slot_of(address);
    struct trace *write = &globals[slot].write, *read = &globals[slot].read;
    const struct trace now = {stamp(hone_now), check.block, hone_fences, atomics};
    take_slot(slot, address);
    if (is_race(write, now.stamp, true)) {
        if (!writes)
            report_race(address, hone_now, write->stamp, write->block != now.block, true, false);
        suspect(address, bytes, write->stamp, write->block != now.block);
    }
    if (writes && is_race(read, now.stamp, false))
        report_race(address, hone_now, read->stamp, read->block != now.block, false, true);
    *(writes ? write : read) = now;
}

/* A vector's elements one by one: another thread may know them as such. */
static void check_element(uint64_t address, uint32_t bytes, bool writes) {
    for (uint32_t done = 0; done < bytes; done += WORD)
        check_word(address + done, bytes - done < WORD ? bytes - done : WORD, writes);
}

static bool is_inside(uint32_t buffer, uint64_t address, uint32_t bytes) {
    const uint64_t offset = address - check.buffers[buffer].address;
    return offset < check.buffers[buffer].bytes && bytes <= check.buffers[buffer].bytes - offset;
}

/* Whether it lies in a buffer; not where code, constants and stacks are. */
static bool find_buffer(uint64_t address, uint32_t bytes, bool writes) {
    if (is_inside(check.last, address, bytes))
        return true;
    if ((address >= WINDOW_START && address < HONE_REPORT_ADDRESS) ||
        address - check.stack < check.stack_bytes)
        return false;
    for (uint32_t i = 0; i < check.buffer_count; i++)
        if (is_inside(i, address, bytes)) {
            check.last = i;
            return true;
        }
    report_wild(address, bytes, writes);
}

void hone_check_access(const void *at, uint32_t bytes, bool writes) {
    const uint64_t address = (uint64_t)(uintptr_t)at, offset = address - check.shared;
    if (pending.address)
        settle_pending();
    if (offset >= SHARED_MOST) {
        if (find_buffer(address, bytes, writes))
            check_element(address, bytes, writes);
        return;
    }
    if (offset + bytes > check.shared_bytes)
        report_shared(offset, writes ? " writes " : " reads ", HONE_REASON_OUT_OF_BOUNDS);
    if (writes)
        write_shared(offset, bytes);
    else
        read_shared(offset, bytes);
}

/* What was done before the last fence is told to whoever asks after this. */
static void tell(void) {
    check.told = hone_fences;
    check.asked = true;
}

/* A value put in the place of another, whatever that was. */
static void overwrite(uint64_t address, uint32_t bytes) {
    const uint32_t slot = slot_of(address);
    take_slot(slot, address);
    if (globals[slot].over.block >= check.first_block && globals[slot].over.block != check.block &&
        !globals[slot].over.fenced)
        suspect(address, bytes, globals[slot].over.stamp, true);
    globals[slot].over.stamp = stamp(hone_now);
    globals[slot].over.block = check.block;
    globals[slot].over.fenced = hone_fences != check.fences;
}

/* In shared memory it is an access as others: lanes do not run in step. */
void hone_check_volatile(const void *at, uint32_t bytes, bool writes) {
    const uint64_t address = (uint64_t)(uintptr_t)at;
    if (address - check.shared < SHARED_MOST) {
        hone_check_access(at, bytes, writes);
        return;
    }
    if (pending.address)
        settle_pending();
    if (find_buffer(address, bytes, writes)) {
        if (writes)
            overwrite(address, bytes);
        tell();
    }
    atomics++;
}

void hone_check_atomic(const void *at, unsigned bytes, enum hone_atomic kind) {
    const uint64_t address = (uint64_t)(uintptr_t)at;
    if (pending.address)
        settle_pending();
    if (address - check.shared >= SHARED_MOST) {
        const uint32_t slot = slot_of(address);
        const struct trace *write = &globals[slot].write;
        if (kind == HONE_OVERWRITES)
            overwrite(address, bytes);
        if (kind == HONE_ADDS_TO && globals[slot].address == address &&
            is_race(write, stamp(hone_now), true))
            suspect(address, bytes, write->stamp, write->block != check.block);
        tell();
    }
    atomics++;
}

/* Which buffers this launch was given, as far as the host has told them; others are not its own. */
void hone_check_launch(void) {
    const struct hone_control *control = hone_control();
    char here[1];
    check.shared = (uint64_t)(uintptr_t)hone_shared;
    check.shared_bytes = (uint64_t)(uintptr_t)hone_shared_static + hone_grid.shared_bytes;
    check.stack_bytes = control->stack_bytes;
    check.stack = (uint64_t)(uintptr_t)here + 4096 - check.stack_bytes;
    check.buffer_count = check.last = 0;
    check.first_block = check.block + 1;
    atomics = 0;
    hone_fences = 1;
    for (uint32_t a = 0; a < hone_block.kernel->argument_count; a++) {
        const uint32_t element_bytes = hone_block.kernel->element_bytes[a];
        const uint64_t pointer = hone_block.arguments[a];
        for (uint32_t r = 0; element_bytes && r < control->region_count; r++) {
            const uint64_t offset = pointer - control->regions[r].address;
            if (offset >= control->regions[r].bytes ||
                check.buffer_count == HONE_CONTROL_REGIONS_MAX)
                continue;
            const uint32_t i = check.buffer_count++;
            check.buffers[i].address = pointer;
            check.buffers[i].bytes = control->regions[r].bytes - offset;
            check.buffers[i].argument = a;
            check.buffers[i].element_bytes = element_bytes;
        }
    }
}

/* Barriers are counted on from block to block, so that what the last left is old. */
void hone_check_block(void) {
    ends[check.block % ENDS].block = check.block;
    ends[check.block % ENDS].told = check.told;
    ends[check.block % ENDS].atomics = atomics;
    check.told = 0;
    check.asked = false;
    check.fences = hone_fences;
    for (uint32_t i = 0; i < HONE_THREADS_MAX; i++)
        if (hone_fibers[i].block_epoch > check.epoch)
            check.epoch = hone_fibers[i].block_epoch;
    check.epoch++;
    for (uint32_t i = 0; i < hone_block.thread_count; i++)
        hone_fibers[i].block_epoch = check.epoch;
    check.block++;
    check.begun = (uint64_t)check.epoch << (FIBER_BITS + WARP_BITS);
}

void hone_check_end(void) {
    if (pending.address)
        settle_pending();
}
