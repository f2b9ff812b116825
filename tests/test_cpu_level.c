/* Confinement is found by making it: what a machine forbids costs a level, and says so. */
#include "tests/cpu_run.h"
#include "tests/orphan.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define NOBODY 65534

TestSuite(cpu_level, .timeout = 60);

static char letter(void) {
    struct hone_device device = {.size = sizeof device};
    cr_assert(eq(int, bench.ops->describe(bench.self, 0, &device), 0));
    return device.confinement[0];
}

/* The feature of that name; fails without one. */
static struct hone_feature feature(const char *name) {
    struct hone_feature found = {.size = sizeof found};
    for (uint32_t i = 0; !bench.ops->features(bench.self, 0, i, &found); i++)
        if (strcmp(found.name, name) == 0)
            return found;
    return (struct hone_feature){0};
}

/* What a process found that some things were forbidden to first. */
struct finding {
    char letter;
    bool runs, names; /* a candidate, and the system call that it made */
    char text[192];   /* of one feature */
};

static void look(const char *name, struct finding *finding) {
    struct hone_error error = {""};
    struct cpu_build build;
    struct hone_go_result result = {0};
    void *process = NULL;
    snprintf(finding->text, sizeof finding->text, "it does not open");
    if (!cpu_open(&bench, true, &error)) {
        snprintf(finding->text, sizeof finding->text, "%.190s", error.text);
        return;
    }
    finding->letter = letter();
    snprintf(finding->text, sizeof finding->text, "%s", feature(name).text);
    cpu_compile(&bench,
                CPU_CALL CPU_SOLVE "{ (void)x, (void)alpha; y[0] = (float)n;"
                                   " if (n == 2) call(39, 0, 0, 0, 0, 0, 0); }",
                "", &build);
    if (cpu_start(&bench, &build, &process, &result) == 0 && process) {
        cpu_go(&bench, process, 1, 0, SECOND, &result);
        finding->runs = result.status == HONE_GO_DONE && bench.output[0] == 1.0f;
        cpu_go(&bench, process, 2, 0, SECOND, &result);
        finding->names = result.status == HONE_GO_FORBIDDEN && strstr(result.text, "getpid");
        bench.ops->process_stop(process);
    }
    cpu_close(&bench);
}

/* Look in a process that `forbid` has prepared. It must be able to: else the test is skipped. */
static struct finding find_after(bool (*forbid)(void), const char *name) {
    struct finding *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t self = getpid(), child = fork();
    int status = -1;
    if (child == 0) {
        hone_test_die_with(self);
        if (!forbid())
            _exit(2);
        look(name, shared);
        _exit(0);
    }
    waitpid(child, &status, 0);
    struct finding finding = *shared;
    munmap(shared, sizeof *shared);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        cr_skip_test("this user cannot prepare the process");
    cr_assert(eq(int, status, 0), "%s", finding.text);
    return finding;
}

static bool filter(struct sock_filter *code, size_t count) {
    struct sock_fprog program = {.len = (unsigned short)count, .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define DENY(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* As containers do: no namespaces, no clone3, and no call that is new or unknown. */
static bool forbid_namespaces(void) {
    struct sock_filter code[] = {
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1000, 0, 1),
        DENY(EPERM),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        DENY(ENOSYS),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 3),
        DENY(EPERM),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
                 CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUSER, 1, 0),
        ALLOW,
        DENY(EPERM),
    };
    return filter(code, sizeof code / sizeof *code);
}

static bool forbid_filters(void) {
    struct sock_filter code[] = {
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        DENY(EINVAL),
        ALLOW,
    };
    return filter(code, sizeof code / sizeof *code);
}

static bool write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool written = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return written;
}

/* Root of a namespace in which there is no other user. */
static bool forbid_uids(void) {
    return geteuid() == 0 && unshare(CLONE_NEWUSER) == 0 &&
           write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", "0 0 1") && write_file("/proc/self/gid_map", "0 0 1");
}

