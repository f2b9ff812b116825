/* Reads that may be out of date, and are right all the same: a thread that changes a word by
 * atomicCAS has to read it first, and what it has read is only a guess until the atomic compares
 * it. Which reads were guesses is known when the thread comes to where it waits for others, or
 * ends.
 */
#include "hardware/device/cpu/checks.h"

bool hone_guess(const struct hone_conflict *conflict) {
    struct hone_fiber *self = hone_now;
    if (hone_block.kernel->form != HONE_FORM_FIBERS || !hone_is_direct(conflict->now_at))
        return false;
    for (uint32_t i = 0; i < self->guess_count; i++)
        if (self->guesses[i].address == conflict->address)
            return true;
    if (self->guess_count == HONE_GUESSES)
        return false;
    self->guesses[self->guess_count++] = (struct hone_guess){
        conflict->address, conflict->then, conflict->now, conflict->then_at, conflict->now_at};
    return true;
}

void hone_confirm(uint64_t address, uint32_t bytes) {
    struct hone_fiber *self = hone_now;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->guess_count; i++)
        if (self->guesses[i].address - address >= bytes)
            self->guesses[kept++] = self->guesses[i];
    self->guess_count = kept;
    hone_cells_confirm(address, bytes);
}

void hone_check_guesses(void) {
    const struct hone_guess *guess = hone_now->guesses;
    if (hone_now->guess_count == 0)
        return;
    const struct hone_conflict conflict = {.address = guess->address,
                                           .then = guess->then,
                                           .now = guess->now,
                                           .then_at = guess->then_at,
                                           .now_at = guess->now_at,
                                           .wrote = true};
    hone_report_race(&conflict);
}
