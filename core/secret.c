#include "core/secret.h"

#include "core/error.h"
#include "core/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Write a new one beside, then link it into place: whoever is first wins, and nobody reads half of
 * one. */
static int make(const char *path) {
    char temporary[600];
    uint8_t bytes[32];
    snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return -EIO;
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -errno;
    int code = write(file, bytes, sizeof bytes) == sizeof bytes ? 0 : -EIO;
    close(file);
    if (!code && link(temporary, path) && errno != EEXIST)
        code = -errno;
    unlink(temporary);
    return code;
}

int hone_secret_read(uint8_t secret[32], struct hone_error *error) {
    char folder[512], path[560];
    int code = hone_folder_state("", folder, sizeof folder);
    if (code)
        return hone_fail(error, code, "cannot make the state folder: %s", strerror(-code));
    snprintf(path, sizeof path, "%s/secret", folder);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT) {
        code = make(path);
        if (code)
            return hone_fail(error, code, "%s: cannot make the master secret: %s", path,
                             strerror(-code));
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (file < 0)
        return hone_fail(error, -errno, "%s: %s", path, strerror(errno));
    struct stat status;
    if (fstat(file, &status) || status.st_uid != geteuid() || (status.st_mode & 077))
        code = hone_fail(error, -EPERM, "%s: must belong to you and have mode 0600", path);
    else if (read(file, secret, 32) != 32)
        code =
            hone_fail(error, -EIO, "%s: must hold 32 bytes; remove it to have it made anew", path);
    close(file);
    return code;
}
