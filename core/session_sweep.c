#include "core/error.h"
#include "core/session_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SEGMENTS "/dev/shm"

static int default_directory(char *path, size_t size, bool grouped) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int length;
    /* $XDG_RUNTIME_DIR is 0700 itself: no group would get past it. */
    if (runtime && runtime[0] == '/' && !grouped)
        length = snprintf(path, size, "%s/hone", runtime);
    else
        length = snprintf(path, size, "/tmp/hone-%u", (unsigned)geteuid());
    return length < (int)size ? 0 : -ENAMETOOLONG;
}

/* Our own, a directory and no symbolic link, open to nobody else. */
static int check_directory(const char *path, gid_t group, bool grouped, struct hone_error *error) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return hone_fail(error, -errno, "%s is no directory of ours: %s", path, strerror(errno));
    struct stat facts;
    int status = fstat(descriptor, &facts) ? -errno : 0;
    if (!status && facts.st_uid != geteuid())
        status = hone_fail(error, -EPERM, "%s belongs to user %u, not to us: remove it", path,
                           (unsigned)facts.st_uid);
    else if (!status && grouped &&
             (fchown(descriptor, (uid_t)-1, group) || fchmod(descriptor, 0750)))
        status =
            hone_fail(error, -errno, "%s cannot be given to the group: %s", path, strerror(errno));
    else if (!status && !grouped && (facts.st_mode & 027))
        status = hone_fail(error, -EPERM, "%s is open to others (mode %o): chmod 700 it", path,
                           facts.st_mode & 07777);
    close(descriptor);
    return status;
}

int hone_session_directory(char *path, size_t size, const char *wanted, gid_t group, bool grouped,
                           struct hone_error *error) {
    int status = 0;
    if (wanted)
        status = snprintf(path, size, "%s", wanted) < (int)size ? 0 : -ENAMETOOLONG;
    else
        status = default_directory(path, size, grouped);
    if (status)
        return hone_fail(error, status, "the path of the session directory is too long");
    if (mkdir(path, grouped ? 0750 : 0700) && errno != EEXIST)
        return hone_fail(error, -errno, "%s cannot be made: %s", path, strerror(errno));
    return check_directory(path, group, grouped, error);
}

/* A lock on a file that still has its name. -EWOULDBLOCK: another process holds it. -ESTALE: it
 * went away meanwhile. */
static int lock_file(int directory, const char *name, int flags) {
    int descriptor = openat(directory, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
    if (descriptor < 0)
        return -errno;
    struct stat ours, named;
    int status = 0;
    if (flock(descriptor, LOCK_EX | LOCK_NB))
        status = -errno;
    else if (fstat(descriptor, &ours) || fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) ||
             ours.st_ino != named.st_ino || ours.st_dev != named.st_dev)
        status = -ESTALE;
    if (!status)
        return descriptor;
    close(descriptor);
    return status;
}

int hone_session_lock(struct hone_session *session, struct hone_error *error) {
    size_t room = sizeof session->socket_path;
    if (snprintf(session->socket_path, room, "%s/%s.sock", session->directory, session->name) >=
        (int)room)
        return hone_fail(error, -ENAMETOOLONG, "%s/%s.sock is too long for a socket",
                         session->directory, session->name);
    snprintf(session->lock_path, sizeof session->lock_path, "%.*s.lock",
             (int)strlen(session->socket_path) - 5, session->socket_path);
    /* A sweep holds a dead server's lock for an instant; a live server holds it on. */
    for (int attempt = 0; attempt < 20; attempt++) {
        session->lock = lock_file(AT_FDCWD, session->lock_path, O_CREAT);
        if (session->lock >= 0)
            return 0;
        if (session->lock == -EWOULDBLOCK)
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        else if (session->lock != -ESTALE)
            break;
    }
    int status = session->lock;
    session->socket_path[0] = '\0'; /* it is not ours to remove */
    if (status == -EWOULDBLOCK || status == -ESTALE)
        return hone_fail(error, -EADDRINUSE,
                         "a live server has the name '%s' (it holds %s): stop it or choose another",
                         session->name, session->lock_path);
    return hone_fail(error, status, "%s cannot be locked: %s", session->lock_path,
                     strerror(-status));
}

void hone_session_unlock(struct hone_session *session) {
    if (session->lock < 0)
        return;
    unlink(session->socket_path);
    unlink(session->lock_path);
    close(session->lock);
    session->lock = -1;
}

static bool has_end(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && !strcmp(name + length - tail, end);
}

static int sweep_socket(int directory, const char *lock_name) {
    int lock = lock_file(directory, lock_name, 0);
    if (lock < 0)
        return 0;
    char socket_name[NAME_MAX + 1];
    snprintf(socket_name, sizeof socket_name, "%.*s.sock", (int)strlen(lock_name) - 5, lock_name);
    int removed = !unlinkat(directory, socket_name, 0);
    removed += !unlinkat(directory, lock_name, 0);
    close(lock);
    return removed > 0;
}

static int sweep_segment(int directory, const char *name) {
    struct stat facts;
    if (fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) || !S_ISREG(facts.st_mode) ||
        facts.st_uid != geteuid())
        return 0;
    int lock = lock_file(directory, name, 0);
    if (lock < 0)
        return 0;
    int removed = !unlinkat(directory, name, 0);
    close(lock);
    return removed;
}

static int sweep(const char *path, bool (*wanted)(const char *name),
                 int (*remove_one)(int directory, const char *name)) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ENOENT ? 0 : -errno;
    DIR *directory = fdopendir(descriptor);
    if (!directory) {
        close(descriptor);
        return -ENOMEM;
    }
    int removed = 0;
    const struct dirent *entry;
    while ((entry = readdir(directory)))
        if (wanted(entry->d_name))
            removed += remove_one(dirfd(directory), entry->d_name);
    closedir(directory);
    return removed;
}

static bool is_lock(const char *name) {
    return has_end(name, ".lock");
}

static bool is_segment(const char *name) {
    return !strncmp(name, "hone.", 5) &&
           (has_end(name, ".up") || has_end(name, ".down") || has_end(name, ".ctl"));
}

static int sweep_directory(const char *path) {
    struct stat facts;
    bool ours = !lstat(path, &facts) && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid();
    return ours ? sweep(path, is_lock, sweep_socket) : 0;
}

int hone_session_sweep(const char *wanted) {
    char path[96], shared[96];
    if (wanted ? snprintf(path, sizeof path, "%s", wanted) >= (int)sizeof path
               : default_directory(path, sizeof path, false) != 0)
        return -ENAMETOOLONG;
    int sockets = sweep_directory(path);
    /* Servers that a group shares are elsewhere. */
    if (!wanted && sockets >= 0 && !default_directory(shared, sizeof shared, true) &&
        strcmp(path, shared))
        sockets += sweep_directory(shared);
    int segments = sweep(SEGMENTS, is_segment, sweep_segment);
    return sockets < 0 ? sockets : segments < 0 ? segments : sockets + segments;
}
