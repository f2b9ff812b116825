#include "hardware/cpu/cpu.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LIMIT_NS 2000000000ull
#define STACK_BYTES 65536u
#define PAGE 4096u

/* A candidate of two entries: one returns, one asks the kernel for its pid. */
struct probe_image {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    uint64_t table[4];
    uint8_t code[16];
};

static void make_image(struct probe_image *image) {
    const uint64_t code = HONE_WINDOW_START + PAGE;
    *image = (struct probe_image){
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
                   .e_type = ET_EXEC,
                   .e_machine = EM_X86_64,
                   .e_phoff = offsetof(struct probe_image, segments),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 2},
        .segments = {{.p_type = PT_LOAD,
                      .p_flags = PF_R,
                      .p_offset = offsetof(struct probe_image, table),
                      .p_vaddr = HONE_WINDOW_START,
                      .p_filesz = sizeof image->table,
                      .p_memsz = sizeof image->table},
                     {.p_type = PT_LOAD,
                      .p_flags = PF_R | PF_X,
                      .p_offset = offsetof(struct probe_image, code),
                      .p_vaddr = code,
                      .p_filesz = sizeof image->code,
                      .p_memsz = sizeof image->code}},
        .table = {HONE_ENTRIES_MAGIC, 2, code, code + 8},
        /* ret; at 8: mov $SYS_getpid, %eax; syscall; ret */
        .code = {0xc3, [8] = 0xb8, SYS_getpid, 0, 0, 0, 0x0f, 0x05, 0xc3},
    };
}

static int go(void *process, uint32_t entry, struct hone_go_result *result) {
    const struct hone_go go = {.size = sizeof go, .entry = entry, .count = 1, .limit_ns = LIMIT_NS};
    *result = (struct hone_go_result){.size = sizeof *result};
    return hone_cpu_process_go(process, &go, result);
}

/* A candidate runs, and with the filter it is stopped at its first call and the call is named. */
static int try_candidate(struct runner *runner, bool *wakes_here, struct hone_error *error) {
    struct probe_image image;
    struct hone_go_result result = {.size = sizeof result};
    void *process = NULL;
    make_image(&image);
    const struct hone_process_request request = {
        .size = sizeof request,
        .image = &image,
        .image_bytes = sizeof image,
        .stack_bytes = STACK_BYTES,
        .start_limit_ns = LIMIT_NS,
    };
    int failed = hone_cpu_process_start(runner, &request, &process, &result);
    if (failed == 0 && result.status == HONE_GO_DONE)
        failed = go(process, 0, &result);
    if (failed || result.status != HONE_GO_DONE) {
        hone_cpu_fail(error, -EIO, "%s", result.text[0] ? result.text : "a candidate does not run");
        failed = failed ? failed : -EIO;
    } else if (runner->features & HONE_FEATURE_FILTER) {
        *wakes_here = ((const struct process *)process)->wakes_here;
        failed = go(process, 1, &result);
        if (failed == 0 && (result.status != HONE_GO_FORBIDDEN || result.code != SYS_getpid))
            failed = hone_cpu_fail(error, -EIO, "a filtered candidate called getpid() unnoticed");
    }
    hone_cpu_process_stop(process);
    return failed;
}

/* Make a guest with these features and a candidate in it. On failure `*unfit` is the feature it
 * failed by. */
static int try_features(struct cpu *cpu, uint32_t features, uint32_t *got, bool *wakes_here,
                        uint32_t *unfit, struct hone_error *error) {
    struct runner *runner = NULL;
    int failed = hone_cpu_runner_open_with(cpu, features, &runner, unfit, error);
    if (failed)
        return failed;
    *got = runner->features;
    failed = try_candidate(runner, wakes_here, error);
    hone_cpu_runner_close(runner);
    if (failed)
        *unfit = features & HONE_FEATURE_FILTER;
    return failed;
}

/* `good` when it is there, else `bad` and the reason. */
static void note(struct cpu_level *level, bool there, const char *name, const char *good,
                 const char *bad, const char *reason) {
    struct cpu_note *next = &level->notes[level->note_count++];
    *next = (struct cpu_note){.there = there, .name = name};
    if (there)
        snprintf(next->text, sizeof next->text, "%s", good);
    else
        snprintf(next->text, sizeof next->text, "%s%s%.100s", bad, *reason ? ": " : "", reason);
}

