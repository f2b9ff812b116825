#include "core/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers we may be built with. */
#define ACCESS_REFER (1ull << 13)
#define ACCESS_TRUNCATE (1ull << 14)
#define ACCESS_IOCTL_DEVICE (1ull << 15)
#define NET_TCP 3ull   /* bind and connect */
#define SCOPE_ALL 3ull /* abstract sockets and signals */

struct attributes {
    uint64_t files, net, scoped;
};

#define ACCESS_LOOK (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)
#define ACCESS_FOLDER (ACCESS_LOOK | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_NULL (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
#define ACCESS_WORK                                                                                \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |  \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | ACCESS_TRUNCATE)

/* Everything a version of Landlock can deny. */
static struct attributes known_by(long version) {
    struct attributes known = {.files = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    known.files |= version >= 2 ? ACCESS_REFER : 0;
    known.files |= version >= 3 ? ACCESS_TRUNCATE : 0;
    known.files |= version >= 5 ? ACCESS_IOCTL_DEVICE : 0;
    known.net = version >= 4 ? NET_TCP : 0;
    known.scoped = version >= 6 ? SCOPE_ALL : 0;
    return known;
}

/* An older kernel wants an older, shorter struct. */
static size_t size_for(long version) {
    return version >= 6 ? 24 : version >= 4 ? 16 : 8;
}

static int allow(int rules, const char *path, uint64_t access, uint64_t handled) {
    struct stat status;
    struct landlock_path_beneath_attr rule = {.allowed_access = access & handled};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
        rule.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
    int result = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return result;
}

int jail_landlock(const struct job *job, const char **step) {
    *step = "cannot use Landlock";
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return -1;
    struct attributes known = known_by(version);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &known, size_for(version), 0);
    if (rules < 0)
        return -1;
    *step = "cannot allow the compiler's files";
    int result = allow(rules, ".", ACCESS_WORK, known.files);
    result = result ? result : allow(rules, "/dev/null", ACCESS_NULL, known.files);
    for (char **path = job->paths; !result && *path; path++)
        result = allow(rules, *path, ACCESS_FOLDER, known.files);
    for (char **link = job->links; !result && *link; link += 2)
        result =
            jail_link(job, link[0], link[1]) ? -1 : allow(rules, link[1], ACCESS_LOOK, known.files);
    if (!result) {
        *step = "cannot close everything else";
        result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    }
    close(rules);
    return result;
}
