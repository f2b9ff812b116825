/* What is remembered of memory, and the rules by which an access to it is right.
 *
 * A word of memory remembers who wrote it last and two who read it; where threads touch less than a
 * word, each of its bytes does. Two accesses of different threads, one of them a write, are a race
 * when nothing orders them: no barrier of the block, in one warp no operation of the warp, and
 * nothing that one told the other (knowledge.c). Two writes of one value are no race: that is how
 * threads say the same thing.
 */
#include "hardware/device/cpu/checks.h"

#define WINDOW_START 0x400000ull
#define WORD 4u
#define CELLS (1u << 20) /* of all arguments; what is more shares them, and forgets */
#define PARTED_MOST (1u << 16)
#define PARTED 0x80000000u
#define THREAD_MARK ((uint64_t)(HONE_THREADS_MAX - 1) << HONE_STAMP_THREAD)
#define BLOCK_MARK (~0ull << HONE_STAMP_BLOCK)
#define READER_MARK (THREAD_MARK | BLOCK_MARK | HONE_STAMP_STRONG)

unsigned long long hone_waits[HONE_WARPS_MAX][HONE_WARP][HONE_WAITS];
static struct hone_cell shared_cells[HONE_SHARED_MOST / WORD], cells[CELLS + 1];
static struct hone_cell parts[PARTED_MOST][WORD];
static const struct hone_cell *part_owners[PARTED_MOST]; /* who took each last */
static uint32_t parted_count, cell_count;
static uint64_t poor_words; /* of regions that came when no cells were left */

static struct hone_buffer *last = hone_check.buffers;

extern const char hone_code[], hone_code_end[]; /* made by the linker script */

/* A write over another's, until it is seen whether it changes anything. */
static struct {
    struct hone_conflict conflict; /* address 0: none */
    uint32_t bytes;
    uint64_t before[2];
} pending;

/* Whether the lane of `now` has waited for that of `then`, or for one that has. */
static bool has_waited(uint64_t then, uint64_t now) {
    const struct hone_warp *warp = hone_thread_of(now)->warp;
    const uint32_t epoch = (uint32_t)(now >> HONE_STAMP_EPOCH), other = hone_thread_of(then)->lane;
    uint32_t stretch = hone_stretch_of(now), known = 1u << hone_thread_of(now)->lane;
    if (stretch - hone_stretch_of(then) > HONE_WAITS)
        return true; /* that is not remembered */
    while (stretch-- > hone_stretch_of(then) && !(known >> other & 1))
        for (uint32_t left = known; left; left &= left - 1) {
            const uint64_t wait =
                hone_waits[warp - hone_warps][__builtin_ctz(left)][stretch % HONE_WAITS];
            known |= wait >> 32 == epoch ? (uint32_t)wait : ~0u;
        }
    return known >> other & 1;
}

bool hone_is_before(uint64_t then, uint64_t now) {
    const uint64_t then_epoch = then >> HONE_STAMP_EPOCH, now_epoch = now >> HONE_STAMP_EPOCH;
    if (then_epoch != now_epoch)
        return then_epoch < now_epoch;
    if (((then ^ now) & THREAD_MARK) == 0)
        return hone_clock_of(then) <= hone_clock_of(now);
    if (hone_thread_of(then)->warp != hone_thread_of(now)->warp)
        return false;
    return hone_clock_of(now) == HONE_CLOCK_MOST ||
           (hone_stretch_of(then) < hone_stretch_of(now) && has_waited(then, now));
}

static void copy_bytes(uint64_t address, uint32_t bytes, uint64_t to[2]) {
    const char *from = (const char *)(uintptr_t)address; /* NOLINT: the kernel's own */
    for (uint32_t i = 0; i < bytes && i < 2 * sizeof *to; i++)
        ((char *)to)[i] = from[i];
}

/* What follows on the last suspect belongs to the same access. */
static void suspect(const struct hone_conflict *conflict, uint32_t bytes) {
    const uint64_t begun = pending.conflict.address;
    const bool follows = begun && conflict->address == begun + pending.bytes;
    pending.bytes = follows ? pending.bytes + bytes : bytes;
    pending.conflict = *conflict;
    pending.conflict.address = follows ? begun : conflict->address;
    copy_bytes(pending.conflict.address, pending.bytes, pending.before);
    hone_check.busy = true;
}

