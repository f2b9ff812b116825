/* quarantine_file.h - what is in quarantine, kept for servers to come: a folder with one file for
 * each candidate, named by a hash of it.
 *
 * A file holds four lines, "hone-quarantine 1", the task's hash, language and rule, then the source
 * byte for byte. Removing one lets its candidate go, from the next start on.
 */
#ifndef HONE_CORE_QUARANTINE_FILE_H
#define HONE_CORE_QUARANTINE_FILE_H

#include "plugins/evidence.h"

#include <stdint.h>

struct hone_quarantined {
    char task_hash[80], language[16], rule[HONE_NAME_SIZE];
    const char *source; /* in what was read */
    uint64_t source_bytes;
};

/* -EBADMSG: these bytes are no such file. */
int hone_quarantine_parse(const char *bytes, uint64_t count, struct hone_quarantined *one);

/* Write one, whole or not at all. A negative errno when it could not. */
int hone_quarantine_write(const char *folder, const struct hone_quarantined *one);

/* Every one, the oldest first, as far as the newest `most_bytes` bytes of files go; older ones are
 * removed, and nothing else. Returns how many there were, or a negative errno: -EPERM when others
 * may write to the folder. */
int hone_quarantine_each(const char *folder, uint64_t most_bytes,
                         void (*take)(void *context, const struct hone_quarantined *one),
                         void *context);

#endif