static bool forbid_nothing(void) {
    return true;
}

static bool forbid_privilege(void) {
    return geteuid() != 0 || (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
                              setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

/* Namespaces for everybody are a choice of the machine's owner. */
static bool are_namespaces_for_everybody(void) {
    pid_t child = fork();
    int status = -1;
    if (child == 0)
        _exit(!forbid_privilege() || unshare(CLONE_NEWUSER | CLONE_NEWNS) ? 1 : 0);
    waitpid(child, &status, 0);
    return status == 0;
}

Test(cpu_level, is_a_where_everything_can_be_had) {
    if (geteuid() && !are_namespaces_for_everybody())
        cr_skip_test("no namespaces for this user");
    struct finding finding = find_after(forbid_nothing, "namespaces");
    cr_expect(eq(chr, finding.letter, 'A'), "%s", finding.text);
    cr_expect(finding.runs);
    cr_expect(finding.names);
}

Test(cpu_level, is_a_for_an_unprivileged_user_too) {
    if (!are_namespaces_for_everybody())
        cr_skip_test("no namespaces for unprivileged users");
    struct finding finding = find_after(forbid_privilege, "uid");
    cr_expect(eq(chr, finding.letter, 'A'), "%s", finding.text);
    cr_expect(finding.runs);
    cr_expect(finding.names);
}

Test(cpu_level, is_b_where_root_has_no_other_uid_to_give) {
    struct finding finding = find_after(forbid_uids, "uid");
    cr_expect(eq(chr, finding.letter, 'B'), "%s", finding.text);
    cr_expect(ne(ptr, strstr(finding.text, "setresuid"), NULL), "%s", finding.text);
    cr_expect(finding.runs);
    cr_expect(finding.names);
}

Test(cpu_level, is_c_where_a_container_forbids_namespaces) {
    struct finding finding = find_after(forbid_namespaces, "namespaces");
    cr_expect(eq(chr, finding.letter, 'C'), "%s", finding.text);
    cr_expect(ne(ptr, strstr(finding.text, "not permitted"), NULL), "%s", finding.text);
    cr_expect(finding.runs);
    cr_expect(finding.names);
}

Test(cpu_level, is_f_where_no_filter_can_be_had) {
    struct finding finding = find_after(forbid_filters, "filter");
    cr_expect(eq(chr, finding.letter, 'F'), "%s", finding.text);
    cr_expect(ne(ptr, strstr(finding.text, "filter"), NULL), "%s", finding.text);
    cr_expect(finding.runs);
    cr_expect(not(finding.names));
}

static bool open_then_forbid(void) {
    struct hone_error error;
    void *runner = NULL;
    if (!cpu_open(&bench, false, &error) || letter() > 'B' || !forbid_namespaces())
        return false;
    _exit(bench.ops->runner_open(bench.self, 0, &runner, &error) < 0 && !runner ? 0 : 1);
}

Test(cpu_level, is_never_undercut_by_a_later_guest) {
    find_after(open_then_forbid, "namespaces"); /* which asserts that the process ended well */
}

static void set_up(void) {
    struct hone_error error;
    cr_assert(cpu_open(&bench, true, &error), "%s", error.text);
}

static void tear_down(void) {
    cpu_close(&bench);
}

Test(cpu_level, tells_what_it_is_made_of, .init = set_up, .fini = tear_down) {
    static const char *const names[] = {"filter", "namespaces", "uid", "clocks"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect(ne(str, feature(names[i]).text, ""), "%s", names[i]);
    int filtered = feature("filter").there != 0, strong = letter() <= 'C';
    cr_expect(eq(int, filtered, strong));
    struct hone_feature none = {.size = sizeof none};
    cr_expect(eq(int, bench.ops->features(bench.self, 0, 1000, &none), -ENOENT));
    cr_expect(eq(int, bench.ops->features(bench.self, 1, 0, &none), -ENODEV));
}

/* The kernel lets these two pass every filter, for uprobes; elsewhere they fail or crash. */
#define URETPROBE 335
#define UPROBE 336

Test(cpu_level, forbids_every_system_call_but_one, .init = set_up, .fini = tear_down) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process;
    if (letter() > 'C')
        cr_skip_test("no filter here");
    cpu_compile(&bench,
                CPU_CALL CPU_SOLVE "{ (void)x, (void)alpha; y[0] = (float)call(n, 0, 0, 0, "
                                   "0, 0, 0); }",
                "", &build);
    for (int call = 0; call < 600; call++) {
        cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), 0), "%s", result.text);
        cr_assert(eq(int, cpu_go(&bench, process, call, 0, SECOND, &result), 0));
        if (call == SYS_exit_group) {
            cr_expect(eq(u32, result.status, HONE_GO_EXITED));
        } else if (call == URETPROBE || call == UPROBE) {
            int useless = result.status == HONE_GO_FORBIDDEN || result.status == HONE_GO_CRASHED ||
                          bench.output[0] < 0;
            cr_expect(useless, "call %d", call);
        } else {
            cr_expect(eq(u32, result.status, HONE_GO_FORBIDDEN), "call %d", call);
            cr_expect(eq(int, result.code, call));
        }
        bench.ops->process_stop(process);
    }
    hone_jail_finish(&build.jail);
}

