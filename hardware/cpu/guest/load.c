#include "hardware/cpu/guest/load.h"

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096ull

static int refuse(char why[HONE_GUEST_TEXT_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(char why[HONE_GUEST_TEXT_SIZE], const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, HONE_GUEST_TEXT_SIZE, format, arguments);
    va_end(arguments);
    return -ENOEXEC;
}

static uint64_t page_up(uint64_t value) {
    return (value + PAGE - 1) & ~(PAGE - 1);
}

static bool overlaps(const struct hone_load_segment *a, const struct hone_load_segment *b) {
    return a->address < b->address + page_up(b->bytes) &&
           b->address < a->address + page_up(a->bytes);
}

static int add_segment(const Elf64_Phdr *header, uint64_t image_bytes, struct hone_load *load,
                       char *why) {
    if (header->p_memsz == 0)
        return header->p_filesz ? refuse(why, "a segment has more bytes in the file than in memory")
                                : 0;
    if (load->segment_count == HONE_LOAD_SEGMENTS_MAX)
        return refuse(why, "more than %d segments", HONE_LOAD_SEGMENTS_MAX);
    if (header->p_vaddr % PAGE)
        return refuse(why, "a segment at 0x%llx does not start on a page",
                      (unsigned long long)header->p_vaddr);
    if (header->p_vaddr < HONE_WINDOW_START || header->p_vaddr >= HONE_WINDOW_END ||
        header->p_memsz > HONE_WINDOW_END - header->p_vaddr)
        return refuse(why, "a segment at 0x%llx of 0x%llx bytes leaves the candidate's window",
                      (unsigned long long)header->p_vaddr, (unsigned long long)header->p_memsz);
    if (header->p_filesz > header->p_memsz)
        return refuse(why, "a segment has more bytes in the file than in memory");
    /* A segment without bytes in the file has an offset all the same, which may lie past its end.
     */
    if (header->p_filesz &&
        (header->p_offset > image_bytes || header->p_filesz > image_bytes - header->p_offset))
        return refuse(why, "a segment reaches past the end of the file");
    if (header->p_flags & ~(uint32_t)(PF_R | PF_W | PF_X))
        return refuse(why, "a segment has unknown flags 0x%x", header->p_flags);
    if ((header->p_flags & PF_W) && (header->p_flags & PF_X))
        return refuse(why, "a segment is writable and executable");

    struct hone_load_segment segment = {
        .address = header->p_vaddr,
        .bytes = header->p_memsz,
        .offset = header->p_filesz ? header->p_offset : 0,
        .file_bytes = header->p_filesz,
        .protection = PROT_READ | (header->p_flags & PF_W ? PROT_WRITE : 0) |
                      (header->p_flags & PF_X ? PROT_EXEC : 0),
    };
    for (uint32_t i = 0; i < load->segment_count; i++)
        if (overlaps(&load->segments[i], &segment))
            return refuse(why, "two segments overlap at 0x%llx",
                          (unsigned long long)segment.address);
    load->segments[load->segment_count++] = segment;
    load->memory_bytes += page_up(segment.bytes);
    return 0;
}

/* Shared memory begins as zeros, so it has no bytes in the file: what is told is its size alone. */
static int note_shared(const Elf64_Phdr *header, struct hone_load *load, char *why) {
    if (load->shared_bytes)
        return refuse(why, "more than one thread-local segment");
    if (header->p_filesz)
        return refuse(why, "its shared memory has initial values");
    if (header->p_memsz == 0 || header->p_memsz > HONE_SHARED_BYTES + HONE_SHARED_SPARE ||
        header->p_memsz % PAGE || header->p_align > PAGE)
        return refuse(why, "0x%llx bytes of shared memory on 0x%llx",
                      (unsigned long long)header->p_memsz, (unsigned long long)header->p_align);
    load->shared_bytes = header->p_memsz;
    return 0;
}

static int note_checking(const Elf64_Phdr *header, uint64_t image_bytes, struct hone_load *load,
                         char *why) {
    if (load->checking_bytes)
        return refuse(why, "more than one checking build");
    if (header->p_offset > image_bytes || header->p_filesz > image_bytes - header->p_offset)
        return refuse(why, "the checking build reaches past the end of the file");
    load->checking_offset = header->p_offset;
    load->checking_bytes = header->p_filesz;
    return 0;
}

static int check_header(const Elf64_Ehdr *header, uint64_t image_bytes, char *why) {
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB)
        return refuse(why, "not a 64-bit little-endian ELF file");
    if (header->e_type != ET_EXEC || header->e_machine != EM_X86_64)
        return refuse(why, "not a program for x86-64 at a fixed address");
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 || header->e_phnum > 16)
        return refuse(why, "%u program headers of %u bytes", header->e_phnum, header->e_phentsize);
    uint64_t table_bytes = header->e_phnum * sizeof(Elf64_Phdr);
    if (header->e_phoff > image_bytes || table_bytes > image_bytes - header->e_phoff)
        return refuse(why, "the program headers reach past the end of the file");
    return 0;
}

