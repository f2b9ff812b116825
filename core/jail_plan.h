/* jail_plan.h - what the supervisor tells the program `hone-jail`, and what that answers.
 *
 * Descriptor 3 of the program is one end of a socket pair of whole packets, its working directory
 * the job's. The supervisor sends one plan, the program one struct hone_jail_end; when the
 * supervisor's end closes, for whatever reason, everything of the job dies.
 *
 * A plan is the struct below, then `filter_count` instructions, then texts, each with its NUL: the
 * folder on which to build the root; `path_count` paths to show; `link_count` pairs of a name in
 * the job's folder and the path to show there; `argument_count` words of the command line, in which
 * "|" and "&&" stand between programs.
 */
#ifndef HONE_CORE_JAIL_PLAN_H
#define HONE_CORE_JAIL_PLAN_H

#include <stdint.h>

#define HONE_JAIL_SOCKET 3
#define HONE_JAIL_PLAN_BYTES 131072 /* at most; a packet of this size fits any socket's buffer */
#define HONE_JAIL_PIPE "|"
#define HONE_JAIL_THEN "&&"

enum hone_jail_mechanism {
    HONE_JAIL_NAMESPACES = 1u << 0,
    HONE_JAIL_LANDLOCK = 1u << 1,
    HONE_JAIL_FILTER = 1u << 2,
    HONE_JAIL_OWN_USER = 1u << 3,       /* needs root */
    HONE_JAIL_USER_NAMESPACE = 1u << 4, /* with the others, where there is no user of one's own */
    HONE_JAIL_PROBE = 1u << 5,          /* run nothing: look whether all of the above holds */
};

struct hone_jail_plan {
    uint32_t size;
    uint32_t mechanisms; /* enum hone_jail_mechanism */
    uint32_t user;       /* with HONE_JAIL_OWN_USER; also the group */
    uint32_t process_limit;
    uint32_t cpu_limit_s;
    uint32_t filter_count; /* of struct sock_filter */
    uint64_t memory_limit_bytes;
    uint64_t file_limit_bytes;
    uint32_t path_count;
    uint32_t link_count;
    uint32_t argument_count;
    uint32_t reserved;
};

struct hone_jail_end {
    int32_t status; /* wait status: of the first program that failed, else 0 */
    int32_t error;  /* errno when the jail itself failed, else 0 */
    char step[120]; /* at what: "cannot ..." */
};

#endif