/* The thread that measures does without its time-stamp counter and its signals during a go. */
Test(cpu_level, gives_the_measuring_thread_back_what_it_lends, .init = set_up, .fini = tear_down) {
    struct cpu_build build;
    struct hone_go_result result;
    sigset_t before, after;
    struct timespec now;
    int tsc = 0;
    sigemptyset(&before);
    sigaddset(&before, SIGUSR1);
    cr_assert(eq(int, sigprocmask(SIG_BLOCK, &before, NULL), 0));
    sigprocmask(SIG_SETMASK, NULL, &before);
    void *process = start_source(
        CPU_SOLVE "{ (void)x, (void)n, (void)alpha; *(volatile float *)y = 1; }", "", &build);
    cr_assert(eq(int, cpu_go(&bench, process, 0, 0, SECOND, &result), 0));
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int i = 1; i < 32; i++)
        cr_expect(eq(int, sigismember(&after, i), sigismember(&before, i)), "signal %d", i);
    cr_expect(eq(int, prctl(PR_GET_TSC, &tsc), 0));
    cr_expect(eq(int, tsc, PR_TSC_ENABLE));
    cr_expect(eq(int, clock_gettime(CLOCK_MONOTONIC, &now), 0));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}

/* Who splits itself could write into the output of whoever is measured next. */
Test(cpu_level, leaves_no_process_that_could_write_later, .init = set_up, .fini = tear_down) {
    static const int calls[] = {SYS_fork, SYS_vfork, SYS_clone, SYS_clone3};
    struct cpu_build build;
    struct hone_go_result result;
    if (letter() > 'C')
        cr_skip_test("no filter here");
    pid_t guest = first_child(getpid());
    cr_assert(lt(int, 0, guest));
    void *process =
        start_source(CPU_CALL CPU_SOLVE "{ (void)x, (void)alpha; call(n, (long)x, 88, 0, 0, 0, 0);"
                                        " for (;;) *(volatile float *)y = 1; }",
                     "", &build);
    cr_expect(lt(int, 0, first_child(guest)));
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        bench.output[0] = -1;
        cr_assert(eq(int, cpu_go(&bench, process, calls[i], 0, SECOND, &result), 0));
        cr_expect(eq(u32, result.status, HONE_GO_FORBIDDEN));
        cr_expect(zero(int, first_child(guest)), "call %d", calls[i]);
        cr_expect(eq(flt, bench.output[0], -1.0f));
        bench.ops->process_stop(process);
        cr_assert(eq(int, cpu_start(&bench, &build, &process, &result), 0));
    }
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
}
