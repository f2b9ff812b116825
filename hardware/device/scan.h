/* scan.h - what a candidate's CUDA text uses, read from its words before anything is compiled.
 *
 * Refusals are what one device or both will not build, with a place and with what to use instead;
 * facts are what the text may do. The scan knows comments, strings, line splices and digraphs, and
 * leaves out what an #if leaves out whose condition every device answers alike (condition.h). It
 * does not expand macros: within other conditionals it refuses only what makes a text other code on
 * another device, and what pasted tokens hide, the device's headers and the policy on PTX refuse.
 * Facts err on the side of more.
 *
 * Threads: any; nothing is shared, nothing allocated. The text is untrusted bytes, NUL allowed. */
#ifndef HONE_DEVICE_SCAN_H
#define HONE_DEVICE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Grows with each change of what is refused: results of a compilation depend on it. */
#define HONE_SCAN_RULES 3
#define HONE_SCAN_REFUSALS_MAX 16
#define HONE_SCAN_KERNELS_MAX 64
#define HONE_SCAN_WORD_SIZE 64

enum hone_scan_device { HONE_SCAN_CPU = 1, HONE_SCAN_CUDA = 2 };

enum hone_scan_fact {
    HONE_SCAN_BARRIER = 1 << 0,     /* waits for threads of its block */
    HONE_SCAN_WARP = 1 << 1,        /* exchanges or waits within a warp */
    HONE_SCAN_ATOMIC = 1 << 2,      /* any atomic operation */
    HONE_SCAN_SPIN = 1 << 3,        /* may wait for another thread: atomicCAS, __nanosleep ... */
    HONE_SCAN_VOLATILE = 1 << 4,    /* the word */
    HONE_SCAN_SHARED = 1 << 5,      /* shared memory */
    HONE_SCAN_DYNAMIC = 1 << 6,     /* shared memory whose size the launch says */
    HONE_SCAN_HALF = 1 << 7,        /* cuda_fp16.h */
    HONE_SCAN_BFLOAT16 = 1 << 8,    /* cuda_bf16.h */
    HONE_SCAN_GROUPS = 1 << 9,      /* cooperative groups; implies BARRIER and WARP */
    HONE_SCAN_MATRIX = 1 << 10,     /* nvcuda::wmma; implies WARP */
    HONE_SCAN_PIPELINE = 1 << 11,   /* cuda_pipeline.h */
    HONE_SCAN_INLINE_PTX = 1 << 12, /* asm */
    HONE_SCAN_INDEX = 1 << 13,      /* threadIdx and its like as a whole, not a member */
};

struct hone_scan_refusal {
    uint32_t line, column;          /* from 1; columns are bytes */
    uint32_t devices;               /* that refuse it: enum hone_scan_device */
    bool differs;                   /* and would take it for other code than another does */
    char word[HONE_SCAN_WORD_SIZE]; /* printable ASCII */
    const char *why, *instead;      /* "prints, ..." and "the observation ..."; static */
};

struct hone_scan_kernel {
    uint32_t line;
    bool extern_c;                  /* a plan finds it by its name */
    char name[HONE_SCAN_WORD_SIZE]; /* cut when longer */
};

struct hone_scan {
    uint32_t facts; /* enum hone_scan_fact */
    uint32_t refusal_count, kernel_count;
    struct hone_scan_refusal refusals[HONE_SCAN_REFUSALS_MAX]; /* the first of them */
    struct hone_scan_kernel kernels[HONE_SCAN_KERNELS_MAX];    /* definitions and declarations */
};

void hone_scan_text(const char *text, size_t size, struct hone_scan *scan);

/* What makes the text other code on another device, first of all refusals: NULL when nothing does.
 */
const struct hone_scan_refusal *hone_scan_differs(const struct hone_scan *scan);
/* The first refusal of a device, NULL when there is none. */
const struct hone_scan_refusal *hone_scan_refused(const struct hone_scan *scan,
                                                  enum hone_scan_device device);
/* "`printf` prints, ...; use ... instead", cut to `size`. */
void hone_scan_explain(const struct hone_scan_refusal *refusal, char *text, size_t size);

#endif