/* The write itself has happened by now: every access is told of just before it is made. */
static __attribute__((noinline)) void settle_pending(void) {
    uint64_t after[2] = {pending.before[0], pending.before[1]};
    const uint64_t address = pending.conflict.address;
    copy_bytes(address, pending.bytes, after);
    if (after[0] != pending.before[0] || after[1] != pending.before[1])
        hone_report_race(&pending.conflict);
    pending.conflict.address = 0;
    hone_check.busy = hone_check.crowded;
}

/* An access, as far as all its words have it in common. */
struct access {
    uint64_t now;
    uint32_t at;
    bool writes, shared;
};

/* Another's access to the same word, that no barrier orders. */
static __attribute__((noinline)) void meet(const struct access *access, uint64_t address,
                                           uint32_t bytes, uint64_t then, uint32_t then_at,
                                           bool wrote) {
    const struct hone_conflict conflict = {.address = address,
                                           .then = then,
                                           .now = access->now,
                                           .then_at = hone_place_of(then_at),
                                           .now_at = access->at,
                                           .wrote = wrote,
                                           .writes = access->writes};
    const bool reaches = hone_block_of(then) == hone_block_of(access->now) ||
                         (!hone_is_of_block(then_at) && !hone_is_of_block(access->at));
    const bool improves = (then & HONE_STAMP_IMPROVES) == HONE_STAMP_IMPROVES ||
                          (access->now & HONE_STAMP_IMPROVES) == HONE_STAMP_IMPROVES;
    if (wrote && !access->writes && (then & HONE_STAMP_IMPROVES) == HONE_STAMP_COPY)
        hone_report_unarrived(&conflict);
    if (then & access->now & HONE_STAMP_STRONG && reaches)
        return;
    if (hone_block_of(then) == hone_block_of(access->now) && hone_is_before(then, access->now))
        return;
    if (hone_is_known(then, access->now))
        return;
    if (wrote && access->writes)
        suspect(&conflict, bytes);
    else if (!improves)
        hone_report_race(&conflict);
    else if (hone_is_compare(then_at) || hone_is_compare(access->at))
        hone_guess(&conflict);
}

static inline bool is_same_thread(uint64_t then, uint64_t now) {
    return ((then ^ now) & (THREAD_MARK | BLOCK_MARK)) == 0;
}

/* The last direct read by the thread of `stamp` that is still known of; 0: none. */
static uint64_t find_direct_read(const struct hone_cell *cell, uint64_t stamp) {
    if (is_same_thread(cell->read, stamp))
        return hone_is_direct(cell->read_at) ? cell->read : 0;
    return is_same_thread(cell->other, stamp) && hone_is_direct(cell->other_at) ? cell->other : 0;
}

static bool is_read_outdated(const struct hone_cell *cell, uint64_t stamp) {
    return hone_is_outdated(is_same_thread(cell->read, stamp) ? cell->read_at : cell->other_at);
}

/* Volatile accesses are whole, but a read and the write of what was made of it are two of them:
 * between them another thread's change gets lost, unless that thread had told of what it did before
 * its own read, or was done altogether. What was read after that change has it in it. */
static __attribute__((noinline)) void look_for_torn(const struct hone_cell *cell,
                                                    const struct access *access, uint64_t address,
                                                    uint32_t bytes) {
    const uint64_t wrote = cell->write & ~HONE_STAMP_IMPROVES, now = access->now;
    const uint64_t began = find_direct_read(cell, wrote) & ~HONE_STAMP_IMPROVES;
    const struct hone_conflict conflict = {.address = address,
                                           .then = cell->write,
                                           .now = now,
                                           .then_at = cell->write_at,
                                           .now_at = access->at,
                                           .wrote = true,
                                           .writes = true};
    if (!find_direct_read(cell, now) || !is_read_outdated(cell, now) || is_same_thread(wrote, now))
        return;
    if (hone_block_of(wrote) == hone_block_of(now) && hone_is_before(wrote, now))
        return;
    if (!hone_is_known(began ? began : wrote & (THREAD_MARK | BLOCK_MARK), now))
        suspect(&conflict, bytes);
}

/* What a thread has read before is compared now. */
static void confirm_reads(const struct hone_cell *cell, uint64_t now) {
    if (is_same_thread(cell->read, now) && hone_is_direct(cell->read_at))
        hone_confirm_at(hone_place_of(cell->read_at));
    if (is_same_thread(cell->other, now) && hone_is_direct(cell->other_at))
        hone_confirm_at(hone_place_of(cell->other_at));
}

