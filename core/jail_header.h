/* jail_header.h - headers compiled beforehand, once for each compiler and command line, and kept in
 * the user's cache folder. */
#ifndef HONE_CORE_JAIL_HEADER_H
#define HONE_CORE_JAIL_HEADER_H

#include "plugins/hardware.h"

#include <stdatomic.h>
#include <stdbool.h>

#define HONE_JAIL_HEADER_PATH 600

/* Where a header of the job's lies compiled; it is made, in a jail, when there is none. False when
 * the job must do without it: nobody is told, since nothing but time is lost. */
bool hone_jail_header_find(const struct hone_compile_job *job, const struct hone_job_header *header,
                           const atomic_int *cancel, char path[HONE_JAIL_HEADER_PATH]);

#endif
