#include "hardware/cpu/guest/child.h"
#include "hardware/cpu/guest/load.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ull
#define GUARD_BYTES (1ull << 20) /* below the stack: a large frame must not step over it */
#define HUGE_PAGE (2ull << 20)

/* A CUDA image takes this for its own thread-local segment. The linker puts it first, as the most
 * aligned, and the guest's and libc's variables behind it. */
static _Thread_local char shared_memory[HONE_SHARED_BYTES] __attribute__((aligned(4096)));

struct serving {
    struct hone_load load;
    const uint64_t *words;
};

/* Loading ends here: the supervisor is told why, over the guest's socket. */
static _Noreturn void give_up(const struct hone_guest_start *start, enum hone_guest_reply_kind kind,
                              int code, const char *text) {
    struct hone_guest_reply reply = {.id = start->id, .kind = kind, .status = -code};
    snprintf(reply.text, sizeof reply.text, "%s", text);
    hone_reply(&reply, -1);
    _exit(1);
}

static void require(const struct hone_guest_start *start, int result, const char *what) {
    if (result)
        give_up(start, HONE_REPLY_BROKEN, result, what);
}

/* Whatever the last call left in the control registers, every call starts from round-to-nearest, no
 * flush to zero, 64-bit mantissa, all exceptions masked. */
static inline void reset_floating_point(void) {
    static const uint32_t mxcsr = 0x1f80;
    static const uint16_t control = 0x037f;
    __asm__ volatile("fninit\n\tfldcw %0\n\tldmxcsr %1" : : "m"(control), "m"(mxcsr));
}

static bool fits(const struct serving *serving, const struct hone_guest_go *go) {
    uint64_t limit = HONE_WORDS_BYTES / sizeof(uint64_t);
    return go->entry < serving->load.entry_count && go->word_count <= limit &&
           (!go->word_count || go->count <= limit / go->word_count);
}

static void call(const struct serving *serving, const struct hone_guest_go *go) {
    void (*entry)(const uint64_t *) =
        (void (*)(const uint64_t *))(uintptr_t)serving->load.entries[go->entry];
    for (uint32_t i = 0; i < go->count; i++) {
        reset_floating_point();
        entry(serving->words + (size_t)i * go->word_count);
    }
}

static _Noreturn void serve(void *argument) {
    const struct serving *serving = argument;
    struct hone_guest_done done = {.kind = HONE_DONE_READY};
    for (;;) {
        struct hone_guest_go go;
        hone_done_park(&done, &go);
        if (!fits(serving, &go))
            hone_done_final(&(struct hone_guest_done){.kind = HONE_DONE_UNFIT});
        call(serving, &go);
        done.kind = HONE_DONE_CALLED;
        done.sequence = go.sequence;
    }
}

static int map_exactly(uint64_t address, uint64_t bytes, int protection, int fd, uint64_t offset) {
    void *wanted = (void *)(uintptr_t)address; /* NOLINT: the host chose it */
    void *memory = mmap(wanted, bytes, protection, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE,
                        fd, (off_t)offset);
    if (memory == MAP_FAILED)
        return -errno;
    return memory == wanted ? 0 : -EEXIST;
}

static void map_regions(const struct hone_guest_start *start, const int *fds) {
    for (uint32_t i = 0; i < start->region_count; i++) {
        const struct hone_guest_region *region = &start->regions[i];
        int protection = region->writable ? PROT_READ | PROT_WRITE : PROT_READ;
        int result = map_exactly(region->address, region->bytes, protection, fds[region->fd_index],
                                 region->offset);
        if (result) {
            char text[HONE_GUEST_TEXT_SIZE];
            snprintf(text, sizeof text, "cannot map region %u at 0x%llx: %s", i,
                     (unsigned long long)region->address, strerror(-result));
            give_up(start, HONE_REPLY_BROKEN, result, text);
        }
    }
}