/* What others have read is no longer what is there. */
static inline void outdate_reads(struct hone_cell *cell, uint64_t now) {
    if (hone_is_direct(cell->read_at) && !is_same_thread(cell->read, now))
        cell->read_at |= HONE_AT_OUTDATED;
    if (hone_is_direct(cell->other_at) && !is_same_thread(cell->other, now))
        cell->other_at |= HONE_AT_OUTDATED;
}

/* Surely of what is over, before the last barrier, or of this thread itself. */
static inline bool is_settled(uint64_t then, const struct access *access) {
    const uint64_t apart = then ^ access->now;
    if (apart >> HONE_STAMP_BLOCK)
        return access->shared || then < hone_check.launch_begun;
    return apart >> HONE_STAMP_EPOCH || !(apart & THREAD_MARK);
}

/* Of two atomics that have changed a word, the cell knows the last as its writer, and both as
 * readers that are marked: who reads it without one must have waited for both. */
static inline void look_for_changes(struct hone_cell *cell, const struct access *access,
                                    uint64_t address, uint32_t bytes) {
    const uint64_t read = cell->read, other = cell->other;
    if ((read & HONE_STAMP_IMPROVES) == HONE_STAMP_IMPROVES && !is_settled(read, access))
        meet(access, address, bytes, read & ~HONE_STAMP_COPY, cell->read_at, true);
    if ((other & HONE_STAMP_IMPROVES) == HONE_STAMP_IMPROVES && !is_settled(other, access))
        meet(access, address, bytes, other & ~HONE_STAMP_COPY, cell->other_at, true);
}

static inline void look_at_reads(struct hone_cell *cell, const struct access *access,
                                 uint64_t address, uint32_t bytes) {
    if (!is_settled(cell->read, access))
        meet(access, address, bytes, cell->read & ~HONE_STAMP_COPY, cell->read_at, false);
    if (!is_settled(cell->other, access))
        meet(access, address, bytes, cell->other & ~HONE_STAMP_COPY, cell->other_at, false);
}

/* A plain write that an atomic of its own block follows is still plain to other blocks; the atomic
 * is remembered among those who read. */
static inline bool is_plain_still(uint64_t wrote, uint64_t now) {
    return now & HONE_STAMP_STRONG && !(wrote & HONE_STAMP_IMPROVES) &&
           wrote >= hone_check.launch_begun && (wrote ^ now) >> HONE_STAMP_BLOCK == 0;
}

static inline void look(struct hone_cell *cell, const struct access *access, uint64_t address,
                        uint32_t bytes) {
    const uint64_t now = access->now;
    const bool copies = (cell->write & HONE_STAMP_IMPROVES) == HONE_STAMP_COPY;
    if (!is_settled(cell->write, access) || (copies && !access->writes))
        meet(access, address, bytes, cell->write, cell->write_at, true);
    if (access->writes) {
        if (now & HONE_STAMP_STRONG && hone_is_direct(access->at) &&
            !is_settled(cell->write, access))
            look_for_torn(cell, access, address, bytes);
        look_at_reads(cell, access, address, bytes);
        outdate_reads(cell, now);
        if (!is_plain_still(cell->write, now)) {
            cell->write = now;
            cell->write_at = access->at;
        }
        if ((now & HONE_STAMP_IMPROVES) == HONE_STAMP_STRONG && cell->read == now)
            cell->read |= HONE_STAMP_COPY;
        return;
    }
    if (!(now & HONE_STAMP_STRONG))
        look_for_changes(cell, access, address, bytes);
    if ((cell->read ^ now) & READER_MARK) {
        cell->other = cell->read;
        cell->other_at = cell->read_at;
    }
    cell->read = now;
    cell->read_at = access->at;
}

/* What threads have left there of which no block will know. */
static inline bool is_unwritten(const struct hone_cell *cell, const struct access *access) {
    return access->shared && !access->writes && (cell->write ^ access->now) >> HONE_STAMP_BLOCK;
}

/* The cells of the bytes of a word that is in parts. NULL: another has them now. */
static struct hone_cell *find_parts(const struct hone_cell *cell) {
    const uint32_t had = cell->write & (PARTED_MOST - 1);
    return cell->word & PARTED && part_owners[had] == cell ? parts[had] : NULL;
}

/* The same, made where they are not. If there are no more they are taken from who had them first,
 * of whom is then known no more than that it was written, if it is a block's own. */
