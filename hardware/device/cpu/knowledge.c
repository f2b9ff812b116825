/* What threads know of each other beside barriers: by atomics, volatile accesses and fences.
 *
 * A thread that makes a fence and then changes a strong word tells whoever looks at the word after
 * that of all it did before the fence, and of what others did before a barrier in between. That is
 * kept as a log of who told and who looked; only where two accesses clash, it is asked whether
 * there is a way from one to the other. Who looks needs no fence of its own here.
 *
 * Mostly it is a short way back. Where the log, its words or the questions are too many, everybody
 * is taken to know everything.
 */
#include "hardware/device/cpu/checks.h"

#define EVENTS (1u << 15)
#define WORDS (1u << 13) /* a power of two; half of it is used */
#define LOOKS_BACK 64u   /* events, for the short way */
#define TELLS_BACK 16u
#define STEPS_MOST 100000000u /* of all questions of a launch: a second or less */

struct event {
    uint64_t stamp; /* up to when what was done is told to all; when it was looked */
    uint64_t near;  /* up to when it is told to threads of the same block */
    uint32_t word;  /* which of `words` */
    uint32_t told;  /* the last event before that told by this word, counted from 1 */
    bool tells;
};

static struct event events[EVENTS];
static uint32_t event_count;

static struct {
    uint64_t address; /* 0: free */
    uint32_t told;    /* the last event, counted from 1 */
    uint64_t asked;   /* the last question to which it was an answer */
} words[WORDS];
static uint32_t word_count, steps;
static bool full;

/* The last question: what was told to one who is at a stamp, newest first. */
static struct {
    uint64_t now, number;
    uint32_t event_count;
    uint64_t told[EVENTS];
    uint32_t told_count;
} question;

/* When a block's last fence was, and when the last one before that barrier; the same of a warp and
 * its operations. */
struct hone_all_fences hone_fences;

/* What each thread has looked at last, so that who waits leaves one event. */
static struct {
    uint64_t block;
    uint32_t word, told;
} looked[HONE_THREADS_MAX];

void hone_know_nothing(void) {
    for (uint32_t i = 0; word_count && i < WORDS; i++)
        words[i].address = 0;
    event_count = word_count = steps = 0;
    full = false;
    hone_fences = (struct hone_all_fences){0};
}

static struct hone_fences *fences_of_warp(struct hone_block_fences *fences, uint64_t stamp) {
    return &fences->warps[hone_thread_of(stamp)->warp - hone_warps];
}

/* Up to a barrier, or an operation of the warp, all are the same one. */
static void add_fence(struct hone_fences *fences, uint64_t stamp, uint32_t shift) {
    if (stamp >> shift != fences->last >> shift)
        fences->before = fences->last;
    fences->last = stamp;
}

void hone_know_fence(uint64_t stamp, bool of_block) {
    add_fence(&hone_fences.any.block, stamp, HONE_STAMP_EPOCH);
    add_fence(fences_of_warp(&hone_fences.any, stamp), stamp, HONE_STAMP_CLOCK + 1);
    if (of_block)
        return;
    add_fence(&hone_fences.device.block, stamp, HONE_STAMP_EPOCH);
    add_fence(fences_of_warp(&hone_fences.device, stamp), stamp, HONE_STAMP_CLOCK + 1);
}

/* Its place, or where it would be. */
static uint32_t find(uint64_t address) {
    uint32_t i = (uint32_t)(address * 0x9e3779b97f4a7c15ull >> 51) % WORDS;
    while (words[i].address && words[i].address != address)
        i = (i + 1) % WORDS;
    return i;
}

static void add_event(uint64_t stamp, uint64_t near, uint32_t word, bool tells) {
    full |= event_count == EVENTS;
    if (!full)
        events[event_count++] = (struct event){stamp, near, word, words[word].told, tells};
}

/* What all have done that know of the last fence before now: the end of what a barrier, or an
 * operation of the warp, has ended since. 0: there was none in this block. */
static uint64_t end_of(const struct hone_fences *fences, uint64_t now, uint32_t shift) {
    const uint64_t fence = fences->last >> shift < now >> shift ? fences->last : fences->before;
    if (!fence || hone_block_of(fence) != hone_block_of(now))
        return 0;
    return ((fence >> shift) + 1) << shift |
           (now & (uint64_t)(HONE_THREADS_MAX - 1) << HONE_STAMP_THREAD);
}

