/* Which calls the jail's filter lets through, by running the filter itself: no process has to make
 * them. */
#include "core/jail_filter.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <sys/ioctl.h>

static struct sock_filter *filter;
static uint32_t count;

static void set_up(void) {
    struct hone_error error;
    cr_assert(eq(int, hone_jail_filter_make(&filter, &count, &error), 0), "%s", error.text);
}

static void tear_down(void) {
    free(filter);
}

TestSuite(jail_filter, .init = set_up, .fini = tear_down);

static bool jumps(const struct sock_filter *at, uint32_t value) {
    switch (BPF_OP(at->code)) {
    case BPF_JEQ:
        return value == at->k;
    case BPF_JGT:
        return value > at->k;
    case BPF_JGE:
        return value >= at->k;
    case BPF_JSET:
        return (value & at->k) != 0;
    default:
        cr_fatal("an unknown jump 0x%x", at->code);
        return false;
    }
}

/* What the kernel would do with a call: classic BPF, as much of it as filters of calls are made of.
 */
static uint32_t run(const struct seccomp_data *data) {
    uint32_t value = 0;
    for (uint32_t at = 0; at < count; at++) {
        const struct sock_filter *step = &filter[at];
        switch (BPF_CLASS(step->code)) {
        case BPF_LD:
            cr_assert(le(u32, step->k, sizeof *data - sizeof value));
            memcpy(&value, (const char *)data + step->k, sizeof value);
            break;
        case BPF_ALU:
            cr_assert(eq(int, BPF_OP(step->code), BPF_AND));
            value &= step->k;
            break;
        case BPF_JMP:
            at += BPF_OP(step->code) == BPF_JA ? step->k : jumps(step, value) ? step->jt : step->jf;
            break;
        case BPF_RET:
            return step->k;
        default:
            cr_fatal("an unknown instruction 0x%x", step->code);
        }
    }
    cr_fatal("the filter has no end");
    return 0;
}

static bool allows_with(int call, uint64_t first, uint64_t second) {
    const struct seccomp_data data = {
        .nr = call, .arch = AUDIT_ARCH_X86_64, .args = {first, second}};
    return run(&data) == SECCOMP_RET_ALLOW;
}

static bool allows(int call) {
    return allows_with(call, 0, 0);
}