static struct hone_cell *part(struct hone_cell *cell, const struct access *access) {
    const uint32_t next = parted_count % PARTED_MOST;
    const uint64_t epoch = 1ull << HONE_STAMP_EPOCH, begun = hone_check.block_begun;
    const bool passed = access->shared && access->now - begun >= epoch;
    struct hone_cell one = *cell, *all = find_parts(cell);
    if (all)
        return all;
    if (cell->word & PARTED)
        one = (struct hone_cell){.write = passed ? access->now - epoch : 0};
    for (uint32_t i = 0; i < WORD; i++)
        parts[next][i] = one;
    cell->word |= PARTED;
    cell->write = hone_check.launch_begun | next;
    part_owners[next] = cell;
    parted_count++;
    return parts[next];
}

/* Up to the end of a word, some of which is touched alone. */
static __attribute__((noinline)) void look_part(struct hone_cell *cell, const struct access *access,
                                                uint64_t address, uint32_t bytes) {
    if (cell->word & PARTED && cell->write < hone_check.launch_begun)
        *cell = (struct hone_cell){.word = cell->word & ~PARTED};
    if (bytes == WORD && !(cell->word & PARTED)) {
        if (is_unwritten(cell, access))
            hone_report_unwritten(address - hone_check.shared, access->at);
        look(cell, access, address, WORD);
        return;
    }
    struct hone_cell *all = part(cell, access);
    for (uint32_t i = 0; i < bytes; i++) {
        struct hone_cell *one = &all[(address + i) % WORD];
        if (is_unwritten(one, access))
            hone_report_unwritten(address + i - hone_check.shared, access->at);
        look(one, access, address + i, 1);
    }
}

static inline __attribute__((always_inline)) void
look_word(struct hone_cell *cell, const struct access *access, uint64_t address, uint32_t bytes) {
    if (__builtin_expect((cell->word & PARTED) || bytes != WORD, 0)) {
        look_part(cell, access, address, bytes);
        return;
    }
    if (is_unwritten(cell, access))
        hone_report_unwritten(address - hone_check.shared, access->at);
    look(cell, access, address, WORD);
}

static uint32_t bytes_of_word(uint64_t address, uint32_t left) {
    const uint32_t most = WORD - (uint32_t)address % WORD;
    return left < most ? left : most;
}

static inline void look_shared(const struct access *access, uint64_t address, uint32_t bytes) {
    const uint64_t offset = address - hone_check.shared;
    if (offset + bytes > hone_check.shared_bytes)
        hone_report_past_shared(offset, access->writes, access->at);
    for (uint32_t done = 0, some; done < bytes; done += some) {
        some = bytes_of_word(address + done, bytes - done);
        look_word(&shared_cells[(offset + done) / WORD], access, address + done, some);
    }
}

static inline struct hone_cell *find_cell(const struct hone_buffer *buffer, uint64_t address) {
    const uint32_t word = (uint32_t)(address / WORD - buffer->first);
    struct hone_cell *cell = &buffer->cells[word & buffer->mask];
    if (__builtin_expect((cell->word & ~PARTED) != (word & ~PARTED), 0))
        *cell = (struct hone_cell){.word = word & ~PARTED};
    return cell;
}

static inline bool is_inside(const struct hone_buffer *buffer, uint64_t address, uint32_t bytes) {
    const uint64_t offset = address - buffer->address;
    return offset < buffer->bytes && bytes <= buffer->bytes - offset;
}

/* A thread's local variables are in no other's reach: there, the address is one of its own. */
static void check_local(uint64_t address, uint32_t bytes, const struct access *access) {
    const uint64_t offset = address - (uint64_t)(uintptr_t)hone_now->stack_base;
    if (hone_block.kernel->form == HONE_FORM_FIBERS && offset + bytes > hone_block.local_bytes)
        hone_report_foreign(access->at, access->writes);
}

static bool is_code(uint64_t address) {
    return address - (uint64_t)(uintptr_t)hone_code < (uint64_t)(hone_code_end - hone_code);
}

/* Which argument it is in. NULL: in none; the thread's own, or of the image. */
static __attribute__((noinline)) struct hone_buffer *find_buffer(uint64_t address, uint32_t bytes,
                                                                 const struct access *access) {
    if (address >= WINDOW_START && address < HONE_REPORT_ADDRESS && !is_code(address))
        return NULL;
    if (address - hone_check.stack < hone_check.stack_bytes) {
        check_local(address, bytes, access);
        return NULL;
    }
    for (uint32_t i = 0; i < hone_check.buffer_count; i++)
        if (is_inside(&hone_check.buffers[i], address, bytes))
            return last = &hone_check.buffers[i];
    hone_report_wild(address, bytes, access->writes, access->at);
}

