/* jail_header.h - headers compiled beforehand, once for each compiler and command line, and kept in
 * the user's cache folder. */
#ifndef HONE_CORE_JAIL_HEADER_H
#define HONE_CORE_JAIL_HEADER_H

#include "plugins/hardware.h"

#include <stdatomic.h>
#include <stdbool.h>

#define HONE_JAIL_HEADER_PATH 600

/* Where the job's precompiled header lies; it is made, in a jail, when there is none. False when
 * the job has no header, or must do without one: nobody is told, since nothing but time is lost. */
bool hone_jail_header_find(const struct hone_compile_job *job, const atomic_int *cancel,
                           char path[HONE_JAIL_HEADER_PATH]);

#endif
