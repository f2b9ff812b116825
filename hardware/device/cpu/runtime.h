/* runtime.h - what a block of emulated threads is, for the kernels (C++) and the runtime (C).
 *
 * The threads of a block are fibers on one core: an array in visiting order, warp by warp. In the
 * regular course of things everybody comes to the same operation in turn, so that a barrier is a
 * jump to the next of the ring, a warp's operation a jump to the next of its warp, and when the
 * turn comes back everybody has arrived. Whoever arrives elsewhere than the one before makes the
 * block irregular: from then on hone_arrive() chooses who runs, by masks, until all meet at a
 * barrier.
 *
 * One thread, one block at a time; everything lives in the image.
 */
#ifndef HONE_DEVICE_CPU_RUNTIME_H
#define HONE_DEVICE_CPU_RUNTIME_H

#ifdef __cplusplus
#define HONE_INDEX uint3
#define HONE_RUNTIME extern "C"
#else
#include <stdint.h>
struct hone_index {
    unsigned x, y, z;
};
#define HONE_INDEX struct hone_index
#define HONE_RUNTIME extern
#endif

#define HONE_THREADS_MAX 1024
#define HONE_QUEUES_MAX (HONE_THREADS_MAX + HONE_THREADS_MAX / 2) /* of HONE_RESIDENTS blocks */
#define HONE_WARP 32
#define HONE_WARPS_MAX (HONE_THREADS_MAX / HONE_WARP)

/* What a fiber is parked at: a kind, and below it the line in the source. */
enum {
    HONE_OP_NONE,
    HONE_OP_BARRIER,
    HONE_OP_COUNT, /* a barrier that counts predicates */
    HONE_OP_EXIT,
    HONE_OP_YIELD,
    HONE_OP_SYNC, /* the first of a warp's operations */
    HONE_OP_SHUFFLE,
    HONE_OP_VOTE,
    HONE_OP_MATCH,
    HONE_OP_REDUCE,
    HONE_OP_ACTIVE,
    HONE_OP_LEAVE, /* has read the others' values */
};
#define HONE_OP(kind, line) ((unsigned)(kind) << 24 | ((unsigned)(line)&0xffffffu))
#define HONE_OP_KIND(op) ((op) >> 24)
#define HONE_OP_LINE(op) ((op)&0xffffffu)

/* Of the three places for a lane's value two take turns, so that one switch is enough; the third is
 * for irregular operations, in which the lanes wait for each other once more after reading. */
#define HONE_PUBLISHED 2

struct hone_warp {
    unsigned long long value[3][HONE_WARP];
    unsigned char vote[3][HONE_WARP];
    struct hone_fiber *fiber[HONE_WARP]; /* by lane */
    unsigned alive, ready;               /* lanes, in irregular blocks only */
} __attribute__((aligned(64)));

/* When and by whom, in the checking build: the block, counted from 1 over all launches | barriers
 * passed | the warp's clock | position of the thread | marks. What is older is smaller. Within
 * barriers, warps count by Lamport's clock: what happens before something has a smaller number, so
 * one that is not smaller was not waited for. (L. Lamport, "Time, Clocks, and the Ordering of
 * Events in a Distributed System", CACM 21, 1978.) An operation makes it even, a fence odd: that is
 * for the thread alone. A full clock stands
 * still, and no longer tells the lanes of its warp apart. */
#define HONE_STAMP_STRONG 1ull /* atomic, or volatile */
/* Of an asynchronous copy that was not waited for; if strong, of an atomic that looks before it
 * changes what a read has guessed. */
#define HONE_STAMP_COPY 2ull
#define HONE_STAMP_IMPROVES (HONE_STAMP_STRONG | HONE_STAMP_COPY)
#define HONE_STAMP_THREAD 2
#define HONE_STAMP_CLOCK 12
#define HONE_STAMP_EPOCH 26
#define HONE_STAMP_BLOCK 44
#define HONE_CLOCK_MOST ((1u << (HONE_STAMP_EPOCH - HONE_STAMP_CLOCK)) - 1)
#define HONE_EPOCH_MOST ((1u << (HONE_STAMP_BLOCK - HONE_STAMP_EPOCH)) - 1)

/* The first line is all that a barrier touches, and a kernel that asks for its index: hence links
 * of four bytes, which is enough for where an image lies. The assembly below knows the first three.
 */
#define HONE_GUESSES 4 /* of a thread, in the checking build */
struct hone_guess {
    unsigned long long address; /* 0: none */
    unsigned at;
};

#define HONE_SEEN 8
struct hone_change {
    unsigned long long stamp;
    unsigned serial; /* among all changes of a launch, from 1; 0: none */
};

struct hone_fiber {
    void *stack, *frame, *resume;
    unsigned next, next_in_warp;     /* rings of the living: HONE_FIBER() */
    unsigned before, before_in_warp; /* who comes first: oneself */
    unsigned op;
    unsigned mask; /* of a warp's operation */
    HONE_INDEX thread;
    unsigned lane;

    struct hone_warp *warp;
    unsigned predicate;
    unsigned char turn, count_turn; /* which of the two places comes next */
    unsigned char published;        /* the scheduler has published what this one waited for */
    unsigned char started;
    unsigned char copies_begun, copies_made; /* asynchronous, of its queue */
    unsigned char turns;                     /* of loops that do nothing */
    unsigned short looks;                    /* of loops that may wait: left until it gives way */
    unsigned short looked_at;                /* the line of the last such loop */
    char *stack_base;                        /* its lowest word is a canary */
    unsigned long long stamp, fence;         /* of the checking build: now; at its last fence */
    unsigned long long device_fence;         /* the last that other blocks know of */
    const void *spun;                        /* what it asks for again and again */
    const void *looked;                      /* what it has looked at last, in the checking build */
    struct hone_change seen[HONE_SEEN];      /* of other threads, the last */
    unsigned seen_count;                     /* that there were */
    struct hone_guess outdated;              /* its last read to which an old value was given */
    unsigned spun_at;                        /* where it has asked for `spun` */
    unsigned interrupted;                    /* how often between a look and a change */
    unsigned long long copy_group;
    struct hone_guess guesses[HONE_GUESSES]; /* its last reads of what an atomicCAS changes */
    unsigned guess_count;                    /* that there were */
} __attribute__((aligned(64)));