static inline void look_global(const struct access *access, uint64_t address, uint32_t bytes) {
    const struct hone_buffer *buffer = last;
    if (!is_inside(buffer, address, bytes))
        buffer = find_buffer(address, bytes, access);
    if (!buffer || !buffer->cells)
        return;
    for (uint32_t done = 0, some; done < bytes; done += some) {
        some = bytes_of_word(address + done, bytes - done);
        look_word(find_cell(buffer, address + done), access, address + done, some);
    }
}

__attribute__((noinline)) void hone_look(const void *to, uint32_t bytes, bool writes,
                                         uint64_t marks, uint32_t at) {
    const uint64_t address = (uint64_t)(uintptr_t)to;
    const bool shared = address - hone_check.shared < HONE_SHARED_MOST;
    const struct access access = {hone_now->stamp | marks, at, writes, shared};
    hone_overtaken_end();
    if (pending.conflict.address)
        settle_pending();
    if (hone_check.crowded)
        hone_residents_pass();
    if (shared)
        look_shared(&access, address, bytes);
    else
        look_global(&access, address, bytes);
}

/* What is known of a word as a whole, or of the part of it that is at `address`. NULL: nothing. */
static struct hone_cell *find_known(uint64_t address) {
    const uint64_t offset = address - hone_check.shared;
    struct hone_cell *cell = offset < HONE_SHARED_MOST ? &shared_cells[offset / WORD] : NULL;
    for (uint32_t i = 0; !cell && i < hone_check.buffer_count; i++)
        if (is_inside(&hone_check.buffers[i], address, 1) && hone_check.buffers[i].cells)
            cell = find_cell(&hone_check.buffers[i], address);
    if (!cell || !(cell->word & PARTED))
        return cell;
    struct hone_cell *all = cell->write < hone_check.launch_begun ? NULL : find_parts(cell);
    return all ? &all[address % WORD] : NULL;
}

bool hone_was_written(const void *at, uint64_t *then, uint32_t *then_at) {
    const struct hone_cell *cell = find_known((uint64_t)(uintptr_t)at);
    if (!cell || cell->write < hone_check.launch_begun)
        return false;
    *then = cell->write;
    *then_at = cell->write_at;
    return true;
}

void hone_cells_confirm(uint64_t address, uint32_t bytes) {
    const uint64_t end = address + bytes;
    for (uint64_t at = address; at < end; at += bytes < WORD ? 1 : WORD) {
        struct hone_cell *cell = find_known(at);
        if (cell)
            confirm_reads(cell, hone_now->stamp);
    }
}

void hone_check_access(const void *at, uint32_t bytes, bool writes, uint32_t from) {
    hone_look(at, bytes, writes, 0, from);
}

/* Below, the same once more for what nearly all accesses are: whole words, inside, that nobody else
 * has touched since the last barrier. Whatever is not quite so is for hone_look() to tell. */
#define FAST static inline __attribute__((always_inline))

FAST bool is_old(uint64_t then, uint64_t now, bool shared) {
    const uint64_t apart = then ^ now;
    return apart >> HONE_STAMP_BLOCK   ? shared || then < hone_check.launch_begun
           : apart >> HONE_STAMP_EPOCH ? true
                                       : !(apart & THREAD_MARK);
}

FAST bool note_write(struct hone_cell *cell, uint64_t now, bool shared, uint32_t at) {
    if (!is_old(cell->write, now, shared) || !is_old(cell->read, now, shared) ||
        !is_old(cell->other, now, shared) || cell->write & HONE_STAMP_COPY)
        return false;
    cell->write = now;
    cell->write_at = at;
    return true;
}

FAST bool note_read(struct hone_cell *cell, uint64_t now, bool shared, uint32_t at) {
    if (!is_old(cell->write, now, shared) ||
        (cell->write | cell->read | cell->other) & HONE_STAMP_COPY)
        return false;
    if (cell->read == now)
        return true;
    if ((cell->read ^ now) & READER_MARK) {
        cell->other = cell->read;
        cell->other_at = cell->read_at;
    }
    cell->read = now;
    cell->read_at = at;
    return true;
}

/* What other blocks have left in shared memory is no block's business. */
FAST bool is_own(uint64_t then, uint64_t now) {
    return (then ^ now) >> HONE_STAMP_BLOCK == 0;
}