/* Up to when what was done is told by who changes a word now: its last fence, or another's that it
 * knows of. 0: nothing. */
static uint64_t told_until(const struct hone_fiber *self, struct hone_block_fences *fences,
                           uint64_t own) {
    const uint64_t block = end_of(&fences->block, self->stamp, HONE_STAMP_EPOCH);
    const uint64_t warp =
        end_of(fences_of_warp(fences, self->stamp), self->stamp, HONE_STAMP_CLOCK + 1);
    uint64_t until = own;
    until = block > until ? block : until;
    return warp > until ? warp : until;
}

void hone_know_write(uint64_t address, struct hone_fiber *self) {
    const uint64_t near = told_until(self, &hone_fences.any, self->fence);
    if (!near || full)
        return;
    const uint32_t i = find(address);
    if (!words[i].address) {
        full = ++word_count > WORDS / 2;
        words[i].address = address;
        words[i].told = 0;
    }
    add_event(told_until(self, &hone_fences.device, self->device_fence), near, i, true);
    words[i].told = event_count;
}

void hone_know_read(uint64_t address, struct hone_fiber *self) {
    if (!word_count || full)
        return;
    const uint32_t i = find(address), thread = hone_position_of(self->stamp);
    const uint64_t block = hone_block_of(self->stamp);
    if (!words[i].address || (looked[thread].block == block && looked[thread].word == i &&
                              looked[thread].told == words[i].told))
        return;
    looked[thread].block = block;
    looked[thread].word = i;
    looked[thread].told = words[i].told;
    add_event(self->stamp, self->stamp, i, false);
}

/* Whether what was done at `then` is before something told at one of the last question's. */
static bool is_told(uint64_t then) {
    steps += question.told_count;
    for (uint32_t i = 0; i < question.told_count; i++)
        if (hone_block_of(question.told[i]) == hone_block_of(then) &&
            hone_is_before(then, question.told[i]))
            return true;
    return false;
}

/* What an event tells to one who is at `now`: to other blocks, what a fence for all was made of. */
static uint64_t told_to(const struct event *event, uint64_t now) {
    return hone_block_of(event->near) == hone_block_of(now) ? event->near : event->stamp;
}

/* From the last event to the first: a look that is before `now`, or before something that was told
 * to it, makes known what was told by that word until then. */
static void ask(uint64_t now) {
    question.now = now;
    question.event_count = event_count;
    question.told_count = 0;
    question.number++;
    for (uint32_t i = event_count; i-- > 0;) {
        const struct event *event = &events[i];
        const bool known = words[event->word].asked == question.number;
        if (event->tells && known)
            question.told[question.told_count++] = told_to(event, now);
        if (event->tells || known)
            continue;
        const bool own = hone_block_of(event->stamp) == hone_block_of(now);
        if ((own && hone_is_before(event->stamp, now)) || is_told(event->stamp))
            words[event->word].asked = question.number;
    }
}

/* The same, where `now` has just looked at a word by which it was just told. */
static bool is_just_told(uint64_t then, uint64_t now) {
    for (uint32_t i = event_count, back = 0; i-- > 0 && back < LOOKS_BACK; back++) {
        const struct event *look = &events[i];
        if (look->tells || hone_block_of(look->stamp) != hone_block_of(now) ||
            !hone_is_before(look->stamp, now))
            continue;
        uint32_t told = look->told;
        for (uint32_t tells = 0; told && tells < TELLS_BACK; tells++) {
            const struct event *tell = &events[told - 1];
            const uint64_t until = told_to(tell, now);
            if (hone_block_of(until) == hone_block_of(then) && hone_is_before(then, until))
                return true;
            told = tell->told;
        }
    }
    return false;
}

bool hone_is_known(uint64_t then, uint64_t now) {
    now &= ~(HONE_STAMP_STRONG | HONE_STAMP_COPY);
    if (full || !event_count)
        return full;
    if (is_just_told(then, now))
        return true;
    steps += event_count;
    full = steps > STEPS_MOST;
    if (question.now != now || question.event_count != event_count)
        ask(now);
    return is_told(then);
}
