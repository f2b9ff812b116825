/* jail_filter.h - the system calls a compiler may make, as a program for the kernel's filter. */
#ifndef HONE_CORE_JAIL_FILTER_H
#define HONE_CORE_JAIL_FILTER_H

#include "plugins/plugin.h"

#include <linux/filter.h>

/* An allow-list: everything else answers ENOSYS, as on a kernel that has no such call, so that
 * libraries fall back to older ones; another architecture's calls kill. The caller frees. 0, or a
 * negative errno. */
int hone_jail_filter_make(struct sock_filter **filter, uint32_t *count, struct hone_error *error);

#endif
