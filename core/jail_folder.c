#include "core/jail_folder.h"

#include "core/error.h"
#include "core/jail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "hone-jail-"
#define LOCK ".lock"
#define NEW_LOCK ".lock-new"
#define WORK "work"
#define DEPTH_MAX 16
#define GRACE_S                                                                                    \
    60 /* between mkdtemp() and the lock: such a folder is only taken for dead when old */

static const char *parent_path(void) {
    const char *path = getenv("TMPDIR");
    return path && path[0] == '/' ? path : "/tmp";
}

/* A job may have closed a folder to its own user, who is ours without root. Its processes are gone,
 * and the mode is changed on a descriptor of a folder, not on a path. */
static int open_folder(int parent, const char *name) {
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 || errno != EACCES)
        return fd;
    char path[64];
    int closed = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (closed < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", closed);
    if (chmod(path, 0700) == 0)
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int saved = errno;
    close(closed);
    errno = saved;
    return fd;
}

/* Everything below `parent`/`name`, and it. Never follows a link. */
static int remove_tree(int parent, const char *name, int depth) {
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -errno;
    if (depth == DEPTH_MAX)
        return -ELOOP;
    int fd = open_folder(parent, name);
    if (fd < 0)
        return -errno;
    DIR *folder = fdopendir(fd);
    if (!folder) {
        int result = -errno;
        close(fd);
        return result;
    }
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_tree(fd, entry->d_name, depth + 1);
    closedir(folder);
    return unlinkat(parent, name, AT_REMOVEDIR) ? -errno : 0;
}

/* Locked before it gets its name, so that whoever sees the name sees the lock. */
static int take_lock(int folder) {
    int fd = openat(folder, NEW_LOCK, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) || renameat(folder, NEW_LOCK, folder, LOCK)) {
        int result = -errno;
        close(fd);
        return result;
    }
    return fd;
}

/* Given away while it is empty and nobody else knows of it. */
static int make_work(struct hone_jail_folder *folder, uid_t user) {
    if (mkdirat(folder->fd, WORK, 0700))
        return -errno;
    folder->work = openat(folder->fd, WORK, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->work < 0)
        return -errno;
    folder->user = user;
    return user != geteuid() && fchown(folder->work, user, (gid_t)user) ? -errno : 0;
}

int hone_jail_folder_make(struct hone_jail_folder *folder, uid_t user, struct hone_error *error) {
    *folder = (struct hone_jail_folder)HONE_JAIL_FOLDER_NONE;
    int length = snprintf(folder->path, sizeof folder->path, "%s/" PREFIX "XXXXXX", parent_path());
    if (length < 0 || (size_t)length >= sizeof folder->path)
        return hone_fail(error, -ENAMETOOLONG, "TMPDIR is too long a path: %s", parent_path());
    if (!mkdtemp(folder->path)) {
        int result = -errno;
        return hone_fail(error, result, "cannot make the folder %s for a compiler: %s",
                         folder->path, strerror(-result));
    }
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    folder->lock = folder->fd < 0 ? -errno : take_lock(folder->fd);
    int result = folder->lock < 0 ? folder->lock : make_work(folder, user);
    if (result == 0)
        return 0;
    hone_jail_folder_remove(folder);
    return hone_fail(error, result, "cannot lock a folder below %s: %s", parent_path(),
                     strerror(-result));
}

static int write_all(int fd, const void *bytes, uint64_t size) {
    for (const char *at = bytes; size;) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        at += written;
        size -= (uint64_t)written;
    }
    return 0;
}

int hone_jail_folder_fill(const struct hone_jail_folder *folder, const struct hone_job_file *files,
                          uint32_t count, struct hone_error *error) {
    for (uint32_t i = 0; i < count; i++) {
        const char *name = files[i].name;
        if (!name[0] || name[0] == '.' || strchr(name, '/'))
            return hone_fail(error, -EINVAL, "a compile job may not have a file called \"%s\"",
                             name);
        int fd =
            openat(folder->work, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        int result = fd < 0 || fchmod(fd, 0444) ? -errno : 0;
        result = result ? result : write_all(fd, files[i].bytes, files[i].size);
        if (fd >= 0)
            close(fd);
        if (result)
            return hone_fail(error, result, "cannot write %s/%s: %s", folder->path, name,
                             strerror(-result));
    }
    return 0;
}

/* At most `size` bytes, which is what fstat() said: a file that still changes is cut, not trusted.
 */
static int read_all(int fd, void *bytes, uint64_t size, uint64_t *count) {
    *count = 0;
    while (*count < size) {
        ssize_t got = read(fd, (char *)bytes + *count, size - *count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        *count += (uint64_t)got;
    }
    return 0;
}

int hone_jail_folder_take(const struct hone_jail_folder *folder, const char *name, uint64_t limit,
                          void **bytes, uint64_t *count) {
    *bytes = NULL;
    *count = 0;
    int fd = openat(folder->work, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP || errno == ENXIO || errno == EACCES ? 0 : -errno;
    struct stat stat;
    int result = fstat(fd, &stat) ? -errno : 0;
    if (result == 0 && S_ISREG(stat.st_mode) && stat.st_uid == folder->user && stat.st_nlink == 1) {
        if ((uint64_t)stat.st_size > limit)
            result = -EFBIG;
        else if (!(*bytes = malloc((size_t)stat.st_size + 1)))
            result = -ENOMEM;
        else
            result = read_all(fd, *bytes, (uint64_t)stat.st_size, count);
    }
    if (result) {
        free(*bytes);
        *bytes = NULL;
    }
    close(fd);
    return result;
}

void hone_jail_folder_remove(struct hone_jail_folder *folder) {
    if (folder->path[0])
        remove_tree(AT_FDCWD, folder->path, 0);
    if (folder->fd >= 0)
        close(folder->fd);
    if (folder->work >= 0)
        close(folder->work);
    if (folder->lock >= 0)
        close(folder->lock);
    *folder = (struct hone_jail_folder)HONE_JAIL_FOLDER_NONE;
}

static bool is_dead(int parent, const char *name) {
    struct stat stat;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return false;
    bool dead = false;
    if (fstat(folder, &stat) == 0 && stat.st_uid == geteuid()) {
        int lock = openat(folder, LOCK, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (lock >= 0) {
            dead = flock(lock, LOCK_EX | LOCK_NB) == 0;
            close(lock);
        } else if (errno == ENOENT) {
            dead = time(NULL) - stat.st_mtime > GRACE_S;
        }
    }
    close(folder);
    return dead;
}

int hone_jail_sweep(void) {
    DIR *parent = opendir(parent_path());
    if (!parent)
        return -errno;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(parent));)
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
            is_dead(dirfd(parent), entry->d_name) &&
            remove_tree(dirfd(parent), entry->d_name, 0) == 0)
            count++;
    closedir(parent);
    return count;
}
