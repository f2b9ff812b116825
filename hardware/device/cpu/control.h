/* control.h - the two pages that the supervisor and the runtime of a CUDA image share, beside the
 * words of the calls: what the supervisor says, which the candidate's process cannot write, and
 * what the process reports, which nobody believes more than that there is a report.
 */
#ifndef HONE_DEVICE_CPU_CONTROL_H
#define HONE_DEVICE_CPU_CONTROL_H

#include <stdint.h>

#define HONE_CONTROL_ADDRESS 0x5ffbf000ull
#define HONE_CONTROL_BYTES 0x1000ull
#define HONE_REPORT_ADDRESS 0x5ffbe000ull
#define HONE_REPORT_BYTES 0x1000ull
#define HONE_REPORT_MAGIC 0x74726f7065526e48ull
#define HONE_CONTROL_REGIONS_MAX 128

/* Supervisor to process: the regions before it starts, the order before each go. */
struct hone_control {
    uint32_t order; /* enum hone_order of plugins/hardware.h */
    uint32_t region_count;
    uint64_t order_seed;
    uint64_t stack_bytes;
    struct {
        uint64_t address, bytes;
        uint64_t writable; /* 0: the process cannot */
    } regions[HONE_CONTROL_REGIONS_MAX];
};

/* Process to supervisor, before it ends by an illegal instruction. */
struct hone_report {
    uint64_t magic;
    uint32_t reason; /* enum hone_reason of plugins/evidence.h */
    uint32_t reserved;
    char text[512];
};

#ifndef __cplusplus
_Static_assert(sizeof(struct hone_control) <= HONE_CONTROL_BYTES, "a page");
_Static_assert(sizeof(struct hone_report) <= HONE_REPORT_BYTES, "a page");
#endif

#endif
