#include "core/session_private.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* A signal handler has no argument to carry this in; one per thread, set while a touch runs. */
static _Thread_local sigjmp_buf *volatile way_out;

static void leave(int signal_number) {
    if (way_out)
        siglongjmp(*way_out, 1);
    /* Not ours: let the instruction fault again, fatally. */
    signal(signal_number, SIG_DFL);
}

int hone_guard_install(void) {
    /* SA_NODEFER, because leaving by siglongjmp without the mask must not leave the signal blocked.
     */
    struct sigaction action = {.sa_handler = leave, .sa_flags = SA_NODEFER};
    return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

int hone_guard(void (*touch)(void *context), void *context) {
    sigjmp_buf place;
    if (sigsetjmp(place, 0)) {
        way_out = NULL;
        return -EFAULT;
    }
    way_out = &place;
    atomic_signal_fence(memory_order_seq_cst);
    touch(context);
    atomic_signal_fence(memory_order_seq_cst);
    way_out = NULL;
    return 0;
}
