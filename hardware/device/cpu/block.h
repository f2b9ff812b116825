/* block.h - the block that runs, for the files of the runtime. */
#ifndef HONE_DEVICE_CPU_BLOCK_H
#define HONE_DEVICE_CPU_BLOCK_H

#include "hardware/device/cpu/control.h"
#include "hardware/device/cpu/runtime.h"

#include <stdbool.h>
#include <stdint.h>

struct hone_block {
    const struct hone_kernel *kernel;
    const uint64_t *arguments;
    uint32_t line; /* of the launch in the plan */
    uint32_t order;
    uint32_t rotation; /* of lanes, when the scheduler chooses in random order */
    uint32_t thread_count, warp_count;
    uint64_t local_bytes; /* of a thread's stack */
    bool relinked;        /* the rings leave out those who have exited */
};

extern struct hone_block hone_block;

/* Where the last one of a block goes. */
struct hone_fiber *hone_block_end(void);
/* Rings of those who live, and nothing left over in the warps' places. */
void hone_block_link(void);
/* At the start of a launch; of a block; of a thread of it. In the checking build only: else they do
 * nothing. */
void hone_check_launch(void);
void hone_check_block(void);
void hone_check_thread(struct hone_fiber *fiber, uint32_t position);
void hone_check_end(void);     /* of a block */
void hone_check_guesses(void); /* at the end of a launch */
void hone_check_overtaken(void);
/* Run the blocks of a launch, some of which begin before others have ended. False: one after the
 * other will do, and nothing was run. `lowest` and `stride`: of the stacks, of which there are as
 * many as threads in HONE_RESIDENTS blocks. */
#define HONE_RESIDENTS 3
bool hone_residents_run(char *lowest, uint64_t stride);
/* A thread waits for another, perhaps of another block. */
void hone_residents_wait(void);
/* Make the block of hone_grid ready to be switched to. */
void hone_block_begin(char *lowest, uint64_t stride);
/* Just before it is made, by code that returns to `from`; `line`s are of the source. */
void hone_check_access(const void *at, uint32_t bytes, bool writes, uint32_t from);
void hone_check_volatile(const void *at, uint32_t bytes, bool writes, uint32_t from);
extern const bool hone_checking;

/* The kernel ends here, with a sentence about this thread; `line` 0: unknown. */
_Noreturn void hone_fault(uint32_t line, const char *what);
/* A sentence for the report, bounded; then the end. */
struct hone_text {
    char *at, *end;
};
struct hone_text hone_report_begin(uint32_t reason);
void hone_say(struct hone_text *text, const char *words);
void hone_say_number(struct hone_text *text, uint64_t number);
void hone_say_fiber(struct hone_text *text, const struct hone_fiber *fiber);
void hone_say_line(struct hone_text *text, const char *words, uint32_t line);
_Noreturn void hone_report_end(struct hone_text *text);

static inline const struct hone_control *hone_control(void) {
    return (const struct hone_control *)(uintptr_t)HONE_CONTROL_ADDRESS; /* NOLINT: fixed */
}

#endif
