#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <ucontext.h>

#define STACK_BYTES 65536 /* AVX-512 state makes a signal frame of 3 KB and more */
#define PAGE_FAULT 14
#define PAGE_FAULT_WRITE 2

static void tell(int number, siginfo_t *info, void *context) {
    const ucontext_t *machine = context;
    struct hone_guest_done done = {
        .kind = HONE_DONE_FAULT,
        .code = number,
        .address = (uint64_t)(uintptr_t)info->si_addr,
        .write_fault = machine->uc_mcontext.gregs[REG_TRAPNO] == PAGE_FAULT &&
                       (machine->uc_mcontext.gregs[REG_ERR] & PAGE_FAULT_WRITE),
    };
    hone_done_final(&done);
}

int hone_fault_install(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    void *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    stack_t stack = {.ss_sp = memory, .ss_size = STACK_BYTES};
    if (sigaltstack(&stack, NULL))
        return -errno;
    /* Once: a fault in the handler ends the process the ordinary way. */
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};
    action.sa_sigaction = tell;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &action, NULL))
            return -errno;
    return 0;
}
