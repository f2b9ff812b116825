#include "hardware/cpu/guest/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT_OPTIONS "size=4k,nr_inodes=1,mode=555"

static _Noreturn void unfit(uint32_t feature, const char *what) {
    struct hone_guest_reply reply = {
        .kind = HONE_REPLY_UNFIT, .status = errno ? errno : EIO, .feature = feature};
    snprintf(reply.text, sizeof reply.text, "%s", what);
    hone_reply(&reply, -1);
    _exit(1);
}

static bool starts(const char *text, const char *head) {
    return strncmp(text, head, strlen(head)) == 0;
}

/* The kernel maps its clocks into every process, and reading them takes no system call. Whether all
 * of those pages are gone now. */
static bool hide_clocks(void) {
    static char maps[16384];
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    for (ssize_t got = file < 0 ? 0 : 1; got > 0 && used < sizeof maps - 1; used += (size_t)got)
        if ((got = read(file, maps + used, sizeof maps - 1 - used)) < 0)
            got = 0;
    if (file >= 0)
        close(file);
    maps[used] = '\0';
    bool hidden = used > 0;
    for (char *line = maps, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        const char *name = strchr(line, '[');
        if (!name || !(starts(name, "[vvar") || starts(name, "[vdso")))
            continue;
        char *dash;
        unsigned long begin = strtoul(line, &dash, 16), limit = strtoul(dash + 1, NULL, 16);
        hidden &= munmap((void *)begin, limit - begin) == 0; /* NOLINT: what the kernel says */
    }
    return hidden;
}

static void change_uid(uint32_t uid) {
    if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
        unfit(HONE_FEATURE_UID, "setresuid");
}

/* The caller ends here; its child goes on, in new namespaces, as the supervisor's, who hears of the
 * birth before anything else of it: else it could not bury what failed. By clone(), since
 * containers tend to deny clone3(), whose arguments they cannot read. */
static void make_namespaces(bool with_user) {
    unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                          CLONE_PARENT | CLONE_PIDFD | (with_user ? CLONE_NEWUSER : 0);
    int pidfd = -1, told[2];
    char nothing;
    if (pipe2(told, O_CLOEXEC))
        unfit(HONE_FEATURE_SEPARATE, "pipe");
    long pid = syscall(SYS_clone, flags, NULL, &pidfd, NULL, NULL);
    if (pid < 0)
        unfit(HONE_FEATURE_SEPARATE, "clone into namespaces");
    if (pid > 0) {
        hone_reply(&(struct hone_guest_reply){.kind = HONE_REPLY_BORN}, pidfd);
        _exit(0);
    }
    close(told[1]);
    while (read(told[0], &nothing, 1) < 0 && errno == EINTR)
        ;
    close(told[0]);
}

/* Nothing to open. A root that is the kernel's first cannot be pivoted away, only covered. */
static void enter_empty_root(void) {
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        unfit(HONE_FEATURE_SEPARATE, "mount / private");
    const char *place = access("/tmp", F_OK) ? "/usr" : "/tmp";
    if (mount("none", place, "tmpfs", flags, ROOT_OPTIONS) || chdir(place))
        unfit(HONE_FEATURE_SEPARATE, "mount an empty root");
    if (syscall(SYS_pivot_root, ".", ".") == 0) {
        if (umount2(".", MNT_DETACH))
            unfit(HONE_FEATURE_SEPARATE, "unmount the old root");
    } else if (mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".")) {
        unfit(HONE_FEATURE_SEPARATE, "pivot_root");
    }
    if (chdir("/") || mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL))
        unfit(HONE_FEATURE_SEPARATE, "make the empty root read-only");
}

static void drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &header, none))
        unfit(0, "capset");
}

uint32_t hone_separate(const struct hone_guest_setup *setup) {
    const uint32_t wanted = setup->features;
    const bool separate = wanted & HONE_FEATURE_SEPARATE, with_user = wanted & HONE_FEATURE_USER;
    uint32_t got = wanted & (HONE_FEATURE_SEPARATE | HONE_FEATURE_USER | HONE_FEATURE_UID |
                             HONE_FEATURE_FILTER);
    errno = 0;
    if (hide_clocks())
        got |= HONE_FEATURE_NO_VDSO;
    /* An unprivileged user makes namespaces from a user namespace of its own; nobody is mapped into
     * it, so uids are changed before. A privileged one needs its privilege until the root is
     * changed. */
    if (with_user && (wanted & HONE_FEATURE_UID))
        change_uid(setup->uid);
    if (separate) {
        make_namespaces(with_user);
        enter_empty_root();
    }
    if (!with_user && (wanted & HONE_FEATURE_UID))
        change_uid(setup->uid);
    drop_capabilities();
    /* After the last change of uid or capabilities: that clears both. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        unfit(0, "prctl");
    /* Candidates do without; the guest itself is switched to and from faster with it. */
    if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV) == 0 && prctl(PR_SET_TSC, PR_TSC_ENABLE) == 0)
        got |= HONE_FEATURE_NO_TSC;
    return got;
}