Test(jail_filter, lets_a_compiler_work) {
    static const char *const names[] = {"read",   "write",  "openat",    "mmap", "execve",
                                        "vfork",  "wait4",  "unlink",    "brk",  "exit_group",
                                        "rename", "access", "getrandom", "stat", "clone"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect(allows(seccomp_syscall_resolve_name(names[i])), "%s", names[i]);
}

/* Ways to leave something behind, to reach another process or machine, to become somebody else, and
 * the kernel's younger doors. */
Test(jail_filter, refuses_what_no_compiler_needs) {
    static const char *const names[] = {"link",
                                        "linkat",
                                        "symlink",
                                        "symlinkat",
                                        "mkdir",
                                        "mkdirat",
                                        "rmdir",
                                        "mknod",
                                        "mknodat",
                                        "chown",
                                        "fchown",
                                        "lchown",
                                        "fchownat",
                                        "setxattr",
                                        "fsetxattr",
                                        "utimensat",
                                        "utimes",
                                        "mount",
                                        "umount2",
                                        "pivot_root",
                                        "chroot",
                                        "fsopen",
                                        "open_tree",
                                        "move_mount",
                                        "openat2",
                                        "socket",
                                        "socketpair",
                                        "connect",
                                        "bind",
                                        "sendmsg",
                                        "sendto",
                                        "recvmsg",
                                        "accept",
                                        "listen",
                                        "ptrace",
                                        "process_vm_readv",
                                        "process_vm_writev",
                                        "kill",
                                        "tkill",
                                        "tgkill",
                                        "rt_sigqueueinfo",
                                        "rt_tgsigqueueinfo",
                                        "pidfd_open",
                                        "pidfd_getfd",
                                        "pidfd_send_signal",
                                        "shmget",
                                        "shmat",
                                        "semget",
                                        "semop",
                                        "msgget",
                                        "mq_open",
                                        "memfd_create",
                                        "memfd_secret",
                                        "flock",
                                        "sendfile",
                                        "splice",
                                        "vmsplice",
                                        "tee",
                                        "copy_file_range",
                                        "inotify_init",
                                        "inotify_init1",
                                        "fanotify_init",
                                        "unshare",
                                        "setns",
                                        "clone3",
                                        "execveat",
                                        "personality",
                                        "setuid",
                                        "setgid",
                                        "setresuid",
                                        "setgroups",
                                        "capset",
                                        "keyctl",
                                        "add_key",
                                        "request_key",
                                        "seccomp",
                                        "bpf",
                                        "perf_event_open",
                                        "userfaultfd",
                                        "io_uring_setup",
                                        "io_setup",
                                        "init_module",
                                        "finit_module",
                                        "kexec_load",
                                        "reboot",
                                        "swapon",
                                        "iopl",
                                        "ioperm",
                                        "sched_setaffinity",
                                        "sched_setscheduler",
                                        "setpriority",
                                        "ioprio_set",
                                        "mlock",
                                        "mlockall",
                                        "pkey_mprotect",
                                        "pkey_alloc",
                                        "mbind",
                                        "move_pages",
                                        "migrate_pages",
                                        "landlock_add_rule",
                                        "name_to_handle_at",
                                        "open_by_handle_at",
                                        "quotactl",
                                        "acct",
                                        "sethostname",
                                        "settimeofday",
                                        "clock_settime",
                                        "adjtimex",
                                        "timer_create",
                                        "timerfd_create",
                                        "eventfd2",
                                        "signalfd4",
                                        "epoll_create1",
                                        "kcmp",
                                        "modify_ldt",
                                        "vhangup",
                                        "syslog",
                                        "fallocate",
                                        "sync"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int call = seccomp_syscall_resolve_name(names[i]);
        cr_expect(ne(int, call, __NR_SCMP_ERROR), "%s", names[i]);
        cr_expect(not(allows(call)), "%s", names[i]);
        cr_expect(not(allows_with(call, UINT64_MAX, UINT64_MAX)), "%s", names[i]);
    }
    for (int call = 450; call < 2000; call++) /* what kernels will have learnt */
        cr_expect(not(allows(call)), "call %d", call);
}

Test(jail_filter, makes_no_namespace_and_traces_nobody) {
    static const uint64_t flags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                     CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET, CLONE_PTRACE};
    const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    cr_expect(allows_with(SCMP_SYS(clone), thread, 0));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        cr_expect(not(allows_with(SCMP_SYS(clone), flags[i], 0)), "flag %zu", i);
        cr_expect(not(allows_with(SCMP_SYS(clone), thread | flags[i], 0)), "flag %zu", i);
    }
}

static bool is_among(uint64_t value, const uint64_t *values, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (values[i] == value)
            return true;
    return false;
}

/* No locks, leases, owners, seals or sizes of pipes. */
Test(jail_filter, does_a_few_things_to_a_descriptor) {
    static const uint64_t commands[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,
                                        F_SETFD, F_GETFL,         F_SETFL};
    for (uint64_t command = 0; command < 2048; command++)
        cr_expect(eq(int, allows_with(SCMP_SYS(fcntl), 3, command), is_among(command, commands, 6)),
                  "fcntl %d", (int)command);
    static const uint64_t requests[] = {TCGETS, FIONREAD};
    for (uint64_t request = 0; request < 0x10000; request++)
        if (allows_with(SCMP_SYS(ioctl), 1, request) != is_among(request, requests, 2))
            cr_fail("ioctl 0x%x", (int)request);
}

Test(jail_filter, sets_nothing_of_its_process_but_how_it_dies) {
    for (uint64_t option = 0; option < 256; option++)
        cr_expect(eq(int, allows_with(SCMP_SYS(prctl), option, 0), option == PR_SET_PDEATHSIG),
                  "prctl %d", (int)option);
    cr_expect(allows_with(SCMP_SYS(prlimit64), 0, 0));
    cr_expect(not(allows_with(SCMP_SYS(prlimit64), 1, 0)), "of another process");
}

Test(jail_filter, knows_one_table_of_calls) {
    struct seccomp_data data = {.nr = SCMP_SYS(read), .arch = AUDIT_ARCH_X86_64};
    cr_expect(eq(u32, run(&data), SECCOMP_RET_ALLOW));
    data.arch = AUDIT_ARCH_I386;
    cr_expect(ne(u32, run(&data), SECCOMP_RET_ALLOW));
    data.arch = AUDIT_ARCH_X86_64;
    data.nr |= 0x40000000; /* x32 */
    cr_expect(ne(u32, run(&data), SECCOMP_RET_ALLOW));
}
