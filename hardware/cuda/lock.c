#include "hardware/cuda/cuda.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_LIMIT_NS 120000000000ull
#define WAIT_PAUSE_NS 2000000

/* A lock on a file ends with whoever holds it, however that may die. Reading is enough to lock, so
 * that users share a device, whatever mask the first of them has; made without O_CREAT first, since
 * some systems let nobody open with it what another user made in a folder for all. What lies there
 * may be anybody's: no pipe is waited for, and no link followed. */
static int open_file(const char *path) {
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    struct stat status;
    int fd = open(path, flags);
    if (fd < 0 && errno == ENOENT) {
        fd = open(path, flags | O_CREAT, 0644);
        if (fd >= 0)
            fchmod(fd, 0644); /* of another's it fails, and need not be done */
    }
    if (fd < 0)
        return -errno;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close(fd);
    return -EINVAL;
}

/* The first folder where there is a lock or one can be made. One that is there and cannot be opened
 * is no reason to go elsewhere: somebody else may hold it. */
static int open_lock(const struct cuda *cuda, const char *id, char *path, size_t size) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *folders[] = {cuda->lock_folder, "/run/lock", runtime ? runtime : "/tmp", "/tmp"};
    struct stat status;
    int fd = -ENOENT;
    for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof *folders; i++) {
        if (!folders[i][0])
            continue;
        snprintf(path, size, "%s/hone-gpu-%s.lock", folders[i], id);
        fd = open_file(path);
        if (i == 0 || lstat(path, &status) == 0)
            break;
    }
    return fd;
}

int hone_cuda_lock(const struct cuda *cuda, uint32_t device, struct hone_error *error) {
    const struct timespec pause = {.tv_nsec = WAIT_PAUSE_NS};
    const uint64_t deadline = hone_cuda_now_ns() + WAIT_LIMIT_NS;
    char path[HONE_CUDA_PATH_SIZE + 80];
    int fd = open_lock(cuda, cuda->devices[device].facts.id, path, sizeof path);
    if (fd < 0)
        return hone_cuda_fail(error, fd, "cannot open the lock of cuda:%u, %s: %s", device, path,
                              strerror(-fd));
    while (flock(fd, LOCK_EX | LOCK_NB)) {
        int code = -errno;
        if (code != -EWOULDBLOCK && code != -EINTR) {
            close(fd);
            return hone_cuda_fail(error, code, "cannot lock %s: %s", path, strerror(-code));
        }
        if (hone_cuda_now_ns() > deadline) {
            close(fd);
            return hone_cuda_fail(error, -EBUSY,
                                  "cuda:%u is measured on by another process since 120 s (%s)",
                                  device, path);
        }
        nanosleep(&pause, NULL);
    }
    return fd;
}
