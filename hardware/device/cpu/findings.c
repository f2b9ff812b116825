/* What the checking build says of what it finds. */
#include "hardware/device/cpu/checks.h"
#include "plugins/evidence.h"

static void say_place(struct hone_text *text, uint64_t address) {
    const uint64_t offset = address - hone_check.shared;
    if (offset < HONE_SHARED_MOST) {
        hone_say(text, "byte ");
        hone_say_number(text, offset);
        hone_say(text, " of shared memory");
        return;
    }
    for (uint32_t i = 0; i < hone_check.buffer_count; i++) {
        const struct hone_buffer *buffer = &hone_check.buffers[i];
        if (address - buffer->address >= buffer->bytes)
            continue;
        hone_say(text, "element ");
        hone_say_number(text, (address - buffer->address) / buffer->element_bytes);
        hone_say(text, " of argument ");
        hone_say_number(text, buffer->argument + 1);
        return;
    }
}

static void say_does(struct hone_text *text, bool writes, uint32_t at) {
    hone_say(text, writes ? " writes it" : " reads it");
    hone_say_line(text, " in", hone_line_at(at));
}

/* Blocks of a launch are counted as they run, x first. */
static void say_block(struct hone_text *text, uint64_t stamp) {
    const uint64_t number = hone_block_of(stamp) - hone_block_of(hone_check.launch_begun);
    const HONE_INDEX *blocks = &hone_grid.blocks;
    hone_say(text, " of block (");
    hone_say_number(text, number % blocks->x);
    hone_say(text, ",");
    hone_say_number(text, number / blocks->x % blocks->y);
    hone_say(text, ",");
    hone_say_number(text, number / blocks->x / blocks->y);
    hone_say(text, ")");
}

static void say_remedy(struct hone_text *text, const struct hone_conflict *conflict) {
    const bool global = conflict->address - hone_check.shared >= HONE_SHARED_MOST;
    const struct hone_fiber *other = hone_thread_of(conflict->then);
    const struct hone_fiber *self = hone_thread_of(conflict->now);
    const bool strong = (conflict->then | conflict->now) & HONE_STAMP_STRONG;
    if (hone_is_of_block(conflict->then_at) || hone_is_of_block(conflict->now_at))
        hone_say(text, "; an atomic whose name ends in _block is one for the threads of its own "
                       "block only");
    else if ((conflict->then & conflict->now & HONE_STAMP_STRONG) && conflict->writes)
        hone_say(text, "; a volatile access is whole, but what is read, changed and written back "
                       "is two of them, and what others do in between gets lost: an atomic is "
                       "missing");
    else if (strong && global)
        hone_say(text, "; one is an atomic or volatile, and the other must be, or come after a "
                       "barrier, or after a flag that is set behind __threadfence()");
    else if (global)
        hone_say(text, "; an atomic is missing, or an element for each thread, or __threadfence() "
                       "before the flag that says it is done");
    else if (other->warp == self->warp)
        hone_say(text, "; __syncwarp() or __syncthreads() is missing (lanes of a warp do not "
                       "run in step)");
    else
        hone_say(text, "; __syncthreads() is missing");
}

void hone_report_race(const struct hone_conflict *conflict) {
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say(&text, "race on ");
    say_place(&text, conflict->address);
    hone_say(&text, ": ");
    hone_say_fiber(&text, hone_thread_of(conflict->then));
    if (hone_block_of(conflict->then) != hone_block_of(conflict->now))
        say_block(&text, conflict->then);
    say_does(&text, conflict->wrote, conflict->then_at);
    hone_say(&text, ", ");
    hone_say_fiber(&text, hone_thread_of(conflict->now));
    say_does(&text, conflict->writes, conflict->now_at);
    hone_say(&text, ", and nothing is waited for in between");
    say_remedy(&text, conflict);
    hone_report_end(&text);
}

void hone_report_overtaken(const struct hone_conflict *conflict) {
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say_fiber(&text, hone_thread_of(conflict->now));
    hone_say(&text, " reads ");
    say_place(&text, conflict->address);
    hone_say_line(&text, " in", hone_line_at(conflict->now_at));
    hone_say(&text, ", which ");
    hone_say_fiber(&text, hone_thread_of(conflict->then));
    say_block(&text, conflict->then);
    hone_say_line(&text, " has written in", hone_line_at(conflict->then_at));
    hone_say(&text, " before the change by which it says so: without __threadfence() in between "
                    "the change may be seen first");
    hone_report_end(&text);
}

