#include "hardware/cpu/cpu.h"

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000ull

/* A packet of the process, if there is one: its size, cut to one byte more than a done has; 0 when
 * the pipe is closed; -EAGAIN when there is none. */
static ssize_t take(const struct process *process, struct hone_guest_done *done) {
    struct iovec vectors[2] = {{done, sizeof *done}, {&(char){0}, 1}};
    ssize_t got;
    do
        got = readv(process->done, vectors, 2);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

/* Nothing may be in the pipe of a parked process: what is, was meant to be the next done. */
bool hone_cpu_pipes_go(struct process *process, const struct hone_guest_go *go) {
    struct hone_guest_done early;
    return take(process, &early) == -EAGAIN &&
           write(process->go, go, sizeof *go) == (ssize_t)sizeof *go;
}

void hone_cpu_pipes_hear(struct process *process, uint64_t deadline_ns, uint64_t now_ns,
                         struct hearing *hearing) {
    *hearing = (struct hearing){.heard = HEARD_END, .when_ns = now_ns};
    for (;; now_ns = hone_cpu_now_ns()) {
        struct pollfd polled[] = {{.fd = process->done, .events = POLLIN},
                                  {.fd = process->pidfd, .events = POLLIN}};
        uint64_t left = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
        struct timespec timeout = {(time_t)(left / NANOSECONDS), (long)(left % NANOSECONDS)};
        int ready = ppoll(polled, 2, &timeout, NULL);
        hearing->when_ns = hone_cpu_now_ns();
        if (ready == 0) {
            hearing->heard = HEARD_NOTHING;
            return;
        }
        if (ready < 0)
            continue;
        ssize_t got = take(process, &hearing->done);
        if (got == -EAGAIN && !polled[1].revents)
            continue;
        if (got > 0)
            hearing->heard = got == (ssize_t)sizeof hearing->done ? HEARD_DONE : HEARD_FORGERY;
        return; /* else dead, though some other process may hold the pipe */
    }
}
