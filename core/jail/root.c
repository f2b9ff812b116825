#include "core/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORK "/hone.job" /* a name at which no program to be shown lies */
#define NULL_DEVICE "/dev/null"

static int join(char out[PATH_MAX], const char *root, const char *path) {
    int length = snprintf(out, PATH_MAX, "%s%s", root, path);
    if (length < PATH_MAX)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

/* The folders above `path`, from behind the first `skip` bytes on. */
static int make_parents(char *path, size_t skip) {
    for (char *slash = strchr(path + skip + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int result = mkdir(path, 0755);
        *slash = '/';
        if (result && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int make_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    return fd < 0 ? -1 : close(fd);
}

/* Show a file or folder at its own path below the root. Missing ones are left out. */
static int show(const char *root, const char *path) {
    char target[PATH_MAX];
    struct stat status;
    if (stat(path, &status))
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    if (join(target, root, path) || make_parents(target, strlen(root)))
        return -1;
    if (S_ISDIR(status.st_mode) ? mkdir(target, 0755) && errno != EEXIST : make_file(target))
        return -1;
    return mount(path, target, NULL, MS_BIND | MS_REC, NULL);
}

/* The kernel's call; its wrapper is younger than the C libraries we build with. */
static int set_flags(const char *path, bool below, uint64_t flags) {
    const struct { uint64_t set, clear, propagation, user_namespace; } attributes = {.set = flags};
    return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, below ? AT_RECURSIVE : 0, &attributes,
                        sizeof attributes);
}

/* A big file at a name in the job's folder, without a copy. */
static int show_link(const char *name, const char *path) {
    if (strchr(name, '/') || make_file(name) || mount(path, name, NULL, MS_BIND, NULL))
        return -1;
    return set_flags(name, false,
                     MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

/* The mount points first, then everything read-only at once, then what may be written. */
static int fill(const struct job *job, const char **step) {
    char work[PATH_MAX], device[PATH_MAX];
    *step = "cannot show the compiler's files";
    for (char **path = job->paths; *path; path++)
        if (show(job->root, *path))
            return -1;
    if (join(work, job->root, WORK) || join(device, job->root, NULL_DEVICE) || mkdir(work, 0755) ||
        make_parents(device, strlen(job->root)) || make_file(device))
        return -1;
    *step = "cannot make the root read-only";
    if (set_flags(job->root, true, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV))
        return -1;
    *step = "cannot show " NULL_DEVICE;
    if (mount(NULL_DEVICE, device, NULL, MS_BIND, NULL) ||
        set_flags(device, false, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC))
        return -1;
    *step = "cannot show the job's folder";
    if (mount(".", work, NULL, MS_BIND, NULL) ||
        set_flags(work, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC) ||
        chdir(work))
        return -1;
    *step = "cannot show a precompiled header";
    for (char **link = job->links; *link; link += 2)
        if (show_link(link[0], link[1]))
            return -1;
    return 0;
}

int jail_enter_root(const struct job *job, const char **step) {
    *step = "cannot detach mounts";
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return -1;
    *step = "cannot mount a tmpfs";
    if (mount("hone", job->root, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,nr_inodes=4096,mode=755"))
        return -1;
    if (fill(job, step))
        return -1;
    *step = "cannot change the root";
    if (chdir(job->root) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) ||
        chdir(WORK))
        return -1;
    return 0;
}
