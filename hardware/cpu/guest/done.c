#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <unistd.h>

/* A supervisor that is gone, or a pipe that the candidate closed: nobody to work for. */
static void say(const struct hone_guest_done *done) {
    if (write(HONE_CHILD_DONE, done, sizeof *done) != (ssize_t)sizeof *done)
        _exit(1);
}

void hone_done_park(const struct hone_guest_done *done, struct hone_guest_go *go) {
    say(done);
    ssize_t got;
    do
        got = read(HONE_CHILD_GO, go, sizeof *go);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof *go)
        _exit(1);
}

_Noreturn void hone_done_final(const struct hone_guest_done *done) {
    say(done);
    for (;;)
        pause();
}
