#include "hardware/cuda/cuda.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define WAIT_LIMIT_NS 120000000000ull
#define WAIT_PAUSE_NS 2000000

/* A lock on a file ends with whoever holds it, however that may die. Reading is enough to lock, so
 * that users share a device; made without O_CREAT first, since some systems let nobody open with it
 * what another user made in a folder for all. */
static int open_file(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_CREAT, 0644);
    return fd < 0 ? -errno : fd;
}

static int open_lock(const struct cuda *cuda, const char *id, char *path, size_t size) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *folders[] = {cuda->lock_folder, "/run/lock", runtime ? runtime : "/tmp", "/tmp"};
    int fd = -ENOENT;
    for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof *folders; i++) {
        if (!folders[i][0])
            continue;
        snprintf(path, size, "%s/hone-gpu-%s.lock", folders[i], id);
        fd = open_file(path);
        if (i == 0)
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
