/* Changes of one thread that others see in another order: what it stores first may arrive last,
 * unless a fence lies in between. So who has seen the later one, as a flag that something is there,
 * cannot count on the earlier, even where both are volatile, and each of them whole.
 */
#include "hardware/device/cpu/checks.h"

#define WORDS                                                                                      \
    (1u << 13) /* a power of two; half of it is used, and of more words nothing is known */
#define LAST 4u

static struct {
    uint64_t address; /* 0: free */
    struct hone_change last[LAST];
    uint32_t count;
} words[WORDS];
static uint32_t word_count, serial;

void hone_changes_forget(void) {
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

void hone_change_made(uint64_t word, uint64_t stamp) {
    const uint32_t i = find(word);
    if (!words[i].address) {
        if (word_count == WORDS / 2)
            return;
        word_count++;
        words[i].address = word;
        words[i].count = 0;
        for (uint32_t c = 0; c < LAST; c++)
            words[i].last[c] = (struct hone_change){0};
    }
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