/* Why features were given up, for the notes. */
struct reasons {
    struct hone_error filter, separate, uid;
};

/* The next weaker features after a failure by `unfit`; false: there are none. Root without the
 * privilege to make namespaces may still have those that anybody may make. */
static bool weaken(uint32_t *features, uint32_t unfit, const struct hone_error *error,
                   struct reasons *reasons) {
    if (unfit & *features & HONE_FEATURE_UID) {
        reasons->uid = *error;
        *features &= ~(uint32_t)HONE_FEATURE_UID;
    } else if (unfit & *features & HONE_FEATURE_FILTER) {
        reasons->filter = *error;
        *features &= ~(uint32_t)HONE_FEATURE_FILTER;
    } else if ((unfit & *features & HONE_FEATURE_SEPARATE) && !(*features & HONE_FEATURE_USER)) {
        *features |= HONE_FEATURE_USER;
    } else if (*features & HONE_FEATURE_SEPARATE) {
        reasons->separate = *error;
        *features &= ~(uint32_t)(HONE_FEATURE_SEPARATE | HONE_FEATURE_USER);
    } else if (*features) {
        reasons->uid = reasons->filter = *error;
        *features = 0;
    } else {
        return false;
    }
    return true;
}

static uint32_t strongest(char most, bool root, struct reasons *reasons) {
    uint32_t features = root ? HONE_FEATURE_UID : 0;
    snprintf(reasons->filter.text, sizeof reasons->filter.text, "turned off by the settings");
    reasons->separate = reasons->uid = reasons->filter;
    if (most <= 'C')
        features |= HONE_FEATURE_FILTER;
    if (most == 'A')
        features |= HONE_FEATURE_SEPARATE | (root ? 0 : HONE_FEATURE_USER);
    return features;
}

static char letter_of(uint32_t features, bool root) {
    if (!(features & HONE_FEATURE_FILTER))
        return 'F';
    if (!(features & HONE_FEATURE_SEPARATE))
        return 'C';
    return root && !(features & HONE_FEATURE_UID) ? 'B' : 'A';
}

static void describe(struct cpu_level *level, uint32_t got, bool root, bool wakes_here,
                     const struct reasons *reasons) {
    const bool filter = got & HONE_FEATURE_FILTER;
    note(level, filter, "filter", "candidates make no system call; any is named",
         "candidates make any system call, so they must be trusted", reasons->filter.text);
    note(level, got & HONE_FEATURE_SEPARATE, "namespaces",
         "guests have their own processes, mounts, network and ipc",
         "guests have none of their own", reasons->separate.text);
    note(level, !root || (got & HONE_FEATURE_UID), "uid",
         root ? "guests run as uid 60001 and up" : "guests run as this user, who is not root",
         "guests run as root, without its capabilities", reasons->uid.text);
    note(level, (got & HONE_FEATURE_NO_TSC) && (got & HONE_FEATURE_NO_VDSO), "clocks",
         "candidates can read no clock",
         "candidates can read one that the kernel does not take away",
         got & HONE_FEATURE_NO_TSC ? "its clock pages" : "the time-stamp counter");
    if (!filter)
        return;
    note(level, wakes_here, "wake-ups", "a go wakes its candidate on the same core",
         "a go may wake its candidate late", "Linux 6.6 is the first that does not");
    note(level, true, "cgroups",
         "not needed: once it is loaded a candidate can get no memory and no process", "", "");
}

void hone_cpu_level_find(struct cpu *cpu, char most) {
    struct cpu_level *level = &cpu->level;
    const bool root = geteuid() == 0;
    struct reasons reasons;
    struct hone_error error;
    uint32_t features = strongest(most, root, &reasons), got = 0, unfit = 0;
    bool wakes_here = false;
    *level = (struct cpu_level){.letter = 'F'};
    const char *failed = hone_cpu_filter_build(cpu);
    if (failed && (features & HONE_FEATURE_FILTER)) {
        hone_cpu_fail(&error, 0, "%s", failed);
        weaken(&features, HONE_FEATURE_FILTER, &error, &reasons);
    }
    while (try_features(cpu, features, &got, &wakes_here, &unfit, &error) &&
           weaken(&features, unfit, &error, &reasons))
        continue;
    level->features = features;
    level->letter = letter_of(features, root);
    describe(level, got, root, wakes_here, &reasons);
}
