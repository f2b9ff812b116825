#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool by_pipes;

/* One instruction in the whole guest makes the call, and the supervisor knows its address: a done
 * that comes from elsewhere is a candidate's own. */
int64_t hone_done_call(uint64_t magic, uint64_t kind, int64_t code, uint64_t address,
                       uint64_t detail);
__asm__(".pushsection .text\n"
        ".globl hone_done_call\n"
        ".type hone_done_call, @function\n"
        "hone_done_call:\n\t"
        "mov %rcx, %r10\n\t"
        "mov $110, %eax\n\t"
        "syscall\n\t"
        "ret\n"
        ".size hone_done_call, . - hone_done_call\n"
        ".popsection");
_Static_assert(SYS_getppid == 110, "the number above");

void hone_done_by_pipes(void) {
    by_pipes = true;
}

/* Without a listener the call fails, without a reader the pipe: nobody to work for. */
static int64_t call(const struct hone_guest_done *done) {
    int64_t answer =
        hone_done_call(HONE_DONE_MAGIC, done->kind, done->code, done->address, done->detail);
    if (answer < 0)
        _exit(1);
    return answer;
}

static void say(const struct hone_guest_done *done) {
    if (write(HONE_CHILD_DONE, done, sizeof *done) != (ssize_t)sizeof *done)
        _exit(1);
}

void hone_done_park(const struct hone_guest_done *done, struct hone_guest_go *go) {
    if (!by_pipes) {
        *go = hone_guest_go_unpack(call(done));
        return;
    }
    say(done);
    ssize_t got;
    do
        got = read(HONE_CHILD_GO, go, sizeof *go);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof *go)
        _exit(1);
}

_Noreturn void hone_done_final(const struct hone_guest_done *done) {
    if (by_pipes)
        say(done);
    for (;;)
        if (by_pipes)
            pause();
        else
            call(done);
}
