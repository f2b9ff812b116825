/* Changes of one thread that others see in another order: what it stores first may arrive last,
 * unless a fence lies in between. So who has seen the later one, as a flag that something is there,
 * cannot count on the earlier, even where both are volatile, and each of them whole. Who waits for
 * each of them can: where one that was overtaken is read for the first time, the reader is given
 * what was there before, once for each statement, and it is seen whether it asks again.
 */
#include "hardware/device/cpu/checks.h"

#define WORDS                                                                                      \
    (1u << 13) /* a power of two; half of it is used, and of more words nothing is known */
#define LAST 4u
#define PLACES 64u /* statements of a kernel that read so; of more, nothing is said */
#define VALUE_MOST 16u

static struct {
    uint64_t address; /* 0: free */
    uint64_t lookers; /* who may have seen a change: a bit for many threads */
    struct hone_change last[LAST];
    uint64_t at; /* of the first change, before which this was there */
    uint32_t bytes;
    char before[VALUE_MOST];
    uint32_t count;
} words[WORDS];
static uint32_t word_count, serial;

static struct {
    uint32_t at;
    bool polls, clashed, tried;
    struct hone_conflict conflict;
} places[PLACES];
static uint32_t place_count;

/* What was put back for a read that is about to be made. */
static struct {
    char *at; /* NULL: nothing */
    uint32_t bytes;
    char now[VALUE_MOST];
} outdated;

void hone_changes_forget(void) {
    place_count = 0;
    for (uint32_t i = 0; word_count && i < WORDS; i++)
        words[i].address = 0;
    word_count = serial = 0;
}

static uint32_t find(uint64_t address) {
    uint32_t i = (uint32_t)(address * 0x9e3779b97f4a7c15ull >> 51) % WORDS;
    while (words[i].address && words[i].address != address)
        i = (i + 1) % WORDS;
    return i;
}

static bool is_same_thread(uint64_t one, uint64_t other) {
    return hone_block_of(one) == hone_block_of(other) &&
           hone_position_of(one) == hone_position_of(other);
}

static uint64_t looker(uint64_t stamp) {
    const uint64_t thread = hone_block_of(stamp) * HONE_THREADS_MAX + hone_position_of(stamp);
    return 1ull << (thread * 0x9e3779b97f4a7c15ull >> 58);
}

void hone_change_made(const void *at, uint32_t bytes, uint64_t stamp) {
    const uint64_t word = (uint64_t)(uintptr_t)at / 4;
    const uint32_t i = find(word);
    if (!words[i].address) {
        if (word_count == WORDS / 2)
            return;
        word_count++;
        words[i].address = word;
        words[i].count = 0;
        words[i].lookers = 0;
        words[i].at = (uint64_t)(uintptr_t)at;
        words[i].bytes = bytes;
        if (bytes <= VALUE_MOST)
            __builtin_memcpy(words[i].before, at, bytes);
        for (uint32_t c = 0; c < LAST; c++)
            words[i].last[c] = (struct hone_change){0};
    }
    words[i].lookers |= looker(stamp);
    words[i].last[words[i].count++ % LAST] = (struct hone_change){stamp, ++serial};
}

static void remember(struct hone_fiber *self, const struct hone_change *change) {
    if (!change->serial || is_same_thread(change->stamp, self->stamp))
        return;
    for (uint32_t i = 0; i < HONE_SEEN; i++)
        if (self->seen[i].serial == change->serial)
            return;
    self->seen[self->seen_count++ % HONE_SEEN] = *change;
}

void hone_change_seen(uint64_t word, struct hone_fiber *self) {
    const uint32_t i = find(word);
    for (uint32_t c = 0; words[i].address && c < LAST; c++)
        remember(self, &words[i].last[c]);
    if (words[i].address)
        words[i].lookers |= looker(self->stamp);
}

bool hone_is_overtaken(uint64_t word, uint64_t then, const struct hone_fiber *self) {
    const uint32_t i = find(word);
    uint32_t made = 0;
    for (uint32_t c = 0; words[i].address && c < LAST; c++)
        if (is_same_thread(words[i].last[c].stamp, then) && words[i].last[c].serial > made)
            made = words[i].last[c].serial;
    for (uint32_t s = 0; made && s < HONE_SEEN; s++)
        if (self->seen[s].serial > made && is_same_thread(self->seen[s].stamp, then))
            return true;
    return false;
}

/* PLACES: there is no room. */
static uint32_t find_place(uint32_t at) {
    uint32_t i = 0;
    while (i < place_count && places[i].at != at)
        i++;
    if (i < place_count || i == PLACES)
        return i;
    __builtin_memset(&places[i], 0, sizeof places[i]);
    places[i].at = at;
    place_count++;
    return i;
}

void hone_overtaken_polls(uint32_t at) {
    const uint32_t i = find_place(at);
    if (i < PLACES)
        places[i].polls = true;
}

/* Compilers may make two of a loop's first read and the others: those are of one line. */
void hone_overtaken_again(const void *address, uint32_t at) {
    struct hone_guess *last = &hone_now->outdated;
    if (last->address != (uint64_t)(uintptr_t)address)
        return;
    last->address = 0;
    if (last->at != at && hone_line_at(last->at) != hone_line_at(at))
        return;
    hone_overtaken_polls(last->at);
    hone_overtaken_polls(at);
}

void hone_overtaken_end(void) {
    if (!outdated.at)
        return;
    __builtin_memcpy(outdated.at, outdated.now, outdated.bytes);
    outdated.at = NULL;
    hone_check.busy = hone_check.crowded;
}

/* Only to whom that has seen no change of it: what was seen does not go back. */
static void put_back(const struct hone_conflict *conflict, uint32_t bytes) {
    const uint32_t i = find(conflict->address / 4);
    if (words[i].at != conflict->address || words[i].bytes != bytes || bytes > VALUE_MOST ||
        words[i].lookers & looker(hone_now->stamp))
        return;
    outdated.at = (char *)(uintptr_t)conflict->address; /* NOLINT: the kernel's own */
    outdated.bytes = bytes;
    __builtin_memcpy(outdated.now, outdated.at, bytes);
    __builtin_memcpy(outdated.at, words[i].before, bytes);
    hone_now->outdated = (struct hone_guess){conflict->address, conflict->now_at};
    hone_check.busy = true;
}

void hone_overtaken_read(const struct hone_conflict *conflict, uint32_t bytes) {
    const uint32_t i = find_place(conflict->now_at);
    if (i == PLACES || places[i].polls)
        return;
    if (!places[i].clashed)
        places[i].conflict = *conflict;
    places[i].clashed = true;
    if (!places[i].tried)
        put_back(conflict, bytes);
    places[i].tried |= outdated.at != NULL;
}

void hone_check_overtaken(void) {
    for (uint32_t i = 0; i < place_count; i++)
        if (places[i].clashed && !places[i].polls) {
            hone_go_back_to(places[i].conflict.now);
            hone_report_overtaken(&places[i].conflict);
        }
}
