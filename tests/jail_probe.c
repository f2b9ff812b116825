/* jail_probe.c - a program that takes the compiler's place in the jail and says what it can see and
 * do there. tests/test_jail_walls.c builds it, statically, and runs it.
 *
 * Lines in the file `out`: `d PATH`, `f PATH`, `l PATH`, `o PATH` for everything below /, `closed
 * PATH` for what cannot be looked into, `w PATH` for a folder in which a file can be made; `open
 * PATH ERRNO` for each argument; `call NAME ERRNO`; `fd N`, `env TEXT`, and `id PID PARENT UID
 * GID`.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void try_to_write(const char *path) {
    char name[PATH_MAX + 16];
    snprintf(name, sizeof name, "%s/.probe", path);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return;
    close(fd);
    unlink(name);
    printf("w %s\n", path);
}

static void list(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) {
        printf("closed %s\n", path);
        return;
    }
    try_to_write(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char below[PATH_MAX];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%s/%s", strcmp(path, "/") == 0 ? "" : path, entry->d_name);
        if (lstat(below, &status)) {
            printf("closed %s\n", below);
            continue;
        }
        printf("%c %s\n",
               S_ISDIR(status.st_mode)   ? 'd'
               : S_ISREG(status.st_mode) ? 'f'
               : S_ISLNK(status.st_mode) ? 'l'
                                         : 'o',
               below);
        if (S_ISDIR(status.st_mode))
            list(below);
    }
    closedir(folder);
}

/* What must not be there. The arguments are such that the kernel itself would say something else
 * than "no such call", if it were asked. */
#define CALL(name, ...)                                                                            \
    {                                                                                              \
#name, SYS_##name, {                                                                       \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
static const struct {
    const char *name;
    long number;
    long arguments[6];
} calls[] = {
    CALL(socket, 1, 1, 0),
    CALL(socket, 2, 1, 0),
    CALL(socket, 40, 1, 0),
    CALL(socketpair, 1, 1, 0, 0),
    CALL(ptrace, 0x4206, 1, 0, 0),
    CALL(io_uring_setup, 1, 0),
    CALL(io_uring_enter, -1, 0, 0, 0, 0, 0),
    CALL(keyctl, 0, -3, 0),
    CALL(add_key, 0, 0, 0, 0, 0),
    CALL(request_key, 0, 0, 0, 0),
    CALL(bpf, 0, 0, 0),
    CALL(userfaultfd, 1),
    CALL(perf_event_open, 0, 0, -1, -1, 0),
    CALL(unshare, 0),
    CALL(setns, -1, 0),
    CALL(mount, 0, 0, 0, 0, 0),
    CALL(umount2, 0, 0),
    CALL(open_tree, AT_FDCWD, 0, 0),
    CALL(move_mount, -1, 0, -1, 0, 0),
    CALL(fsopen, 0, 0),
    CALL(mount_setattr, AT_FDCWD, 0, 0, 0, 0),
    CALL(chroot, 0),
    CALL(pivot_root, 0, 0),
    CALL(process_vm_readv, 1, 0, 0, 0, 0, 0),
    CALL(process_vm_writev, 1, 0, 0, 0, 0, 0),
    CALL(process_madvise, -1, 0, 0, 0, 0),
    CALL(pidfd_open, 1, 0),
    CALL(pidfd_getfd, -1, 0, 0),
    CALL(pidfd_send_signal, -1, 0, 0, 0),
    CALL(kcmp, 1, 1, 0, 0, 0),
    CALL(shmget, 0, 0, 0),
    CALL(semget, 1, 0, 0),
    CALL(msgget, 1, 0),
    CALL(mq_open, 0, 0, 0, 0),
    CALL(swapon, 0, 0),
    CALL(swapoff, 0),
    CALL(init_module, 0, 0, 0),
    CALL(finit_module, -1, 0, 0),
    CALL(delete_module, 0, 0),
    CALL(reboot, 0, 0, 0, 0),
    CALL(kexec_load, 0, 0, 0, 0),
    CALL(memfd_create, 0, 0),
    CALL(clone3, 0, 0),
    CALL(execveat, -1, 0, 0, 0, 0),
    CALL(kill, 1, 0),
    CALL(tkill, 1, 0),
    CALL(tgkill, 1, 1, 0),
    CALL(prctl, PR_SET_DUMPABLE, 1, 0, 0, 0),
    CALL(prctl, PR_SET_SECCOMP, 0, 0, 0, 0),
    CALL(seccomp, 1, 0, 0),
    CALL(personality, 0xffffffff),
    CALL(setuid, 0),
    CALL(setresuid, -1, -1, -1),
    CALL(setgroups, 0, 0),
    CALL(capset, 0, 0),
    CALL(symlinkat, 0, 0, 0),
    CALL(linkat, 0, 0, 0, 0, 0),
    CALL(mkdirat, AT_FDCWD, 0, 0),
    CALL(mknodat, AT_FDCWD, 0, 0, 0),
    CALL(flock, -1, 0),
    CALL(fcntl, 1, F_SETLEASE, F_UNLCK),
    CALL(fcntl, 1, F_SETLK, 0),
    CALL(fcntl, 1, F_SETOWN, 1),
    CALL(ioctl, 0, 0x5412, 0),
    CALL(prlimit64, 1, RLIMIT_CORE, 0, 0),
    CALL(open_by_handle_at, -1, 0, 0),
    CALL(name_to_handle_at, AT_FDCWD, 0, 0, 0, 0),
    CALL(fanotify_init, 0, 0),
    CALL(inotify_init1, 0),
    CALL(setpriority, 0, 0, 0),
    CALL(sched_setaffinity, 0, 0, 0),
    CALL(sched_setscheduler, 0, 0, 0),
    CALL(setitimer, 0, 0, 0),
    CALL(timer_create, 0, 0, 0),
    CALL(quotactl, 0, 0, 0, 0),
    CALL(acct, 1),
    CALL(syslog, 3, 0, 0),
    CALL(sethostname, 0, -1),
    CALL(settimeofday, 0, 0),
};

static void try_calls(void) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const long *with = calls[i].arguments;
        long result =
            syscall(calls[i].number, with[0], with[1], with[2], with[3], with[4], with[5]);
        printf("call %s %d\n", calls[i].name, result < 0 ? errno : 0);
    }
}

static void try_fork(const char *name, unsigned long flags) {
    long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    printf("call %s %d\n", name, pid < 0 ? errno : 0);
    if (pid > 0)
        waitpid((pid_t)pid, NULL, 0);
}

static void try_to_open(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    printf("open %s %d\n", path, fd < 0 ? errno : 0);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv, char **environment) {
    if (!freopen("out", "w", stdout))
        return 1;
    printf("id %d %d %u %u\n", getpid(), getppid(), getuid(), getgid());
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf("fd %d\n", fd);
    for (; *environment; environment++)
        printf("env %s\n", *environment);
    for (int i = 1; i < argc; i++)
        try_to_open(argv[i]);
    try_calls();
    try_fork("clone_newuser", CLONE_NEWUSER);
    try_fork("clone_newpid", CLONE_NEWPID);
    try_fork("clone", 0);
    list("/");
    try_to_write(".");
    return 0;
}
