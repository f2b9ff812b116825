/* load.h - read a linked image as what it is: bytes that a hostile process wrote.
 *
 * Only PT_LOAD headers count, and two more in a CUDA image: its shared memory, and the image within
 * it that is the checking build. The image is good when its segments lie in the candidate's window,
 * page by page apart, none both writable and executable, and when the table at the window's start
 * names entries in executable segments. hone_load_plan() is a pure function of the bytes;
 * hone_load_map() does what the plan says, in the process that shall run it.
 */
#ifndef HONE_CPU_GUEST_LOAD_H
#define HONE_CPU_GUEST_LOAD_H

#include "hardware/cpu/guest/protocol.h"

#include <stdbool.h>

#define HONE_LOAD_SEGMENTS_MAX 8

struct hone_load_segment {
    uint64_t address; /* on a page */
    uint64_t bytes;   /* in memory, not zero */
    uint64_t offset;  /* in the file */
    uint64_t file_bytes;
    int protection; /* PROT_* */
};

struct hone_load {
    struct hone_load_segment segments[HONE_LOAD_SEGMENTS_MAX];
    uint32_t segment_count;
    uint32_t entry_count;
    bool calls_library; /* its table says so; else it stands alone */
    uint64_t entries[HONE_ENTRIES_MAX];
    uint64_t memory_bytes;                    /* whole pages of all segments */
    uint64_t shared_bytes;                    /* thread-local, up to the thread pointer; 0: none */
    uint64_t checking_offset, checking_bytes; /* in the file; 0: none */
};

/* 0, or -ENOEXEC with the reason in `why`. */
int hone_load_plan(const void *image, uint64_t image_bytes, struct hone_load *load,
                   char why[HONE_GUEST_TEXT_SIZE]);

/* 0 or a negative errno: memory could not be had. `image` is what the plan was made from;
 * `populate`: with all pages there. */
int hone_load_map(const struct hone_load *load, const void *image, bool populate);

#endif
