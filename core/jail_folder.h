/* jail_folder.h - the private folder of one compile job: made, filled, read back once, removed.
 *
 * The folder is the supervisor's; a lock on a file in it says that its supervisor lives. In it lies
 * the job's own folder, which the job may write to. What that holds at the end was made by
 * untrusted hands: nothing is followed, no owner or mode is changed, nothing but a regular file is
 * read.
 */
#ifndef HONE_CORE_JAIL_FOLDER_H
#define HONE_CORE_JAIL_FOLDER_H

#include "plugins/hardware.h"

#include <sys/types.h>

struct hone_jail_folder {
    char path[256];
    int fd;     /* of the folder; -1: none */
    int work;   /* of the job's own */
    int lock;   /* held until hone_jail_folder_remove() */
    uid_t user; /* whom the job's own belongs to */
};

#define HONE_JAIL_FOLDER_NONE                                                                      \
    { .fd = -1, .work = -1, .lock = -1 }

/* Results here are 0 or a negative errno. The job will run as `user`. */
int hone_jail_folder_make(struct hone_jail_folder *folder, uid_t user, struct hone_error *error);
/* Put these files into the job's own folder, before it runs. */
int hone_jail_folder_fill(const struct hone_jail_folder *folder, const struct hone_job_file *files,
                          uint32_t count, struct hone_error *error);

/* The bytes of one file, malloc()ed; *bytes is NULL when there is none or it is not one we would
 * read: a regular file with one name, of the job's user. -EFBIG when it has more than `limit`
 * bytes. */
int hone_jail_folder_take(const struct hone_jail_folder *folder, const char *name, uint64_t limit,
                          void **bytes, uint64_t *count);
void hone_jail_folder_remove(struct hone_jail_folder *folder);

#endif
