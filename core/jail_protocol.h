/* jail_protocol.h - what hone_jail_run() and its child `hone jail` say to each other.
 *
 *   hone jail CPU_SECONDS MEMORY_BYTES FILE_BYTES -- COMPILER ARGUMENTS...
 *
 * Descriptor 3 is one end of a socket pair. The child sends one struct hone_jail_end; the
 * supervisor sends nothing: when its end closes, for whatever reason, everything below the child
 * dies.
 */
#ifndef HONE_CORE_JAIL_PROTOCOL_H
#define HONE_CORE_JAIL_PROTOCOL_H

#include <stdint.h>

#define HONE_JAIL_SOCKET 3
#define HONE_JAIL_ARGUMENTS 6 /* up to and with "--" */

struct hone_jail_end {
    int32_t status; /* wait status of the compiler */
    int32_t error;  /* errno when it could not be started, else 0 */
};

#endif
