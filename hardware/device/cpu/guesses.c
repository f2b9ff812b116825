/* Reads that may be out of date, and are right all the same: who changes a word by atomicCAS reads
 * it first, plainly, and what was read is only a guess until the atomic compares it; who sees that
 * there is nothing to change needs none. So a line that reads what an atomicCAS changes, and never
 * in a launch is followed by one on the same word, reads no guess, but takes a result too early.
 */
#include "hardware/device/cpu/checks.h"

#define PLACES 64u /* statements of a kernel that do so; of more, nothing is said */

static struct {
    uint32_t at, line;
    bool confirmed, clashed;
    struct hone_conflict conflict;
} places[PLACES];
static uint32_t place_count;

void hone_guesses_forget(void) {
    place_count = 0;
}

/* PLACES: there is no room. */
static uint32_t find(uint32_t at) {
    uint32_t i = 0;
    while (i < place_count && places[i].at != at)
        i++;
    if (i < place_count || i == PLACES)
        return i;
    places[i].at = at;
    places[i].line = hone_line_at(at);
    places[i].confirmed = places[i].clashed = false;
    place_count++;
    return i;
}

void hone_confirm_at(uint32_t at) {
    const uint32_t i = find(at);
    if (i < PLACES)
        places[i].confirmed = true;
}

/* The read is one of the two: what is about to be, or what was before a change. */
void hone_guess(const struct hone_conflict *conflict) {
    const bool reads = !conflict->writes;
    struct hone_fiber *self = hone_now;
    const uint32_t i = find(reads ? conflict->now_at : conflict->then_at);
    if (i < PLACES && !places[i].clashed)
        places[i].conflict = *conflict;
    if (i < PLACES)
        places[i].clashed = true;
    if (reads)
        self->guesses[self->guess_count++ % HONE_GUESSES] =
            (struct hone_guess){conflict->address, conflict->now_at};
}

void hone_confirm(uint64_t address, uint32_t bytes) {
    for (uint32_t i = 0; i < HONE_GUESSES; i++)
        if (hone_now->guesses[i].address - address < bytes)
            hone_confirm_at(hone_now->guesses[i].at);
    hone_cells_confirm(address, bytes);
}

/* A line may be compiled into several places: what is confirmed at one is a guess at all. */
static bool is_confirmed(uint32_t line) {
    for (uint32_t i = 0; i < place_count; i++)
        if (places[i].line == line && places[i].confirmed)
            return true;
    return line == 0;
}

/* Blocks are counted as they begin, x first. */
void hone_go_back_to(uint64_t stamp) {
    const uint64_t number = hone_block_of(stamp) - hone_block_of(hone_check.launch_begun);
    const HONE_INDEX *blocks = &hone_grid.blocks;
    hone_grid.block =
        (HONE_INDEX){(unsigned)(number % blocks->x), (unsigned)(number / blocks->x % blocks->y),
                     (unsigned)(number / blocks->x / blocks->y)};
}

void hone_check_guesses(void) {
    for (uint32_t i = 0; i < place_count; i++)
        if (places[i].clashed && !is_confirmed(places[i].line)) {
            hone_go_back_to(places[i].conflict.now);
            hone_report_race(&places[i].conflict);
        }
}
