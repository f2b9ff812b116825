#include "tests/bench/bench.h"
#include "tests/orphan.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 20000u
#define WARM_UP 500u

struct words {
    _Atomic uint32_t there, back;
};

static void wait_while(_Atomic uint32_t *word, uint32_t value) {
    while (atomic_load_explicit(word, memory_order_acquire) == value)
        syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void store(_Atomic uint32_t *word, uint32_t value) {
    atomic_store_explicit(word, value, memory_order_release);
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static pid_t start(void) {
    pid_t self = getpid(), child = fork();
    if (child < 0)
        lab_die("fork failed");
    if (child == 0)
        hone_test_die_with(self);
    return child;
}

static void time_futex(double *ns) {
    struct words *words =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (words == MAP_FAILED)
        lab_die("mmap failed");
    pid_t child = start();
    if (child == 0)
        for (uint32_t i = 1;; i++) {
            wait_while(&words->there, i - 1);
            store(&words->back, i);
        }
    for (uint32_t i = 1; i <= ROUNDS + WARM_UP; i++) {
        uint64_t begun = lab_now_ns();
        store(&words->there, i);
        wait_while(&words->back, i - 1);
        if (i > WARM_UP)
            ns[i - WARM_UP - 1] = (double)(lab_now_ns() - begun);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    munmap(words, 4096);
}

static void time_socket(double *ns) {
    int ends[2];
    char byte = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        lab_die("socketpair failed");
    pid_t child = start();
    if (child == 0)
        while (read(ends[1], &byte, 1) == 1 && write(ends[1], &byte, 1) == 1)
            continue;
    for (uint32_t i = 0; i < ROUNDS + WARM_UP; i++) {
        uint64_t begun = lab_now_ns();
        if (write(ends[0], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1)
            lab_die("the other end of a socket is gone");
        if (i >= WARM_UP)
            ns[i - WARM_UP] = (double)(lab_now_ns() - begun);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

static void time_ping(double *ns) {
    struct lab lab;
    bench_serve(&lab, true, NULL);
    struct hone *hone = lab_attach(&lab, 1);
    for (uint32_t i = 0; i < ROUNDS + WARM_UP; i++) {
        uint64_t begun = lab_now_ns();
        if (hone_ping(hone))
            lab_die("ping: %s", hone_message(hone));
        if (i >= WARM_UP)
            ns[i - WARM_UP] = (double)(lab_now_ns() - begun);
    }
    hone_close(hone);
    bench_stop(&lab);
}

void bench_ring(void) {
    static const struct {
        const char *name;
        void (*time)(double *ns);
    } ways[] = {{"hone_ping(), ring and server", time_ping},
                {"two futexes, wait and wake", time_futex},
                {"a Unix socket pair, one byte", time_socket}};
    double *ns = calloc(ROUNDS, sizeof *ns), first = 0;
    if (!ns)
        lab_die("out of memory");
    printf("%u round trips each, between two processes, not pinned\n%-32s %10s %10s %8s\n", ROUNDS,
           "", "p50 us", "p99 us", "x ping");
    for (size_t i = 0; i < 3; i++) {
        ways[i].time(ns);
        double median = lab_median(ns, ROUNDS);
        first = i ? first : median;
        printf("%-32s %10.2f %10.2f %8.2f\n", ways[i].name, median / 1e3,
               lab_quantile(ns, ROUNDS, 0.99) / 1e3, median / first);
    }
    free(ns);
}