#define HONE_FIBER(link) ((struct hone_fiber *)(unsigned long)(link))

struct hone_grid {
    HONE_INDEX block;
    HONE_INDEX threads, blocks;
    unsigned shared_bytes; /* dynamic */
    unsigned counts[3];    /* of predicates, by turn; published */
};

/* How the threads of a kernel run: each may wait; they never do, and are the turns of a loop of the
 * compiler's; or of one of the runtime's. */
#define HONE_FORM_FIBERS 0
#define HONE_FORM_ROWS 1
#define HONE_FORM_STRAIGHT 2

/* A kernel, as the code after the source makes it. */
struct hone_kernel {
    void (*run)(const unsigned long long *arguments); /* a thread; rows: those of a y and z */
    const char *name;
    unsigned argument_count;
    unsigned form;                      /* HONE_FORM_... */
    const unsigned char *element_bytes; /* of what each argument points to; 0: no pointer */
};

HONE_RUNTIME struct hone_fiber *hone_now;
HONE_RUNTIME unsigned hone_irregular;
HONE_RUNTIME unsigned hone_idle; /* how often somebody gave way since anybody came further */
HONE_RUNTIME struct hone_fiber hone_fibers[HONE_THREADS_MAX]; /* in visiting order */
HONE_RUNTIME struct hone_warp hone_warps[HONE_WARPS_MAX];
/* Of the checking build: for whom each lane has waited at the last operations of its warp, by the
 * clock before: the barriers passed << 32 | lanes. */
#define HONE_WAITS 64u
HONE_RUNTIME unsigned long long hone_waits[HONE_WARPS_MAX][HONE_WARP][HONE_WAITS];
HONE_RUNTIME struct hone_grid hone_grid;
HONE_RUNTIME unsigned hone_first_queue; /* of copies: of the block's first thread */

/* Who runs next, now that `self` has set its op. */
HONE_RUNTIME struct hone_fiber *hone_arrive(struct hone_fiber *self);
/* Run the steps of a call: the words of plugins/hardware.h. */
HONE_RUNTIME void hone_run(const unsigned long long *words, const struct hone_kernel *kernels,
                           unsigned kernel_count);
/* Let others run: whom this one waits for may be anyone. */
HONE_RUNTIME void hone_give_way(unsigned line);
/* It has looked often at what others may change: at one line again and again, it gives way. */
#define HONE_LOOKS_FIRST 256
#define HONE_LOOKS_AGAIN 32
HONE_RUNTIME void hone_tire(unsigned line);
/* Of the checking build. Just before it is made: what an atomic does, and a fence. */
#define HONE_CHECK_LOOK 0
#define HONE_CHECK_CHANGE 1
#define HONE_CHECK_IMPROVE 2
#define HONE_CHECK_COMPARE 3 /* a look that tells whether what was read before is still so */
/* Of a line: this atomic is one for its own block only; it is an atomicCAS. */
#define HONE_CHECK_OF_BLOCK (1u << 30)
#define HONE_CHECK_COMPARES (1u << 29)
HONE_RUNTIME void hone_check_strong(const void *at, unsigned bytes, unsigned how, unsigned line);
HONE_RUNTIME void hone_check_fence(unsigned of_block);
/* A load that other threads' writes of this launch need not reach. */
HONE_RUNTIME void hone_check_constant(const void *at, unsigned bytes, unsigned line);
/* Of an asynchronous copy: what it will read and write; that now it has arrived. */
HONE_RUNTIME void hone_check_copy(const void *to, const void *from, unsigned bytes,
                                  unsigned from_bytes, unsigned line);
HONE_RUNTIME void hone_check_arrival(const void *to, unsigned bytes, unsigned line);
/* The kernel ends here: a warp operation's mask does not name the lane that calls. */
HONE_RUNTIME void hone_wrong_mask(unsigned line) __attribute__((noreturn));
HONE_RUNTIME void hone_too_many_barriers(void) __attribute__((noreturn));

/* The compiler saves what is live, and nothing else: hence the list. */
#ifdef __AVX512F__
#define HONE_CLOBBER_512                                                                           \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",    \
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6",  \
        "k7"
#else
#define HONE_CLOBBER_512
#endif

#define HONE_SWITCH(self, next)                                                                    \
    do {                                                                                           \
        struct hone_fiber *hone_from = (self), *hone_to = (next);                                  \
        __asm__ volatile("movq %%rsp, (%%rdi)\n\t"                                                 \
                         "movq %%rbp, 8(%%rdi)\n\t"                                                \
                         "movq $1f, 16(%%rdi)\n\t"                                                 \
                         "movq (%%rsi), %%rsp\n\t"                                                 \
                         "movq 8(%%rsi), %%rbp\n\t"                                                \
                         "jmpq *16(%%rsi)\n"                                                       \
                         "1:"                                                                      \
                         : "+D"(hone_from), "+S"(hone_to)                                          \
                         :                                                                         \
                         : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13",     \
                           "r14", "r15", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",   \
                           "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",      \
                           "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)",    \
                           "st(5)", "st(6)", "st(7)" HONE_CLOBBER_512);                            \
    } while (0)

#endif
