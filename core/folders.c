#include "core/folders.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int hone_folder_make(const char *path) {
    char copy[512];
    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
        return -ENAMETOOLONG;
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(copy, 0700) && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return mkdir(copy, 0700) && errno != EEXIST ? -errno : 0;
}

bool hone_is_ours_alone(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && status.st_uid == geteuid() && !(status.st_mode & 022);
}

static const char *home(void) {
    const char *folder = getenv("HOME");
    if (folder && *folder == '/')
        return folder;
    const struct passwd *user = getpwuid(geteuid());
    return user ? user->pw_dir : "/tmp";
}

static int folder_below(const char *variable, const char *fallback, const char *name, char *path,
                        size_t size) {
    const char *base = getenv(variable);
    int used =
        base && *base == '/'
            ? snprintf(path, size, "%s/hone%s%s", base, *name ? "/" : "", name)
            : snprintf(path, size, "%s/%s/hone%s%s", home(), fallback, *name ? "/" : "", name);
    return used >= (int)size ? -ENAMETOOLONG : hone_folder_make(path);
}

int hone_folder_state(const char *name, char *path, size_t size) {
    return folder_below("XDG_STATE_HOME", ".local/state", name, path, size);
}

int hone_folder_cache(const char *name, char *path, size_t size) {
    return folder_below("XDG_CACHE_HOME", ".cache", name, path, size);
}
