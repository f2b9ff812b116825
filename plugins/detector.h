/* detector.h - look for cheating in the source, in the binary and in what was measured.
 *
 * A detector reports; what a finding costs is decided by etc/hone.ini (rule to severity). It never
 * touches a guest. What it needs to see beside verdicts and times, extra calls (probes) among it,
 * it declares in `needs`; the supervisor makes the calls after timing, within the time that timing
 * took, and inspect_run() finds what came of them in the evidence.
 *
 * A device that cannot give what is needed switches the detector off, which `hone doctor` and every
 * result say. A step that was timed and lacks what the device can give is infra_failed, without
 * asking the detector: nobody passes unseen.
 */
#ifndef HONE_DETECTOR_H
#define HONE_DETECTOR_H

#include "evidence.h"
#include "plugin.h"

/* Where a detector puts its findings; filled by the host. `report` copies. */
struct hone_findings {
    uint32_t size;
    uint32_t reserved;
    void *host;
    void (*report)(void *host, const char *rule, uint32_t severity, uint32_t line,
                   const char *text); /* [episode] */
};

/* The candidate as text. */
struct hone_source {
    uint32_t size;
    uint32_t bytes;
    const char *text; /* `bytes` bytes and a NUL; may hold other NULs */
    const char *language;
    const char *task;
};

/* The candidate as built: an ELF image or a cubin; `listing` is PTX where there is some, else NULL.
 * Both were written by a jail: untrusted bytes. */
struct hone_binary {
    uint32_t size;
    uint32_t reserved;
    const void *image;
    uint64_t image_bytes;
    const char *listing;
    uint64_t listing_bytes;
    const char *language;
    const char *task;
    const char *entries; /* kernels that the plan launches, separated by spaces; NULL: not known */
};

struct hone_detector_ops {
    uint32_t size;
    uint32_t reserved;
    /* One or more of these. [episode] */
    int (*inspect_source)(void *self, const struct hone_source *, const struct hone_findings *);
    int (*inspect_binary)(void *self, const struct hone_binary *, const struct hone_findings *);
    int (*inspect_run)(void *self, const struct hone_evidence *, const struct hone_findings *);

    uint32_t needs; /* enum hone_need: what inspect_run() cannot do without */
    uint32_t reserved_needs;
};

#endif