static bool is_code(const struct hone_load *load, uint64_t address) {
    for (uint32_t i = 0; i < load->segment_count; i++) {
        const struct hone_load_segment *segment = &load->segments[i];
        if ((segment->protection & PROT_EXEC) && address >= segment->address &&
            address - segment->address < segment->bytes)
            return true;
    }
    return false;
}

static int read_entries(const uint8_t *image, struct hone_load *load, char *why) {
    const struct hone_load_segment *first = NULL;
    for (uint32_t i = 0; i < load->segment_count; i++)
        if (load->segments[i].address == HONE_WINDOW_START)
            first = &load->segments[i];
    uint64_t head[2];
    if (!first || first->file_bytes < sizeof head)
        return refuse(why, "no entry table at 0x%llx", HONE_WINDOW_START);
    memcpy(head, image + first->offset, sizeof head);
    load->calls_library = head[0] == HONE_LIBRARY_MAGIC;
    if (head[0] != HONE_ENTRIES_MAGIC && head[0] != HONE_BLOCKS_MAGIC && !load->calls_library)
        return refuse(why, "the entry table at 0x%llx has the wrong magic", HONE_WINDOW_START);
    if (head[0] != HONE_BLOCKS_MAGIC && load->shared_bytes)
        return refuse(why, "it has thread-local variables");
    if (head[1] == 0 || head[1] > HONE_ENTRIES_MAX ||
        head[1] > (first->file_bytes - sizeof head) / sizeof(uint64_t))
        return refuse(why, "the entry table claims %llu entries", (unsigned long long)head[1]);
    load->entry_count = (uint32_t)head[1];
    memcpy(load->entries, image + first->offset + sizeof head,
           load->entry_count * sizeof(uint64_t));
    for (uint32_t i = 0; i < load->entry_count; i++)
        if (!is_code(load, load->entries[i]))
            return refuse(why, "entry %u at 0x%llx is not in an executable segment", i,
                          (unsigned long long)load->entries[i]);
    return 0;
}

int hone_load_plan(const void *image, uint64_t image_bytes, struct hone_load *load,
                   char why[HONE_GUEST_TEXT_SIZE]) {
    const uint8_t *bytes = image;
    Elf64_Ehdr header;
    *load = (struct hone_load){0};
    why[0] = '\0';
    if (image_bytes < sizeof header)
        return refuse(why, "%llu bytes are no ELF file", (unsigned long long)image_bytes);
    memcpy(&header, bytes, sizeof header);
    int result = check_header(&header, image_bytes, why);
    for (uint32_t i = 0; result == 0 && i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        memcpy(&segment, bytes + header.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == PT_LOAD)
            result = add_segment(&segment, image_bytes, load, why);
        else if (segment.p_type == PT_TLS)
            result = note_shared(&segment, load, why);
        else if (segment.p_type == HONE_CHECKING_SEGMENT)
            result = note_checking(&segment, image_bytes, load, why);
        else if (segment.p_type == PT_DYNAMIC || segment.p_type == PT_INTERP)
            result = refuse(why, "it is dynamically linked");
    }
    return result ? result : read_entries(bytes, load, why);
}

/* Anonymous memory rather than a map of the file: offsets need not be congruent, and nothing that
 * is executable has a descriptor behind it. */
static int map_segment(const struct hone_load_segment *segment, const uint8_t *image,
                       bool populate) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    void *wanted = (void *)(uintptr_t)segment->address; /* NOLINT: a fixed address */
    size_t bytes = page_up(segment->bytes);
    void *memory =
        mmap(wanted, bytes, PROT_READ | PROT_WRITE, flags | (populate ? MAP_POPULATE : 0), -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    if (memory != wanted)
        return -EEXIST;
    memcpy(memory, image + segment->offset, segment->file_bytes);
    return mprotect(memory, bytes, segment->protection) ? -errno : 0;
}

int hone_load_map(const struct hone_load *load, const void *image, bool populate) {
    for (uint32_t i = 0; i < load->segment_count; i++) {
        int result = map_segment(&load->segments[i], image, populate);
        if (result)
            return result;
    }
    return 0;
}