static void load_image(const struct hone_guest_setup *setup, const struct hone_guest_start *start,
                       int fd, struct hone_load *load) {
    const bool has_library = setup->features & HONE_FEATURE_LIBRARY;
    char why[HONE_GUEST_TEXT_SIZE];
    void *image = mmap(NULL, start->image_bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (image == MAP_FAILED)
        give_up(start, HONE_REPLY_BROKEN, -errno, "cannot map the image");
    if (hone_load_plan(image, start->image_bytes, load, why))
        give_up(start, HONE_REPLY_REFUSED, 0, why);
    const uint8_t *part = image;
    if (start->checking && load->checking_bytes) {
        const uint64_t bytes = load->checking_bytes;
        part += load->checking_offset;
        if (hone_load_plan(part, bytes, load, why))
            give_up(start, HONE_REPLY_REFUSED, 0, why);
    }
    if (load->calls_library != has_library)
        give_up(start, HONE_REPLY_REFUSED, 0,
                has_library ? "it is not built against the library of this guest"
                            : "it is built against a library, which only baselines may call");
    uint64_t limit = start->memory_limit_bytes;
    if (limit && (start->stack_bytes > limit || load->memory_bytes > limit - start->stack_bytes)) {
        snprintf(why, sizeof why,
                 "static data and code need %llu bytes, more than the limit of %llu",
                 (unsigned long long)load->memory_bytes,
                 (unsigned long long)(limit -
                                      (start->stack_bytes > limit ? limit : start->stack_bytes)));
        give_up(start, HONE_REPLY_REFUSED, 0, why);
    }
    require(start, hone_load_map(load, part, !start->untimed), "cannot map the image's segments");
    munmap(image, start->image_bytes);
}

/* What the guest itself has to run, trusted as it is. */
static void load_own(const struct hone_guest_start *start, void (*own)(const uint64_t *words),
                     struct hone_load *load) {
    if (!own)
        give_up(start, HONE_REPLY_REFUSED, 0, "there is no image");
    *load = (struct hone_load){.entry_count = 1, .entries = {(uint64_t)(uintptr_t)own}};
}

/* The image counts its shared memory from the thread pointer down, and so must find it there. */
static int find_shared(uint64_t bytes) {
    const char *thread = __builtin_thread_pointer();
    const char *lowest = thread - bytes;
    if (bytes == 0)
        return 0;
    if (lowest < shared_memory || thread - HONE_SHARED_SPARE > shared_memory + sizeof shared_memory)
        return -EPROTO;
    memset(shared_memory, 0, sizeof shared_memory);
    return 0;
}

/* All pages, in huge ones where they can be had: 0.4 ms for 8 MB instead of 3. */
static void populate(char *from, uint64_t bytes) {
    madvise(from, bytes, MADV_HUGEPAGE); /* a kernel without: small pages */
    if (madvise(from, bytes, MADV_POPULATE_WRITE))
        for (char *page = from + bytes - PAGE; page >= from; page -= PAGE)
            *(volatile char *)page = 0;
}

/* A stack of its own: its size is exact, its pages are there before a clock runs, and below it is
 * nothing. Returns its top, and its size in whole pages. */
static char *make_stack(const struct hone_guest_start *start, uint64_t *size) {
    const uint64_t bytes = *size = (start->stack_bytes + PAGE - 1) & ~(PAGE - 1);
    char *memory = mmap(NULL, GUARD_BYTES + bytes + HUGE_PAGE, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        give_up(start, HONE_REPLY_BROKEN, -errno, "cannot reserve the stack");
    uint64_t end =
        ((uint64_t)(uintptr_t)memory + GUARD_BYTES + bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    char *top = memory + (end - (uint64_t)(uintptr_t)memory);
    if (mprotect(top - bytes, bytes, PROT_READ | PROT_WRITE))
        give_up(start, HONE_REPLY_BROKEN, -errno, "cannot map the stack");
    if (!start->untimed)
        populate(top - bytes, bytes);
    return top;
}

static _Noreturn void switch_stack(char *top, struct serving *serving) {
    __asm__ volatile("mov %0, %%rsp\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "call *%1\n\t"
                     "ud2"
                     :
                     : "r"(top), "r"(serve), "D"(serving)
                     : "memory");
    __builtin_unreachable();
}

static int map_blocks(const struct hone_guest_start *start, const int *fds) {
    int result = map_exactly(HONE_CONTROL_ADDRESS, HONE_CONTROL_BYTES, PROT_READ,
                             fds[HONE_FD_WORDS], start->words_offset);
    return result ? result
                  : map_exactly(HONE_REPORT_ADDRESS, HONE_REPORT_BYTES, PROT_READ | PROT_WRITE,
                                fds[HONE_FD_REPORT], start->report_offset);
}

_Noreturn void hone_child_run(const struct hone_guest_setup *setup,
                              const struct hone_guest_start *start, const int *fds,
                              void (*own)(const uint64_t *words)) {
    static struct serving serving; /* on no stack: serve() runs on another */
    const char *what;
    map_regions(start, fds);
    require(start,
            map_exactly(HONE_WORDS_ADDRESS, HONE_WORDS_BYTES, PROT_READ, fds[HONE_FD_WORDS],
                        start->words_offset + HONE_CONTROL_BYTES),
            "cannot map the words");
    if (start->blocks)
        require(start, map_blocks(start, fds), "cannot map the pages of a CUDA image");
    serving.words = (const uint64_t *)(uintptr_t)HONE_WORDS_ADDRESS;
    if (start->image_bytes)
        load_image(setup, start, fds[HONE_FD_IMAGE], &serving.load);
    else
        load_own(start, own, &serving.load);
    require(start, find_shared(serving.load.shared_bytes), "cannot place the shared memory");
    uint64_t stack_bytes;
    char *top = make_stack(start, &stack_bytes);
    require(start, hone_fault_install(top - stack_bytes), "cannot install the fault handler");
    if (setup->features & HONE_FEATURE_FILTER) {
        require(start, hone_confine(setup, start->id, &what), what);
    } else {
        hone_done_by_pipes();
        int result = hone_confine_by_pipes(fds[HONE_FD_GO], fds[HONE_FD_DONE], &what);
        if (result)
            _exit(1); /* the socket may be gone already */
    }
    switch_stack(top, &serving);
}
