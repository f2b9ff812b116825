#include "hardware/trust.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a folder like /tmp others cannot replace what is ours. */
static bool is_safe(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && (geteuid() != 0 || status.st_uid == 0) &&
           (!(status.st_mode & S_IWOTH) || (S_ISDIR(status.st_mode) && status.st_mode & S_ISVTX));
}

bool hone_is_trusted(const char *path) {
    char part[PATH_MAX];
    if (!realpath(path, part))
        return false;
    if (strncmp(part, "/usr/", 5) == 0 || strncmp(part, "/opt/", 5) == 0)
        return true;
    while (is_safe(part)) {
        char *slash = strrchr(part, '/');
        if (slash == part)
            return is_safe("/");
        *slash = '\0';
    }
    return false;
}
