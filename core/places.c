#include "core/error.h"
#include "core/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int join(char *out, size_t size, const char *folder, const char *rest,
                struct hone_error *error) {
    int length = snprintf(out, size, "%s%s", folder, rest);
    if (length < 0 || (size_t)length >= size)
        return hone_fail(error, -ENAMETOOLONG, "%.200s...%s: the path is too long", folder, rest);
    return 0;
}

/* PREFIX/bin/hone; `prefix` is cut out of `program`. */
static int install_tree(struct hone_places *places, const char *prefix, struct hone_error *error) {
    int result = join(places->plugins, sizeof places->plugins, prefix, "/lib/hone/plugins", error);
    if (!result)
        result = join(places->library, sizeof places->library, prefix, "/lib/hone", error);
    if (!result)
        result = join(places->tasks, sizeof places->tasks, prefix, "/share/hone/tasks", error);
    if (!result)
        result =
            join(places->settings, sizeof places->settings, prefix, "/share/hone/hone.ini", error);
    return result;
}

/* ROOT/build/MODE/...: programs of a build tree that are not hone itself (tests) use the hone
 * beside them. */
static int build_tree(struct hone_places *places, const char *root, const char *build,
                      struct hone_error *error) {
    char hone[512];
    int result = join(places->plugins, sizeof places->plugins, build, "/plugins", error);
    if (!result)
        result = join(places->library, sizeof places->library, build, "/lib", error);
    if (!result)
        result = join(places->tasks, sizeof places->tasks, root, "/tasks", error);
    if (!result)
        result = join(places->settings, sizeof places->settings, root, "/etc/hone.ini", error);
    if (!result)
        result = join(hone, sizeof hone, build, "/hone", error);
    if (!result && !access(hone, X_OK))
        memcpy(places->program, hone, sizeof hone);
    return result;
}

static int find_tree(struct hone_places *places, struct hone_error *error) {
    char prefix[512], folder[512];
    memcpy(prefix, places->program, sizeof prefix);
    char *name = strrchr(prefix, '/');
    if (name)
        *name = '\0';
    size_t length = strlen(prefix);
    if (name && length >= 4 && !strcmp(prefix + length - 4, "/bin")) {
        prefix[length - 4] = '\0';
        int result = join(folder, sizeof folder, prefix, "/lib/hone", error);
        if (result)
            return result;
        if (!access(folder, X_OK))
            return install_tree(places, prefix, error);
        prefix[length - 4] = '/';
    }
    /* The last "/build/" of the path, and the mode after it. */
    char *build = NULL;
    for (char *at = prefix; name && (at = strstr(at, "/build/")); at++)
        build = at;
    if (!build)
        return hone_fail(error, -ENOENT,
                         "%s: in neither an install tree (PREFIX/bin, PREFIX/lib/hone) nor a build "
                         "tree (build/MODE)",
                         places->program);
    memcpy(folder, prefix, sizeof folder);
    build[0] = '\0';
    char *mode = folder + (build - prefix) + strlen("/build/");
    mode[strcspn(mode, "/")] = '\0';
    return build_tree(places, prefix, folder, error);
}

static int override_with(const char *variable, char *out, size_t size, struct hone_error *error) {
    const char *value = getenv(variable);
    return value && *value ? join(out, size, value, "", error) : 0;
}

int hone_places(struct hone_places *places, struct hone_error *error) {
    *places = (struct hone_places){{0}, {0}, {0}, {0}, {0}};
    ssize_t length = readlink("/proc/self/exe", places->program, sizeof places->program);
    if (length < 0)
        return hone_fail(error, -errno, "/proc/self/exe: %s", strerror(errno));
    if ((size_t)length >= sizeof places->program)
        return hone_fail(error, -ENAMETOOLONG, "this program's path is too long");
    places->program[length] = '\0';
    int result = find_tree(places, error);
    if (!result)
        result = override_with("HONE_TASKS", places->tasks, sizeof places->tasks, error);
    if (!result)
        result = override_with("HONE_PROGRAM", places->program, sizeof places->program, error);
    return result;
}