void hone_report_stale(uint64_t address, uint64_t then, uint32_t then_at, uint32_t at) {
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say_fiber(&text, hone_now);
    hone_say(&text, " reads ");
    say_place(&text, address);
    hone_say_line(&text, " by __ldg() in", hone_line_at(at));
    hone_say(&text, ", which ");
    hone_say_fiber(&text, hone_thread_of(then));
    if (hone_block_of(then) != hone_block_of(hone_now->stamp))
        say_block(&text, then);
    hone_say_line(&text, " has written in", hone_line_at(then_at));
    hone_say(&text, " of the same launch: __ldg() is for what no thread writes while the kernel "
                    "runs; a plain read sees it");
    hone_report_end(&text);
}

void hone_report_foreign(uint32_t at, bool writes) {
    struct hone_text text = hone_report_begin(HONE_REASON_OUT_OF_BOUNDS);
    hone_say_fiber(&text, hone_now);
    hone_say(&text, writes ? " writes" : " reads");
    hone_say(&text, " a local variable of another thread by its address");
    hone_say_line(&text, ", in", hone_line_at(at));
    hone_say(&text, "; each thread has local memory of its own: __shared__ is what a block has "
                    "together");
    hone_report_end(&text);
}

void hone_report_unarrived(const struct hone_conflict *conflict) {
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say_fiber(&text, hone_thread_of(conflict->now));
    hone_say(&text, " reads ");
    say_place(&text, conflict->address);
    hone_say_line(&text, " in", hone_line_at(conflict->now_at));
    hone_say(&text, ", to which ");
    hone_say_fiber(&text, hone_thread_of(conflict->then));
    hone_say_line(&text, " copies in", hone_line_at(conflict->then_at));
    hone_say(&text, " without having waited for the copy: it may not have arrived");
    hone_report_end(&text);
}

void hone_report_unwritten(uint64_t offset, uint32_t at) {
    struct hone_text text = hone_report_begin(HONE_REASON_NONDETERMINISTIC);
    hone_say_fiber(&text, hone_now);
    hone_say(&text, " reads ");
    say_place(&text, hone_check.shared + offset);
    hone_say_line(&text, " in", hone_line_at(at));
    hone_say(&text, ", which nobody of the block has written yet");
    hone_report_end(&text);
}

void hone_report_past_shared(uint64_t offset, bool writes, uint32_t at) {
    struct hone_text text = hone_report_begin(HONE_REASON_OUT_OF_BOUNDS);
    hone_say_fiber(&text, hone_now);
    hone_say(&text, writes ? " writes " : " reads ");
    say_place(&text, hone_check.shared + offset);
    hone_say_line(&text, " in", hone_line_at(at));
    hone_say(&text, ", past the ");
    hone_say_number(&text, hone_check.shared_bytes);
    hone_say(&text, " bytes that the block has");
    hone_report_end(&text);
}

/* Where it is outside of the argument that is nearest, if one is near. */
static void say_nearest(struct hone_text *text, uint64_t address) {
    const struct hone_buffer *near = NULL;
    uint64_t distance = UINT64_MAX;
    for (uint32_t i = 0; i < hone_check.buffer_count; i++) {
        const struct hone_buffer *buffer = &hone_check.buffers[i];
        const uint64_t past = address - buffer->address, before = buffer->address - address;
        const uint64_t apart = past < before ? past : before;
        if (apart >= distance)
            continue;
        distance = apart;
        near = buffer;
    }
    if (!near || distance > 1u << 30) {
        hone_say(text, "where no argument is");
        return;
    }
    const bool below = address < near->address;
    const uint64_t size = near->element_bytes;
    hone_say(text, "at element ");
    hone_say(text, below ? "-" : "");
    hone_say_number(text, (distance + (below ? size - 1 : 0)) / size);
    hone_say(text, " of argument ");
    hone_say_number(text, near->argument + 1);
    hone_say(text, ", which has ");
    hone_say_number(text, near->bytes / size);
}

void hone_report_wild(uint64_t address, uint32_t bytes, bool writes, uint32_t at) {
    struct hone_text text = hone_report_begin(HONE_REASON_OUT_OF_BOUNDS);
    hone_say_fiber(&text, hone_now);
    hone_say(&text, writes ? " writes " : " reads ");
    hone_say_number(&text, bytes);
    hone_say(&text, bytes == 1 ? " byte " : " bytes ");
    say_nearest(&text, address);
    hone_say_line(&text, ", in", hone_line_at(at));
    hone_report_end(&text);
}