FAST bool note_shared(uint64_t offset, uint32_t bytes, bool writes, uint64_t now, uint32_t at) {
    struct hone_cell *cell = &shared_cells[offset / WORD];
    bool noted = offset + bytes <= hone_check.shared_bytes;
    for (uint32_t i = 0; noted && i < bytes / WORD; i++, cell++)
        noted = cell->word == 0 && (writes || is_own(cell->write, now)) &&
                (writes ? note_write(cell, now, true, at) : note_read(cell, now, true, at));
    return noted;
}

FAST bool note_global(uint64_t address, uint32_t bytes, bool writes, uint64_t now, uint32_t at) {
    const struct hone_buffer *buffer = last;
    const uint64_t offset = address - buffer->address;
    uint32_t word = (uint32_t)(address / WORD - buffer->first);
    bool noted = offset < buffer->bytes && buffer->bytes - offset >= bytes;
    for (uint32_t i = 0; noted && buffer->cells && i < bytes / WORD; i++, word++) {
        struct hone_cell *cell = &buffer->cells[word & buffer->mask];
        if (__builtin_expect(((cell->word ^ word) & ~PARTED) != 0, 0))
            *cell = (struct hone_cell){.word = word};
        noted = cell->word == word &&
                (writes ? note_write(cell, now, false, at) : note_read(cell, now, false, at));
    }
    return noted;
}

FAST void note(const void *to, uint32_t bytes, bool writes, uint32_t at) {
    const uint64_t address = (uint64_t)(uintptr_t)to, offset = address - hone_check.shared;
    const uint64_t now = hone_now->stamp;
    bool noted = bytes % WORD == 0 && address % WORD == 0 && !hone_check.busy;
    if (noted && offset < HONE_SHARED_MOST)
        noted = note_shared(offset, bytes, writes, now, at);
    else if (noted)
        noted = note_global(address, bytes, writes, now, at);
    if (__builtin_expect(!noted, 0))
        hone_look(to, bytes, writes, 0, at);
}

/* Cells for the words of a region: as many as there are left, in a power of two. Regions for which
 * none are left share the last, in which each word has a number of its own. */
void hone_cells_take(uint64_t address, uint64_t bytes, struct hone_buffer *buffer) {
    const uint64_t words = (address + bytes - 1) / WORD - address / WORD + 1;
    const uint32_t left = CELLS - cell_count;
    uint32_t count = 1;
    while (count < words && 2 * count <= left)
        count *= 2;
    buffer->first = address / WORD - (left ? 0 : poor_words);
    buffer->cells = &cells[cell_count]; /* none left: the one behind all others */
    buffer->mask = left ? count - 1 : 0;
    cell_count += !left ? 0 : count < words ? count : (uint32_t)words;
    poor_words += left ? 0 : words;
}

void hone_cells_begin(void) {
    hone_check.buffers[0].bytes = 0;
    last = hone_check.buffers;
    cell_count = parted_count = 0;
    poor_words = 0;
}

void hone_cells_forget(void) {
    __builtin_memset(cells, 0, sizeof cells);
    __builtin_memset(shared_cells, 0, sizeof shared_cells);
}

void hone_cells_keep(struct hone_cell *to, uint32_t words) {
    __builtin_memcpy(to, shared_cells, words * sizeof *to);
}

void hone_cells_restore(const struct hone_cell *from, uint32_t words) {
    __builtin_memcpy(shared_cells, from, words * sizeof *from);
}

void hone_cells_clear(uint32_t words) {
    __builtin_memset(shared_cells, 0, words * sizeof *shared_cells);
}

void hone_cells_settle(void) {
    if (pending.conflict.address)
        settle_pending();
}

/* What compilers call. The names are theirs. */
#define FROM ((uint32_t)(uintptr_t)__builtin_return_address(0))
#define ACCESS(size)                                                                               \
    void __tsan_read##size(const void *at);                                                        \
    void __tsan_write##size(const void *at);                                                       \
    void __tsan_unaligned_read##size(const void *at);                                              \
    void __tsan_unaligned_write##size(const void *at);                                             \
    void __tsan_read##size(const void *at) {                                                       \
        note(at, size, false, FROM);                                                               \
    }                                                                                              \
    void __tsan_write##size(const void *at) {                                                      \
        note(at, size, true, FROM);                                                                \
    }                                                                                              \
    void __tsan_unaligned_read##size(const void *at) {                                             \
        hone_check_access(at, size, false, FROM);                                                  \
    }                                                                                              \
    void __tsan_unaligned_write##size(const void *at) {                                            \
        hone_check_access(at, size, true, FROM);                                                   \
    }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
