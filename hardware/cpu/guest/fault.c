#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <ucontext.h>

#define STACK_BYTES 65536 /* AVX-512 state makes a signal frame of 3 KB and more */
#define GENERAL_PROTECTION 13
#define PAGE_FAULT 14
#define ALIGNMENT_CHECK 17
#define PAGE_FAULT_WRITE 2
#define FRAME_MOST (1ull << 30) /* a stack pointer so far below its stack is none */

static uint64_t stack_end; /* the lowest address that is of the stack */

/* rdtsc, rdpmc; rdtscp, rdpru. */
static bool reads_counter(const uint8_t *code) {
    return code[0] == 0x0f && (code[1] == 0x31 || code[1] == 0x33 ||
                               (code[1] == 0x01 && (code[2] == 0xf9 || code[2] == 0xfd)));
}

/* A call, or a function that makes room for its arrays, has moved the stack's pointer below it. */
static bool is_stack_full(const ucontext_t *machine) {
    const uint64_t pointer = (uint64_t)machine->uc_mcontext.gregs[REG_RSP];
    return pointer <= stack_end && stack_end - pointer < FRAME_MOST;
}

/* Looking at the code may fault in its turn: then the process ends by the signal, without a word.
 */
static enum hone_guest_fault_detail find_detail(const ucontext_t *machine) {
    const greg_t *registers = machine->uc_mcontext.gregs;
    if (registers[REG_TRAPNO] == PAGE_FAULT && is_stack_full(machine))
        return HONE_FAULT_STACK;
    if (registers[REG_TRAPNO] == PAGE_FAULT)
        return registers[REG_ERR] & PAGE_FAULT_WRITE ? HONE_FAULT_WRITE : HONE_FAULT_READ;
    if (registers[REG_TRAPNO] == ALIGNMENT_CHECK)
        return HONE_FAULT_GENERAL;
    if (registers[REG_TRAPNO] != GENERAL_PROTECTION)
        return HONE_FAULT_READ;
    return reads_counter((const uint8_t *)registers[REG_RIP]) ? HONE_FAULT_COUNTER
                                                              : HONE_FAULT_GENERAL;
}

static void tell(int number, siginfo_t *info, void *context) {
    struct hone_guest_done done = {
        .kind = HONE_DONE_FAULT,
        .code = number,
        .address = (uint64_t)(uintptr_t)info->si_addr,
        .detail = find_detail(context),
    };
    hone_done_final(&done);
}

_Noreturn void hone_stub___assert_fail(void) {
    __builtin_trap();
}

int hone_fault_install(const char *stack) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    void *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    stack_end = (uint64_t)(uintptr_t)stack;
    stack_t other = {.ss_sp = memory, .ss_size = STACK_BYTES};
    if (sigaltstack(&other, NULL))
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
