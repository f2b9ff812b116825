#include "hardware/cpu/cpu.h"

#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a candidate may have wanted, and where to get it. A name ends with '*' when it is the start
 * of many; the first that fits is it. */
static const struct {
    const char *name;
    const char *instead;
} advice[] = {
    {"open*", "the arguments hold all the data there is"},
    {"creat", "the arguments hold all the data there is"},
    {"read*", "the arguments hold all the data there is"},
    {"pread*", "the arguments hold all the data there is"},
    {"stat*", "the arguments hold all the data there is"},
    {"socket*", "the arguments hold all the data there is"},
    {"memfd_*", "take memory from a static array"},
    {"mmap", "take memory from a static array"},
    {"mremap", "take memory from a static array"},
    {"munmap", "take memory from a static array"},
    {"madvise", "take memory from a static array"},
    {"brk", "take memory from a static array"},
    {"mprotect", "code and constants stay as they were loaded"},
    {"pkey_*", "code and constants stay as they were loaded"},
    {"clone*", "a candidate has one core: use vector code"},
    {"fork", "a candidate has one core: use vector code"},
    {"vfork", "a candidate has one core: use vector code"},
    {"futex*", "a candidate has one core: use vector code"},
    {"sched_*", "a candidate has one core: use vector code"},
    {"exec*", "put the code into the source"},
    {"write*", "results go into the output arguments"},
    {"pwrite*", "results go into the output arguments"},
    {"clock_*", "the observation carries the times"},
    {"gettimeofday", "the observation carries the times"},
    {"time*", "the observation carries the times"},
    {"nanosleep", "the observation carries the times"},
    {"exit", "return from the kernel"},
    {"kill", "return from the kernel"},
    {"tgkill", "return from the kernel"},
};

static const char *find_advice(const char *name) {
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++) {
        size_t length = strcspn(advice[i].name, "*");
        bool is_start = advice[i].name[length] == '*';
        if (strncmp(advice[i].name, name, length) == 0 && (is_start || !name[length]))
            return advice[i].instead;
    }
    return "a kernel only computes";
}

void hone_cpu_filter_name(int call, char text[HONE_CPU_TEXT_SIZE]) {
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, call);
    char number[32];
    snprintf(number, sizeof number, "number %d", call);
    const char *known = name ? name : number;
    snprintf(text, HONE_CPU_TEXT_SIZE, "%.40s (%s)", known, find_advice(known));
    free(name);
}

/* Whoever calls what is not named here stops and is told on. */
static const char *add_rules(scmp_filter_ctx context) {
    /* Written out: the macros for it leave a field to chance, as clang sees it. */
    const struct scmp_arg_cmp send[] = {
        {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = HONE_GUEST_SOCKET},
        {.arg = 5, .op = SCMP_CMP_EQ, .datum_a = HONE_PARTING_MAGIC}};
    const struct scmp_arg_cmp close[] = {
        {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = 0},
        {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = UINT32_MAX},
        {.arg = 5, .op = SCMP_CMP_EQ, .datum_a = HONE_PARTING_MAGIC}};
    if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS))
        return "libseccomp cannot kill what calls under another ABI";
    if (seccomp_rule_add_exact(context, SCMP_ACT_ALLOW, SCMP_SYS(exit_group), 0) ||
        seccomp_rule_add_exact_array(context, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 2, send) ||
        seccomp_rule_add_exact_array(context, SCMP_ACT_ALLOW, SCMP_SYS(close_range), 3, close))
        return "libseccomp cannot make the filter";
    return NULL;
}

static const char *export(scmp_filter_ctx context, struct cpu *cpu) {
    _Static_assert(sizeof(struct sock_filter) == sizeof *cpu->filter, "one instruction");
    int file = memfd_create("hone-filter", MFD_CLOEXEC);
    ssize_t got = -1;
    if (file >= 0 && seccomp_export_bpf(context, file) == 0)
        got = pread(file, cpu->filter, sizeof cpu->filter, 0);
    if (file >= 0)
        close(file);
    if (got <= 0 || got == (ssize_t)sizeof cpu->filter)
        return "libseccomp cannot write the filter";
    cpu->filter_count = (uint32_t)((size_t)got / sizeof *cpu->filter);
    return NULL;
}

const char *hone_cpu_filter_build(struct cpu *cpu) {
    cpu->filter_count = 0;
    if (seccomp_arch_native() != SCMP_ARCH_X86_64)
        return "this is not x86-64";
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_NOTIFY);
    if (!context)
        return "the kernel has no filters with user notification";
    const char *failed = add_rules(context);
    failed = failed ? failed : export(context, cpu);
    seccomp_release(context);
    return failed;
}
